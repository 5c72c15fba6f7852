import { Checkbox, Input, type Option, Select } from "./field";

/** A property of a JSON Schema, as far as forms can be made of it: text, yes or no, a number, one of several. */
export interface Property {
  type?: string;
  title?: string;
  description?: string;
  enum?: unknown[];
  /** What people call the values of enum. */
  enumNames?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
}

export interface Schema {
  properties?: Record<string, Property>;
  required?: string[];
}

export type Values = Record<string, unknown>;

export interface SchemaFormProps {
  schema: Schema;
  value: Values;
  /** Called with all values. A property without one has its default. */
  onChange: (value: Values) => void;
  /** Properties whose values are picked from a list that the schema does not hold. */
  options?: Record<string, Option[]>;
  /** What is wrong, by property. */
  mistakes?: Record<string, string>;
  disabled?: boolean;
}

/** SchemaForm lets somebody give values to the properties of a schema. Values that it does not know stay as they are. */
export function SchemaForm({ schema, value, onChange, ...rest }: SchemaFormProps) {
  const change = (name: string, one: unknown) => {
    const { [name]: _, ...others } = value;
    onChange(one === undefined ? others : { ...others, [name]: one });
  };
  return Object.entries(schema.properties ?? {}).map(([name, property]) => (
    <SchemaField
      key={name}
      name={name}
      property={property}
      value={value[name]}
      required={schema.required?.includes(name) ?? false}
      onChange={(one) => change(name, one)}
      options={rest.options?.[name]}
      mistake={rest.mistakes?.[name]}
      disabled={rest.disabled ?? false}
    />
  ));
}

interface SchemaFieldProps {
  name: string;
  property: Property;
  value: unknown;
  required: boolean;
  onChange: (value: unknown) => void;
  options: Option[] | undefined;
  mistake: string | undefined;
  disabled: boolean;
}

function SchemaField({ name, property, value, required, onChange, options, mistake, disabled }: SchemaFieldProps) {
  const label = property.title ?? words(name);
  const about = { label, hint: property.description, mistake, optional: !required && property.default === undefined, disabled };
  const text = value === undefined ? "" : String(value);
  if (property.type === "boolean") {
    const on = String(value ?? property.default ?? false) === "true"; // documents say it as text, too
    return (
      <Checkbox
        label={label}
        hint={property.description}
        disabled={disabled}
        checked={on}
        onChange={(event) => onChange(event.target.checked)}
      />
    );
  }
  const list = options ?? property.enum?.map((one, i) => ({ value: String(one), label: property.enumNames?.[i] ?? String(one) }));
  if (list) {
    const byDefault = property.default === undefined || property.default === "" ? "" : String(property.default);
    const chosen = text || byDefault;
    // What there is shows, also where it can be chosen no more.
    const stale = chosen !== "" && !list.some((one) => one.value === chosen) ? [{ value: chosen, label: `${chosen} (not there)` }] : [];
    const none = byDefault === "" ? [{ value: "", label: "—" }] : [];
    return (
      <Select
        {...about}
        options={[...none, ...stale, ...list]}
        value={chosen}
        onChange={(event) => onChange(event.target.value || undefined)}
      />
    );
  }
  const number = property.type === "integer" || property.type === "number";
  const shownDefault = property.default === undefined || property.default === "" ? undefined : String(property.default);
  return (
    <Input
      {...about}
      type={number ? "number" : "text"}
      step={property.type === "number" ? "any" : undefined}
      min={property.minimum}
      max={property.maximum}
      placeholder={shownDefault}
      value={text}
      onChange={({ target }) => {
        if (target.value === "") onChange(undefined);
        else if (!number) onChange(target.value);
        else if (!Number.isNaN(target.valueAsNumber)) onChange(target.valueAsNumber);
      }}
    />
  );
}

/** words makes a label of a name that is written in one: notifyUserExistence is "Notify user existence". */
export function words(name: string): string {
  const apart = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ");
  return apart.charAt(0).toUpperCase() + apart.slice(1).replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());
}
