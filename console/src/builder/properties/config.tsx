import { Checkbox, Input, Select, TextArea } from "../../ui/field";
import { setConfig } from "../model/edit/components";
import { type Component, key } from "../model/flow";
import { isMembers, type Json, type Members } from "../model/json";
import type { Property, Schema } from "../model/meta";
import { spaced } from "../model/spaced";
import { useBench } from "../state/context";
import { RichText } from "../text/rich-text";
import { IdentifierField } from "./identifier";
import { ListField } from "./list";
import { OptionsField } from "./options";

/** ConfigField changes one member of a component's config, as the server describes it. */
export function ConfigField({ component, name, schema }: { component: Component; name: string; schema: Schema }) {
  const { editor } = useBench();
  const property = schema.properties?.[name] ?? {};
  const set = (value: Json | undefined) => editor.do(setConfig(component[key], name, value));
  if (property.format === "attribute") return <IdentifierField component={component} name={name} label={titleOf(name, property)} />;
  if (name === "options" && property.type === "array") return <OptionsField component={component} />;
  const value = component.config?.[name];
  if (property.type === "array" && property.items) {
    return <ListField label={titleOf(name, property)} items={property.items} value={value} onChange={set} />;
  }
  return <ValueField name={name} property={property} required={isRequired(schema, name)} value={value} onChange={set} />;
}

export const titleOf = (name: string, property: Property): string => property.title || spaced(name);
export const isRequired = (schema: Schema, name: string): boolean => schema.required?.includes(name) ?? false;

/** textOf is the text of a member, "" where there is none. */
export function textOf(holder: Members | null | undefined, name: string): string {
  const value = holder?.[name];
  return typeof value === "string" ? value : "";
}

interface ValueFieldProps {
  name: string;
  property: Property;
  required: boolean;
  value: Json | undefined;
  /** Called with undefined for nothing, where that may be. */
  onChange: (value: Json | undefined) => void;
}

/** ValueField gives a value to a property that is no list. */
export function ValueField({ name, property, required, value: raw, onChange }: ValueFieldProps) {
  const { readOnly } = useBench();
  const value = typeof raw === "string" ? raw : "";
  const label = titleOf(name, property);
  const about = { label, hint: property.description || undefined, optional: !required };
  const text = (given: string) => onChange(given === "" && !required ? undefined : given);
  if (property.type === "boolean") {
    const on = String(raw ?? property.default ?? false) === "true"; // documents say it as text, too
    return <Checkbox label={label} hint={about.hint} checked={on} onChange={(event) => onChange(event.target.checked)} />;
  }
  if (property.enum) {
    const options = property.enum.map((one, i) => ({ value: String(one), label: property.enumNames?.[i] ?? String(one) }));
    const now = value || String(property.default ?? "");
    const stale = options.some((one) => one.value === now) ? [] : [{ value: now, label: now === "" ? "—" : `${now} (not there)` }];
    return (
      <Select {...about} optional={false} options={[...stale, ...options]} value={now} onChange={(event) => onChange(event.target.value)} />
    );
  }
  switch (property.format) {
    case "long-text":
      return <TextArea {...about} rows={3} value={value} onChange={(event) => text(event.target.value)} />;
    case "rich-text":
      return <RichText label={label} value={value} onChange={onChange} disabled={readOnly} />;
  }
  const mistake = mistakeIn(property, value);
  const address = property.format === "image" || property.format === "uri";
  return (
    <Input
      {...about}
      type="text"
      inputMode={address ? "url" : undefined}
      mistake={mistake}
      value={value}
      onChange={(event) => text(event.target.value)}
    />
  );
}

function mistakeIn({ format }: Property, value: string): string | undefined {
  const fits = value === "" || value.includes("{{") || value.startsWith("https://") || /^\/(?!\/)/.test(value);
  if (fits) return undefined;
  if (format === "image") return "Pages show images from https:// only.";
  return format === "uri" ? "Give an address with https://, or a path on this server." : undefined;
}

/** membersIn lists the objects in a list; anything else in it counts as an empty one. */
export const membersIn = (value: Json | undefined): Members[] =>
  (Array.isArray(value) ? value : []).map((one) => (isMembers(one) ? one : {}));
