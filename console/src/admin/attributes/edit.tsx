import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Checkbox, Input, Select, TextArea } from "../../ui/field";
import { words } from "../../ui/schema";
import { useToasts } from "../../ui/toast";
import { Confirm, Making } from "../asking";
import { Mistakes } from "../mistakes";
import { may } from "../scopes";
import { type Claim, type ClaimChange, changed, create, type DataType, remove, replace } from "./api";
import { changeOf, paths, types } from "./change";

/** Edit changes an attribute, or adds one. */
export function Edit({ claim, onClose }: { claim: Claim | undefined; onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const [value, setValue] = useState<ClaimChange>(() => changeOf(claim));
  const [asking, setAsking] = useState(false);
  const disabled = !self.may(claim ? may.updateAttributes : may.createAttributes);
  const change = (part: Partial<ClaimChange>) => setValue({ ...value, ...part });
  const saving = useMutation({
    mutationFn: () => (claim ? replace(client, claim.id, value) : create(client, value)),
    onSuccess: ({ displayName }) => {
      void changed(queries);
      toasts.say(claim ? "Saved." : `${displayName} is there.`);
      onClose();
    },
  });
  const deleting = useMutation({
    mutationFn: () => remove(client, claim?.id ?? ""),
    onSuccess: () => {
      void changed(queries);
      toasts.say(`${claim?.displayName} is gone.`);
      onClose();
    },
  });
  if (asking) {
    return (
      <Confirm title={`Delete ${claim?.displayName}?`} label="Delete" doing={deleting} onClose={() => setAsking(false)}>
        Its values stay with the users, unseen, until it is added again. Standard attributes cannot be deleted.
      </Confirm>
    );
  }
  const mistakes = new Mistakes(saving.error, paths);
  return (
    <Making
      title={claim ? claim.displayName : "New attribute"}
      label={claim ? "Save" : "Create"}
      running={saving.isPending}
      mistake={mistakes.rest}
      onSubmit={disabled ? onClose : () => saving.mutate()}
      onClose={onClose}
    >
      <fieldset className="several form" disabled={disabled}>
        <legend className="visually-hidden">What it is</legend>
        <div className="columns">
          <Input
            label="Name"
            hint="As people see it."
            value={value.displayName}
            mistake={mistakes.at("displayName")}
            onChange={({ target }) => change({ displayName: target.value })}
          />
          <Select
            label="Type"
            value={value.dataType ?? "string"}
            mistake={mistakes.at("dataType")}
            options={types.map((one) => ({ value: one, label: words(one) }))}
            onChange={({ target }) => change({ dataType: target.value as DataType })}
          />
        </div>
        <Input
          label="Claim URI"
          hint="It cannot be changed later. Its last segment is the short name."
          disabled={claim !== undefined}
          spellCheck={false}
          value={value.claimURI}
          mistake={mistakes.at("claimURI")}
          onChange={({ target }) => change({ claimURI: target.value })}
        />
        <TextArea
          label="Description"
          optional
          value={value.description ?? ""}
          mistake={mistakes.at("description")}
          onChange={({ target }) => change({ description: target.value })}
        />
        <Input
          label="Pattern"
          optional
          hint="A regular expression of RE2 that a value must match."
          spellCheck={false}
          value={value.regEx ?? ""}
          mistake={mistakes.at("regEx")}
          onChange={({ target }) => change({ regEx: target.value })}
        />
        <Rules value={value} change={change} mistakes={mistakes} />
      </fieldset>
      {claim && self.may(may.deleteAttributes) && (
        <div>
          <Button look="danger" onClick={() => setAsking(true)}>
            Delete…
          </Button>
        </div>
      )}
    </Making>
  );
}

function Rules({ value, change, mistakes }: { value: ClaimChange; change: (part: Partial<ClaimChange>) => void; mistakes: Mistakes }) {
  return (
    <div className="columns">
      <Checkbox
        label="Required"
        hint={mistakes.at("required") ?? "Everybody has to have a value."}
        checked={value.required ?? false}
        onChange={({ target }) => change({ required: target.checked })}
      />
      <Checkbox
        label="Unique"
        hint={mistakes.at("uniquenessScope") ?? "No two users have the same value."}
        checked={value.uniquenessScope !== "NONE"}
        onChange={({ target }) => change({ uniquenessScope: target.checked ? "WITHIN_USERSTORE" : "NONE" })}
      />
      <Checkbox
        label="Read only"
        hint={mistakes.at("readOnly") ?? "Nobody but the server sets it."}
        checked={value.readOnly ?? false}
        onChange={({ target }) => change({ readOnly: target.checked })}
      />
      <Checkbox
        label="Several values"
        hint={mistakes.at("multiValued")}
        checked={value.multiValued ?? false}
        onChange={({ target }) => change({ multiValued: target.checked })}
      />
    </div>
  );
}
