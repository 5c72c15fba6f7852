import type { Filter } from "./api";

const names = ["from", "until", "actor", "kind", "target"] as const;
export type Name = (typeof names)[number];

/** filterOf is the filter of an address's query, where times are those of the person's clock: 2026-11-23T12:00. */
export function filterOf(query: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const name of names) {
    const value = query.get(name)?.trim();
    if (value) filter[name] = name === "from" || name === "until" ? timeOf(value) : value;
  }
  return filter;
}

/** timeOf says a time of the person's clock as RFC 3339. What is none stays, for the server to refuse. */
function timeOf(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? local : time.toISOString();
}

/** withValue changes one value of the query; empty ones are left out of addresses. */
export function withValue(query: URLSearchParams, name: Name, value: string): URLSearchParams {
  const next = new URLSearchParams(query);
  if (value === "") next.delete(name);
  else next.set(name, value);
  return next;
}
