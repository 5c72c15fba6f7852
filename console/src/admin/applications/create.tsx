import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../../api/context";
import { Input, Select } from "../../ui/field";
import { useToasts } from "../../ui/toast";
import { Making } from "../asking";
import { Lines } from "../fields";
import { Mistakes } from "../mistakes";
import { changed, create, know, withoutSecret } from "./api";
import { paths, taken } from "./paths";
import { Secret } from "./secret";

/** Create makes an application, tells its secret, and goes to its page. */
export function Create({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [kind, setKind] = useState("public");
  const [callbackURLs, setCallbackURLs] = useState<string[]>([]);
  const [accessUrl, setAccessUrl] = useState("");
  const [told, setTold] = useState<{ id: string; secret: string }>();
  const making = useMutation({
    mutationFn: async () => {
      const oidc = { publicClient: kind === "public", callbackURLs };
      const answer = await create(client, { name: name.trim(), accessUrl: accessUrl.trim(), inboundProtocolConfiguration: { oidc } });
      const made = withoutSecret(answer.data);
      know(queries, made, answer.etag);
      const secret = answer.data.inboundProtocolConfiguration.oidc.clientSecret;
      if (secret) setTold({ id: made.id, secret }); // kept in no cache
      return made;
    },
    onSuccess: ({ id, name, inboundProtocolConfiguration: { oidc } }) => {
      void changed(queries);
      toasts.say(`${name} is there.`);
      if (oidc.publicClient) navigate(`/applications/${id}`);
    },
  });
  const mistakes = new Mistakes(making.error, Object.values(paths), taken);
  if (told) return <Secret secret={told.secret} onClose={() => navigate(`/applications/${told.id}`)} />;
  return (
    <Making
      title="New application"
      label="Create"
      running={making.isPending}
      mistake={mistakes.rest}
      onSubmit={() => making.mutate()}
      onClose={onClose}
    >
      <Input label="Name" required value={name} mistake={mistakes.at(paths.name)} onChange={({ target }) => setName(target.value)} />
      <Select
        label="Kind of client"
        value={kind}
        mistake={mistakes.at(paths.publicClient)}
        hint={kinds.find((one) => one.value === kind)?.hint}
        options={kinds}
        onChange={({ target }) => setKind(target.value)}
      />
      <Lines
        label="Redirect URIs"
        hint="Where people come back to when they have signed in. One on each line, exactly as the application sends it."
        value={callbackURLs}
        mistake={mistakes.at(paths.callbackURLs)}
        onChange={setCallbackURLs}
      />
      <Input
        label="Access URL"
        optional
        type="url"
        hint="Where people go to use it."
        value={accessUrl}
        mistake={mistakes.at(paths.accessUrl)}
        onChange={({ target }) => setAccessUrl(target.value)}
      />
    </Making>
  );
}

/** The kinds of clients there are (RFC 6749, 2.1). */
export const kinds = [
  { value: "public", label: "Public", hint: "Runs in a browser or on a phone, where no secret can be kept. It proves itself by PKCE." },
  { value: "confidential", label: "Confidential", hint: "Runs on a server, which keeps a secret." },
];
