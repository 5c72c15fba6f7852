import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import type { Client } from "../../api/client";
import type { components } from "../../api/generated/audit-log";

type AuditLog = components["schemas"]["AuditLog"];
export type Entry = components["schemas"]["AuditEntry"];

/** What entries are looked for by; times are RFC 3339. */
export interface Filter {
  from?: string | undefined;
  until?: string | undefined;
  actor?: string | undefined;
  kind?: string | undefined;
  target?: string | undefined;
}

/** entriesOf are the changes that the filter lets through, the newest first, page by page. */
export const entriesOf = (client: Client, filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: async ({ pageParam, signal }) =>
      (await client.get<AuditLog>("/api/server/v1/audit-log", { query: { ...filter, after: pageParam }, signal })).data,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
