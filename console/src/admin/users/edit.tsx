import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Answer } from "../../api/client";
import { useClient } from "../../api/context";
import { explain, Refused } from "../../api/problem";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Checkbox, Input, TextArea } from "../../ui/field";
import { useToasts } from "../../ui/toast";
import { Saving } from "../asking";
import { useForm } from "../form";
import { Answered, Section } from "../page";
import { may } from "../scopes";
import { changed, know, patch, schemasOf, type User } from "./api";
import { factsOf } from "./describe";
import { fieldsOf, isMain, operationsOf, rolesOf, type UserField, valuesOf } from "./fields";

/** Attributes shows what is known of the person, and lets it be changed by whoever may. */
export function Attributes({ answer }: { answer: Answer<User> }) {
  const query = useQuery(schemasOf(useClient()));
  if (!useSelf().may(may.updateUsers)) return <Facts user={answer.data} />;
  return <Answered query={query}>{(schemas) => <Edit answer={answer} fields={fieldsOf(schemas)} />}</Answered>;
}

function Facts({ user }: { user: User }) {
  return (
    <Section title="Attributes">
      <dl className="facts">
        {factsOf(user).map(({ label, value }) => (
          <div key={`${label} ${value}`}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function Edit({ answer: { data: user, etag }, fields }: { answer: Answer<User>; fields: UserField[] }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const form = useForm(valuesOf(user, fields), etag);
  const [all, setAll] = useState(false);
  const saving = useMutation({
    mutationFn: () => patch(client, user.id, operationsOf(fields, form.seen, form.value), form.tag),
    onSuccess: (answer) => {
      form.saved(valuesOf(answer.data, fields), answer.etag);
      know(queries, answer);
      void changed(queries);
      toasts.say("Saved.");
    },
    onError: (error) => {
      // Somebody else was there first: theirs is read, and the form says so.
      if (error instanceof Refused && error.status === 412) void queries.invalidateQueries();
    },
  });
  const mistake = mistakeOf(saving.error, fields);
  const shown = fields.filter((field) => all || isMain(field) || form.seen[field.key] !== "" || form.value[field.key] !== "");
  return (
    <>
      <Section title="Attributes" buttons={<Button onClick={() => setAll(!all)}>{all ? "Show fewer" : "Show all"}</Button>}>
        <div className="columns">
          {shown.map((field) => (
            <AttributeField
              key={field.key}
              field={field}
              value={form.value[field.key] ?? ""}
              mistake={mistake.attribute === field.attribute ? mistake.text : undefined}
              onChange={(value) => form.change({ [field.key]: value })}
            />
          ))}
        </div>
      </Section>
      <Saving form={form} running={saving.isPending} mistake={mistake.rest} onSave={() => saving.mutate()} />
    </>
  );
}

/** mistakeOf takes apart a refusal of SCIM's, which begins with the name of the attribute that it is about. */
export function mistakeOf(error: unknown, fields: readonly UserField[]): { attribute?: string; text?: string; rest?: string } {
  if (!error) return {};
  const said = explain(error);
  const [, attribute, text] = (error instanceof Refused && /^([\w$]+): (.*)$/s.exec(error.problem.message)) || [];
  if (!attribute || !text || !fields.some((one) => one.attribute === attribute)) return { rest: said };
  return { attribute, text, rest: "Nothing was saved. What has to change is marked." };
}

/** sameWords tells whether a hint says no more than the label. */
const sameWords = (hint: string, label: string) => hint.replace(/\s/g, "").toLowerCase() === label.replace(/\s/g, "").toLowerCase();

interface AttributeFieldProps {
  field: UserField;
  value: string;
  mistake: string | undefined;
  onChange: (value: string) => void;
}

function AttributeField({ field: { label, hint, kind, required, readOnly }, value, mistake, onChange }: AttributeFieldProps) {
  const about = { label, hint: sameWords(hint, label) ? undefined : hint, mistake, optional: !required && !readOnly, readOnly };
  if (kind === "flag") {
    return (
      <Checkbox
        label={label}
        hint={mistake ?? about.hint}
        checked={value === "true"}
        disabled={readOnly}
        onChange={({ target }) => onChange(String(target.checked))}
      />
    );
  }
  if (kind === "lines") {
    const each = [about.hint, "One on each line."].filter(Boolean).join(" ");
    return <TextArea {...about} hint={each} rows={3} value={value} onChange={({ target }) => onChange(target.value)} />;
  }
  const type = kind === "number" ? "number" : "text";
  return <Input {...about} type={type} step="any" autoComplete="off" value={value} onChange={({ target }) => onChange(target.value)} />;
}

const roles = [
  { name: "admin", label: "Administrator", hint: "May do everything." },
  { name: "editor", label: "Editor", hint: "Decides how people sign up and sign in, and how it looks. Sees no users." },
  { name: "viewer", label: "Viewer", hint: "Sees everything and changes nothing." },
];

/** Roles says what the user may do here. Nobody takes their own role of administrator away; the server refuses it, too. */
export function Roles({ answer: { data: user, etag } }: { answer: Answer<User> }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const now = rolesOf(user);
  const others = now.filter((name) => !roles.some((role) => role.name === name)).map((name) => ({ name, label: name, hint: "" }));
  const setting = useMutation({
    mutationFn: (names: string[]) => {
      const value = names.map((name) => ({ value: name }));
      return patch(client, user.id, [value.length > 0 ? { op: "replace", path: "roles", value } : { op: "remove", path: "roles" }], etag);
    },
    onSuccess: (answer) => {
      know(queries, answer);
      void changed(queries);
      toasts.say("Saved.");
    },
    onError: (error) => {
      toasts.complain(explain(error));
      void queries.invalidateQueries();
    },
  });
  return (
    <Section title="Roles">
      {[...roles, ...others].map(({ name, label, hint }) => (
        <Checkbox
          key={name}
          label={label}
          hint={hint}
          checked={now.includes(name)}
          disabled={!self.may(may.updateUsers) || setting.isPending || (name === "admin" && self.person.id === user.id)}
          onChange={({ target }) => setting.mutate(target.checked ? [...now, name] : now.filter((one) => one !== name))}
        />
      ))}
    </Section>
  );
}
