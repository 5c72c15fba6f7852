import { Checkbox, Input, TextArea } from "../../ui/field";
import { setConfig } from "../model/edit/components";
import { type Component, configFlag, configText, key } from "../model/flow";
import type { Json } from "../model/json";
import { useBench } from "../state/context";
import { RichText } from "../text/rich-text";
import { IdentifierField } from "./identifier";
import { OptionsField } from "./options";
import { Rules } from "./rules";
import type { Field } from "./shapes";

/** ConfigField changes one member of a component's config. */
export function ConfigField({ component, field }: { component: Component; field: Field }) {
  const { editor, readOnly } = useBench();
  const set = (value: Json | undefined) => editor.do(setConfig(component[key], field.name, value));
  const value = configText(component, field.name);
  const about = { label: field.label, hint: field.hint, optional: field.optional ?? false };
  const text = (given: string) => set(given === "" && field.optional ? undefined : given);
  switch (field.kind) {
    case "flag":
      return <Checkbox label={field.label} checked={configFlag(component, field.name)} onChange={(event) => set(event.target.checked)} />;
    case "submit":
      return (
        <Checkbox
          label={field.label}
          hint="Off, people go on without what they have entered."
          checked={value !== "button"}
          onChange={(event) => set(event.target.checked ? "submit" : "button")}
        />
      );
    case "long":
      return <TextArea {...about} rows={3} value={value} onChange={(event) => text(event.target.value)} />;
    case "rich":
      return <RichText label={field.label} value={value} onChange={set} disabled={readOnly} />;
    case "identifier":
      return <IdentifierField component={component} />;
    case "options":
      return <OptionsField component={component} />;
    case "rules":
      return <Rules value={component.config?.validations} />;
    case "address": {
      const fits = value === "" || value.startsWith("https://") || /^\/(?!\/)/.test(value);
      return (
        <Input
          {...about}
          type="text"
          inputMode="url"
          mistake={fits ? undefined : "Pages show images from https:// only."}
          value={value}
          onChange={(event) => text(event.target.value)}
        />
      );
    }
  }
  return <Input {...about} value={value} onChange={(event) => text(event.target.value)} />;
}
