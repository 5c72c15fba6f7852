/** A preference's document: what of it this page does not know stays in it. */
export type Document = { readonly [member: string]: unknown };

const isObject = (value: unknown): value is Document => typeof value === "object" && value !== null && !Array.isArray(value);

/** at returns the value at the path, such as theme.LIGHT.colors; undefined where there is none. */
export function at(document: Document, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined), document);
}

/** textAt returns the text at the path, "" for anything else. */
export function textAt(document: Document, path: string): string {
  const value = at(document, path);
  return typeof value === "string" ? value : "";
}

/** withAt returns the document with the value at the path; undefined takes it out. Nothing else changes. */
export function withAt(document: Document, path: string, value: unknown): Document {
  const [name = "", ...rest] = path.split(".");
  const { [name]: before, ...others } = document;
  if (rest.length > 0) {
    const inner = isObject(before) ? before : {};
    if (value === undefined && !isObject(before)) return document;
    return { ...document, [name]: withAt(inner, rest.join("."), value) };
  }
  return value === undefined ? others : { ...document, [name]: value };
}

/** chosen returns the one of the paths whose text counts: the first that has one, else the first. */
export function chosen(document: Document, paths: readonly string[]): string {
  return paths.find((path) => textAt(document, path) !== "") ?? paths[0] ?? "";
}

/** differences are the paths at which two documents have something else, sorted. */
export function differences(mine: unknown, theirs: unknown, path = ""): { path: string; mine: unknown; theirs: unknown }[] {
  if (isObject(mine) && isObject(theirs)) {
    const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].sort();
    return names.flatMap((name) => differences(mine[name], theirs[name], path ? `${path}.${name}` : name));
  }
  return JSON.stringify(mine) === JSON.stringify(theirs) ? [] : [{ path, mine, theirs }];
}
