import type { components } from "../../api/generated/scim";
import { words } from "../../ui/schema";
import type { User } from "./api";

type Attribute = components["schemas"]["Attribute"];
export type Schema = components["schemas"]["Schema"];

/** A field of the form about a user: one text, also where the server keeps a list (a line for each value), a number, or yes and no. */
export interface UserField {
  /** Tells it from the others. */
  key: string;
  /** The attribute's name, by which refusals name it. */
  attribute: string;
  label: string;
  hint: string;
  kind: "text" | "lines" | "flag" | "number";
  required: boolean;
  readOnly: boolean;
  /** Where it is kept: the schema ("" for the core), and for a part of something its name, or the type of the value in a list. */
  schema: string;
  part?: string;
  type?: string;
}

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const custom = "urn:scim:schemas:extension:custom:User";
/** What is asked about first, in this order. */
const first = [":userName", ":name.givenName", ":name.familyName", ":displayName", ":emails", ":phoneNumbers.mobile"];
/** What is changed elsewhere on the page, or never. */
const elsewhere = new Set([
  "id",
  "externalId",
  "active",
  "roles",
  "groups",
  "accountLocked",
  "accountDisabled",
  "accountState",
  "lockedReason",
]);

/** fieldsOf lists what can be said of a user, as the server's schemas have it: who it is first. */
export const fieldsOf = (schemas: readonly Schema[]): UserField[] =>
  schemas
    .flatMap(({ id, attributes }) => attributes.flatMap((one) => (elsewhere.has(one.name) ? [] : fieldsIn(id === core ? "" : id, one))))
    .sort((a, b) => rank(a) - rank(b));

const rank = ({ key }: UserField) => (first.includes(key) ? first.indexOf(key) : first.length);

/** isMain tells whether a field is shown though it is empty: who it is, what has to be said, and what this organisation added. */
export const isMain = (field: UserField): boolean => first.includes(field.key) || field.required || field.schema === custom;

/** labelOf is what people call an attribute. */
const labelOf = ({ name, displayName }: Attribute): string => displayName || words(name);

function fieldsIn(schema: string, one: Attribute): UserField[] {
  if (one.mutability === "writeOnly") return [];
  const about = {
    attribute: one.name,
    hint: one.description,
    required: one.required,
    readOnly: one.mutability === "readOnly",
    schema,
    kind: "text" as UserField["kind"],
  };
  const key = `${schema}:${one.name}`;
  const subs = one.subAttributes ?? [];
  const types = subs.find((sub) => sub.name === "type")?.canonicalValues ?? [];
  if (one.type !== "complex") {
    const kind = one.multiValued ? "lines" : one.type === "boolean" ? "flag" : one.type === "string" ? "text" : "number";
    return [{ ...about, key, label: labelOf(one), kind }];
  }
  if (subs.some((sub) => sub.name === "value") && one.multiValued) {
    const label = one.displayName || words(one.name).replace(/s$/, "");
    // A list with one type has no value without.
    if (types.length === 1) return [{ ...about, key, label, type: types[0] ?? "" }];
    const typed = types.map((type) => ({ ...about, key: `${key}.${type}`, label: `${label}, ${type}`, hint: "", type }));
    return [{ ...about, key, label, type: "" }, ...typed];
  }
  return subs
    .filter((sub) => !["type", "primary"].includes(sub.name) && sub.mutability !== "readOnly")
    .map((sub) => ({
      ...about,
      key: `${key}.${sub.name}`,
      label: sub.displayName || words(sub.name === "value" ? one.name : sub.name),
      hint: "",
      required: sub.required,
      part: sub.name,
      ...(one.multiValued && { type: types[0] ?? "" }),
    }));
}

type Values = Record<string, string>;
type Members = Record<string, unknown>;
const members = (value: unknown): Members => (typeof value === "object" && value !== null ? (value as Members) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function attributeOf(user: User, { schema, attribute }: UserField): unknown {
  return (schema ? members(members(user)[schema]) : members(user))[attribute];
}

/** valuesOf is what the form says of the user. */
export const valuesOf = (user: User, fields: readonly UserField[]): Values =>
  Object.fromEntries(fields.map((field) => [field.key, textIn(attributeOf(user, field), field)]));

function textIn(value: unknown, { part, type, kind }: UserField): string {
  if (part !== undefined) return text(members(type === undefined ? value : list(value)[0])[part]);
  if (type !== undefined) {
    const entries = list(value).map(members);
    const main = entries.find((one) => one.type === undefined) ?? (entries.length === 1 ? entries[0] : undefined);
    const found = type === "" ? (entries.find((one) => one.primary) ?? main) : entries.find((one) => one.type === type);
    return text(found?.value);
  }
  return kind === "lines" ? list(value).map(text).join("\n") : text(value);
}

const text = (value: unknown) => (value === undefined || value === null ? "" : String(value));

export interface Operation {
  op: "replace" | "remove";
  path: string;
  value?: unknown;
}

/** operationsOf are those of a PATCH (RFC 7644, 3.5.2) that make of what was seen what the form says. */
export function operationsOf(fields: readonly UserField[], seen: Values, now: Values): Operation[] {
  const changed = fields.filter(({ key, readOnly }) => !readOnly && seen[key] !== now[key]);
  const done = new Set<string>();
  return changed.flatMap((field): Operation[] => {
    const path = field.schema ? `${field.schema}:${field.attribute}` : field.attribute;
    const at = field.part !== undefined && field.type === undefined ? `${path}.${field.part}` : path;
    if (done.has(at)) return [];
    done.add(at);
    const value = field.type === undefined ? single(field, now[field.key] ?? "") : entries(field, fields, now);
    return value === undefined ? [{ op: "remove", path: at }] : [{ op: "replace", path: at, value }];
  });
}

function single({ kind }: UserField, given: string): unknown {
  if (kind === "flag") return given === "true";
  if (given.trim() === "") return undefined;
  if (kind === "number") return Number(given);
  return kind === "lines"
    ? given
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean)
    : given;
}

/** entries is the whole list that a field is part of. */
function entries(field: UserField, fields: readonly UserField[], now: Values): unknown[] | undefined {
  const own = fields.filter(
    (one) => one.schema === field.schema && one.attribute === field.attribute && (now[one.key] ?? "").trim() !== "",
  );
  if (own.length === 0) return undefined;
  if (field.part !== undefined) {
    return [{ ...(field.type && { type: field.type }), ...Object.fromEntries(own.map(({ part = "", key }) => [part, now[key]])) }];
  }
  return own.map(({ type, key }) => ({ value: now[key], ...(type ? { type } : field.attribute === "emails" && { primary: true }) }));
}

/** rolesOf are the roles that the user has. */
export const rolesOf = (user: User): string[] => (user.roles ?? []).flatMap((one) => (one.value ? [String(one.value)] : []));
