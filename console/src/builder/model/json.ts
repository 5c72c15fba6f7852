/** A JSON value. Numbers that JavaScript would write in another way than the author are Exact. */
export type Json = null | boolean | number | string | Exact | Json[] | Members;

/** A JSON object. Members that are undefined are none. */
export interface Members {
  [name: string]: Json | undefined;
}

/** Exact is a number as its author wrote it: 1.0, 1e3, or one of more digits than JavaScript keeps. */
export class Exact {
  constructor(readonly text: string) {}
}

/** Strings, so that what looks like a number within them is passed over, and numbers (RFC 8259, 6). */
const tokens = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** parse reads a JSON text (RFC 8259) and keeps every value to the digit. It throws SyntaxError. */
export function parse(text: string): Json {
  const exact: string[] = [];
  const mark = `exact ${Math.random()}`; // no author's own member is called that
  const marked = text.replace(tokens, (token) => {
    if (token.startsWith('"') || String(Number(token)) === token) return token;
    exact.push(token);
    return `{"${mark}":${exact.length - 1}}`;
  });
  if (exact.length === 0) return JSON.parse(text);
  return JSON.parse(marked, (_, value) => {
    const at = isMembers(value) ? value[mark] : undefined;
    return typeof at === "number" && exact[at] !== undefined ? new Exact(exact[at]) : value;
  });
}

/** serialise writes what parse has read, indented by that many blanks, 0 for all on one line. */
export function serialise(value: Json, indent = 0): string {
  return write(value, indent, "\n");
}

function write(value: Json, indent: number, line: string): string {
  if (value instanceof Exact) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = line + " ".repeat(indent);
  const [first, between, last] = indent > 0 ? [inner, `,${inner}`, line] : ["", ",", ""];
  if (Array.isArray(value)) {
    return value.length === 0 ? "[]" : `[${first}${value.map((one) => write(one, indent, inner)).join(between)}${last}]`;
  }
  const colon = indent > 0 ? ": " : ":";
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [JSON.stringify(name) + colon + write(member, indent, inner)],
  );
  return members.length === 0 ? "{}" : `{${first}${members.join(between)}${last}}`;
}

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Exact);
}

/** without returns the object without the members of these names. */
export function without<T extends object>(object: T, ...names: (keyof T)[]): T {
  const rest = { ...object };
  for (const name of names) delete rest[name];
  return rest;
}

/** same tells whether two values are the same JSON, whatever the order of members. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a instanceof Exact || b instanceof Exact) return a instanceof Exact && b instanceof Exact && a.text === b.text;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => same(one, b[i]));
  }
  if (!isMembers(a) || !isMembers(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => same(a[name], b[name]));
}
