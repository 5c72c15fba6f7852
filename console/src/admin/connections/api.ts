import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Client } from "../../api/client";
import type { components } from "../../api/generated/identity-providers";

type Schemas = components["schemas"];
export type Connection = Schemas["Connection"];
export type NewConnection = Schemas["NewConnection"];
export type ConnectionChange = Schemas["ConnectionChange"];
export type Kind = Schemas["Kind"];
export type Setting = Schemas["Setting"];
export type Values = Record<string, string>;

const path = "/api/server/v1/identity-providers";
const key = "connections";

/** connectionsOf are all of them, for whoever may see them. */
export const connectionsOf = (client: Client, enabled = true) =>
  queryOptions({
    queryKey: [key, "list"],
    queryFn: async ({ signal }) => (await client.get<Schemas["ConnectionList"]>(path, { signal })).data.identityProviders,
    enabled,
  });

export const connectionOf = (client: Client, id: string) =>
  queryOptions({
    queryKey: [key, "one", id],
    queryFn: async ({ signal }) => (await client.get<Connection>(`${path}/${encodeURIComponent(id)}`, { signal })).data,
  });

/** kindsOf are what connections can be made for. */
export const kindsOf = (client: Client) =>
  queryOptions({
    queryKey: [key, "kinds"],
    queryFn: async ({ signal }) => (await client.get<Kind[]>(`${path}/meta/kinds`, { signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const create = async (client: Client, what: NewConnection): Promise<Connection> =>
  (await client.send<Connection>("POST", path, { body: what })).data;

export const patch = async (client: Client, id: string, change: ConnectionChange): Promise<Connection> =>
  (await client.send<Connection>("PATCH", `${path}/${id}`, { body: change, repeatable: true })).data;

export async function remove(client: Client, id: string): Promise<void> {
  await client.send("DELETE", `${path}/${id}`);
}

export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: [key, "list"] });
export const know = (queries: QueryClient, one: Connection) => queries.setQueryData([key, "one", one.id], one);
export const forget = (queries: QueryClient, id: string) => queries.removeQueries({ queryKey: [key, "one", id] });
