import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Client } from "./client";
import type { Difference, Draft, FlowType, History, Meta, Overview, Publication, SavedDraft, Template, Version } from "./types";

const path = "/api/server/v1/flow";

/** Scopes of the API of flows. */
export const mayView = "internal_flow_mgt_view";
export const mayUpdate = "internal_flow_mgt_update";

export const overviewOf = (client: Client) =>
  queryOptions({
    queryKey: ["flows", "overview"],
    queryFn: async ({ signal }) => (await client.get<Overview[]>(`${path}/overview`, { signal })).data,
    refetchInterval: 15_000,
  });

export const templatesOf = (client: Client, flowType: FlowType) =>
  queryOptions({
    queryKey: ["flows", flowType, "templates"],
    queryFn: async ({ signal }) => (await client.get<Template[]>(`${path}/templates`, { query: { flowType }, signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** labelsOf is what people call the executors of a flow, by name. */
export const labelsOf = (client: Client, flowType: FlowType) =>
  queryOptions({
    queryKey: ["flows", flowType, "labels"],
    queryFn: async ({ signal }) => {
      const { executors } = (await client.get<Meta>(`${path}/meta`, { query: { flowType }, signal })).data;
      return new Map(executors.map(({ name, label }) => [name, label]));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** historyOf are the versions, the newest first, page by page. */
export const historyOf = (client: Client, flowType: FlowType) =>
  infiniteQueryOptions({
    queryKey: ["flows", flowType, "versions"],
    queryFn: async ({ pageParam, signal }) =>
      (await client.get<History>(`${path}/versions`, { query: { flowType, before: pageParam }, signal })).data,
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next,
  });

/** One of the definitions that there are of a flow: the number of a version, or the word for it. */
export type Side = number | "live" | "draft";

export const differenceOf = (client: Client, flowType: FlowType, from: Side, to: Side) =>
  queryOptions({
    queryKey: ["flows", flowType, "diff", from, to],
    queryFn: async ({ signal }) => (await client.get<Difference>(`${path}/diff`, { query: { flowType, from, to }, signal })).data,
    staleTime: 0,
  });

/** draftOf is the draft with what keeps it from running; the API refuses with 404 where there is none. */
export const draftOf = (client: Client, flowType: FlowType) =>
  queryOptions({
    queryKey: ["flows", flowType, "draft"],
    queryFn: async ({ signal }) => (await client.get<Draft>(`${path}/draft`, { query: { flowType }, signal })).data,
    staleTime: 0,
  });

/** documentOf returns a definition to the byte of how it was stored. */
export async function documentOf(client: Client, flowType: FlowType, version?: number): Promise<string> {
  const at = version === undefined ? path : `${path}/versions/${version}`;
  return (await client.get<unknown>(at, { query: { flowType } })).text;
}

export async function enable(client: Client, flowType: FlowType, isEnabled: boolean): Promise<void> {
  await client.send("PATCH", `${path}/config`, { body: { flowType, isEnabled }, repeatable: true });
}

/** saveDraft stores the document, JSON as it is to be kept, in place of the draft with the revision seen, undefined for none. */
export async function saveDraft(
  client: Client,
  flowType: FlowType,
  document: string,
  seen: number | undefined,
  base?: number,
): Promise<SavedDraft> {
  const ifMatch = seen === undefined ? undefined : `"${seen}"`;
  return (await client.send<SavedDraft>("PUT", `${path}/draft`, { query: { flowType, base }, body: document, ifMatch, repeatable: true }))
    .data;
}

export async function discardDraft(client: Client, flowType: FlowType, seen: number): Promise<void> {
  await client.send("DELETE", `${path}/draft`, { query: { flowType }, ifMatch: `"${seen}"`, repeatable: true });
}

export async function publish(client: Client, what: Publication): Promise<Version> {
  return (await client.send<Version>("POST", `${path}/publish`, { body: what, repeatable: true })).data;
}

export async function restore(
  client: Client,
  flowType: FlowType,
  version: number,
  note: string,
  over: number,
  force = false,
): Promise<Version> {
  const call = { query: { flowType }, body: { note, over, force }, repeatable: true };
  return (await client.send<Version>("POST", `${path}/versions/${version}/restore`, call)).data;
}

/** changed makes the pages read again what they show of flows. */
export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: ["flows"] });
