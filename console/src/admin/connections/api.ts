import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Answer, Client } from "../../api/client";
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
    queryFn: ({ signal }) => client.get<Connection>(`${path}/${encodeURIComponent(id)}`, { signal }),
  });

/** kindsOf are what connections can be made for. */
export const kindsOf = (client: Client) =>
  queryOptions({
    queryKey: [key, "kinds"],
    queryFn: async ({ signal }) => (await client.get<Kind[]>(`${path}/meta/kinds`, { signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const create = (client: Client, what: NewConnection): Promise<Answer<Connection>> => client.send("POST", path, { body: what });

/** patch changes a connection, the version with the entity tag if there is one. */
export const patch = (client: Client, id: string, change: ConnectionChange, ifMatch: string | undefined): Promise<Answer<Connection>> =>
  client.send("PATCH", `${path}/${id}`, { body: change, ifMatch, repeatable: ifMatch === undefined });

export async function remove(client: Client, id: string, ifMatch: string | undefined): Promise<void> {
  await client.send("DELETE", `${path}/${id}`, { ifMatch });
}

export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: [key, "list"] });
export const know = (queries: QueryClient, one: Answer<Connection>) => queries.setQueryData([key, "one", one.data.id], one);
export const forget = (queries: QueryClient, id: string) => queries.removeQueries({ queryKey: [key, "one", id] });
