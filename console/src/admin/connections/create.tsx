import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../../api/context";
import { Input, Select } from "../../ui/field";
import { useToasts } from "../../ui/toast";
import { Making } from "../asking";
import { Mistakes } from "../mistakes";
import { changed, create, kindsOf, know, type Values } from "./api";
import { Settings } from "./settings";
import { pathsOf, taken } from "./values";

/** Create makes a connection of one of the kinds that the server declares. */
export function Create({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const kinds = useQuery(kindsOf(client)).data ?? [];
  const [chosen, setChosen] = useState("");
  const [typed, setTyped] = useState<string>();
  const [settings, setSettings] = useState<Values>({});
  const [secrets, setSecrets] = useState<Values>({});
  const kind = kinds.find((one) => one.kind === chosen) ?? kinds[0];
  const name = typed ?? kind?.label ?? "";
  const making = useMutation({
    mutationFn: () => create(client, { name: name.trim(), kind: kind?.kind ?? "", isEnabled: true, settings, secrets }),
    onSuccess: (one) => {
      know(queries, one);
      void changed(queries);
      toasts.say(`${one.data.name} is there.`);
      navigate(`/connections/${one.data.id}`);
    },
  });
  const mistakes = new Mistakes(making.error, pathsOf(kind, settings), taken);
  return (
    <Making
      title="New connection"
      label="Create"
      running={making.isPending}
      mistake={mistakes.rest}
      onSubmit={() => making.mutate()}
      onClose={onClose}
    >
      <div className="columns">
        <Select
          label="Kind"
          value={kind?.kind ?? ""}
          mistake={mistakes.at("kind")}
          options={kinds.map((one) => ({ value: one.kind, label: one.label }))}
          onChange={({ target }) => {
            setChosen(target.value);
            setSettings({});
            setSecrets({});
            making.reset();
          }}
        />
        <Input
          label="Name"
          hint="Flows and logins name it so."
          value={name}
          mistake={mistakes.at("name")}
          onChange={({ target }) => setTyped(target.value)}
        />
      </div>
      {kind && (
        <Settings
          key={kind.kind}
          {...{ kind, settings, secrets, mistakes }}
          secretsSet={[]}
          onSettings={setSettings}
          onSecrets={setSecrets}
          there={false}
          disabled={false}
        />
      )}
    </Making>
  );
}
