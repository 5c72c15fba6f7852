import { alike } from "../difference";

/** A member that was changed, under the path to it; a side is undefined where there was nothing. */
export interface Member {
  path: string;
  before: string | undefined;
  after: string | undefined;
}

/** membersOf takes the sides of an entry apart, in the order that they have. */
export function membersOf(before: unknown, after: unknown, path = ""): Member[] {
  if (isObject(before) || isObject(after)) {
    const [old, now] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    const inner = names.flatMap((name) => membersOf(old[name], now[name], path ? `${path}.${name}` : name));
    if (inner.length > 0 || path === "") return inner;
  }
  if (alike(before, after)) return [];
  return [{ path, before: text(before), after: text(after) }];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function text(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return value === "" ? "“”" : value;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.length > 0 ? value.join("\n") : "nothing";
  return JSON.stringify(value, null, 2);
}
