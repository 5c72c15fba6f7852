import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../../api/context";
import { Input } from "../../ui/field";
import { useToasts } from "../../ui/toast";
import { Making } from "../asking";
import { Mistakes } from "../mistakes";
import { changed, create, know } from "./api";
import { Endpoint } from "./endpoint";
import { pathsOf, type Shown, taken } from "./shown";

/** Create makes an extension that may see and change nothing yet. */
export function Create({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [value, setValue] = useState<Pick<Shown, "name" | "uri" | "type" | "properties">>({
    name: "",
    uri: "",
    type: "NONE",
    properties: {},
  });
  const change = (part: Partial<Shown>) => setValue((now) => ({ ...now, ...part }));
  const { name, uri, type, properties } = value;
  const making = useMutation({
    mutationFn: () => create(client, { name: name.trim(), endpoint: { uri: uri.trim(), authentication: { type, properties } } }),
    onSuccess: (one) => {
      know(queries, one);
      void changed(queries);
      toasts.say(`${one.data.name} is there. Say what it may see and change.`);
      navigate(`/extensions/${one.data.id}`);
    },
  });
  const mistakes = new Mistakes(making.error, pathsOf(type), taken);
  return (
    <Making
      title="New extension"
      label="Create"
      running={making.isPending}
      mistake={mistakes.rest}
      onSubmit={() => making.mutate()}
      onClose={onClose}
    >
      <Input
        label="Name"
        hint="Whoever designs flows chooses it by that."
        value={name}
        mistake={mistakes.at("name")}
        onChange={({ target }) => change({ name: target.value })}
      />
      <Endpoint value={value} change={change} kept={false} mistakes={mistakes} disabled={false} />
    </Making>
  );
}
