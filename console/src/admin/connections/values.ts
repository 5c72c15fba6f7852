import type { Kind, Setting, Values } from "./api";

/** changesOf are the values to send: those that differ, and null for those that are not there any more; undefined for none. */
export function changesOf(before: Values, after: Values): Record<string, string | null> | undefined {
  const gone = Object.keys(before).filter((name) => !(name in after));
  const other = Object.entries(after).filter(([name, value]) => before[name] !== value);
  if (gone.length + other.length === 0) return undefined;
  return { ...Object.fromEntries(gone.map((name) => [name, null])), ...Object.fromEntries(other) };
}

/** withValue changes a value; an empty one of a setting is none, while one of an attribute says that it is not taken. */
export function withValue(values: Values, setting: Setting, name: string, value: string): Values {
  const { [name]: _, ...others } = values;
  return value === "" && !setting.claim ? others : { ...others, [name]: value };
}

/** mappedOf are the attributes that the values map, by their short names. */
export const mappedOf = (values: Values, { name: prefix }: Setting): string[] =>
  Object.keys(values)
    .filter((name) => name.startsWith(prefix) && name.length > prefix.length)
    .map((name) => name.slice(prefix.length));

/** pathOf is where the API has the setting. */
export const pathOf = ({ secret }: Setting, name: string): string => `${secret ? "secrets" : "settings"}.${name}`;

/** pathsOf are where the API has everything that the form shows. */
export function pathsOf(kind: Kind | undefined, values: Values): string[] {
  const settings = (kind?.settings ?? []).flatMap((one) =>
    one.claim ? mappedOf(values, one).map((name) => pathOf(one, one.name + name)) : [pathOf(one, one.name)],
  );
  return ["name", "description", "kind", ...settings];
}

/** What a refusal is about that says it by its code alone. */
export const taken = { "UE-22409": "name" };
