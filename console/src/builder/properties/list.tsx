import { Plus, X } from "lucide-react";
import { Button, IconButton } from "../../ui/button";
import type { Json, Members } from "../model/json";
import type { Schema } from "../model/meta";
import { isRequired, membersIn, ValueField } from "./config";

export interface ListFieldProps {
  label: string;
  /** What each entry is. */
  items: Schema;
  value: Json | undefined;
  onChange: (value: Json) => void;
}

/** ListField changes a list of objects. What an entry has beside what its schema knows stays as it is. */
export function ListField({ label, items, value, onChange }: ListFieldProps) {
  const list = membersIn(value);
  const change = (i: number, name: string, to: Json | undefined) => {
    const { [name]: _, ...rest } = list[i] ?? {};
    onChange(list.with(i, to === undefined ? rest : { ...list[i], [name]: to }));
  };
  return (
    <fieldset className="entries">
      <legend className="field-label">{label}</legend>
      {list.map((one, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have nothing else that is theirs alone
        <fieldset className="entry" key={i}>
          <legend className="entry-head">
            {label} {i + 1}
            <IconButton label={`Delete ${label.toLowerCase()} ${i + 1}`} onClick={() => onChange(list.toSpliced(i, 1))}>
              <X size={15} />
            </IconButton>
          </legend>
          {Object.entries(items.properties ?? {}).map(([name, property]) => (
            <ValueField
              key={name}
              name={name}
              property={property}
              required={isRequired(items, name)}
              value={one[name]}
              onChange={(to) => change(i, name, to)}
            />
          ))}
        </fieldset>
      ))}
      <Button onClick={() => onChange([...list, nextEntry(items, list)])}>
        <Plus size={15} aria-hidden /> Add
      </Button>
    </fieldset>
  );
}

/** nextEntry has a text of its own in everything that has to be given. */
function nextEntry(items: Schema, list: readonly Members[]): Members {
  const required = items.required ?? [];
  let n = list.length + 1;
  while (list.some((one) => required.some((name) => one[name] === `${name}${n}`))) n++;
  return Object.fromEntries(required.map((name) => [name, `${name}${n}`]));
}
