import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Answer, Client } from "../../api/client";
import type { components } from "../../api/generated/flow-extension";

type Schemas = components["schemas"];
export type Extension = Schemas["Extension"];
export type NewExtension = Schemas["NewExtension"];
export type ExtensionChange = Schemas["ExtensionChange"];
export type AuthType = Schemas["AuthenticationType"];
export type Path = Schemas["Path"];
export type Node = Schemas["ContextNode"];
export type Operation = Node["allowedOperations"][number];
export type Values = Record<string, string>;

const path = "/api/server/v1/flow/extension";
const key = "extensions";

/** extensionsOf are all of them. */
export const extensionsOf = (client: Client) =>
  queryOptions({
    queryKey: [key, "list"],
    queryFn: async ({ signal }) => (await client.get<Extension[]>(path, { signal })).data,
  });

export const extensionOf = (client: Client, id: string) =>
  queryOptions({
    queryKey: [key, "one", id],
    queryFn: ({ signal }) => client.get<Extension>(`${path}/${encodeURIComponent(id)}`, { signal }),
  });

/** contextOf is what extensions can be let see and change. */
export const contextOf = (client: Client) =>
  queryOptions({
    queryKey: [key, "context"],
    queryFn: async ({ signal }) => (await client.get<Schemas["ExtensionMeta"]>(`${path}/meta`, { signal })).data.context,
  });

export const create = (client: Client, what: NewExtension): Promise<Answer<Extension>> => client.send("POST", path, { body: what });

/** patch changes the version with the entity tag. */
export const patch = (client: Client, id: string, change: ExtensionChange, ifMatch: string | undefined): Promise<Answer<Extension>> =>
  client.send("PATCH", `${path}/${id}`, { body: change, ifMatch });

export async function remove(client: Client, id: string, ifMatch: string | undefined): Promise<void> {
  await client.send("DELETE", `${path}/${id}`, { ifMatch });
}

export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: [key, "list"] });
export const know = (queries: QueryClient, one: Answer<Extension>) => queries.setQueryData([key, "one", one.data.id], one);
export const forget = (queries: QueryClient, id: string) => queries.removeQueries({ queryKey: [key, "one", id] });
