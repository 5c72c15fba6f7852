/** Part of a value: of objects some members, of everything else all. */
export type Part<T> = T extends readonly unknown[] ? T : T extends object ? { [Name in keyof T]?: Part<T[Name]> } : T;

/** differenceOf returns the members of after that are not as in before, undefined for none: the body of a PATCH. */
export function differenceOf<T extends object>(before: T, after: T): Part<T> | undefined {
  const out: Record<string, unknown> = {};
  for (const [name, now] of Object.entries(after)) {
    const then = (before as Record<string, unknown>)[name];
    if (isObject(then) && isObject(now)) {
      const inner = differenceOf(then, now);
      if (inner) out[name] = inner;
    } else if (!alike(then, now)) out[name] = now;
  }
  return Object.keys(out).length > 0 ? (out as Part<T>) : undefined;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

/** alike tells whether two values of JSON are the same. */
export const alike = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
