import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Client } from "../../api/client";
import type { components } from "../../api/generated/claims";

type Schemas = components["schemas"];
export type Claim = Schemas["Claim"];
export type ClaimChange = Schemas["ClaimChange"];
export type DataType = Schemas["DataType"];

const path = "/api/server/v1/claim-dialects/local/claims";
const key = ["attributes"];

/** claimsOf are the attributes that users can have, by display name, for whoever may see them. */
export const claimsOf = (client: Client, enabled = true) =>
  queryOptions({
    queryKey: key,
    queryFn: async ({ signal }) => (await client.get<Claim[]>(path, { signal })).data,
    enabled,
  });

export const create = async (client: Client, claim: ClaimChange): Promise<Claim> =>
  (await client.send<Claim>("POST", path, { body: claim })).data;

export const replace = async (client: Client, id: string, claim: ClaimChange): Promise<Claim> =>
  (await client.send<Claim>("PUT", `${path}/${id}`, { body: claim, repeatable: true })).data;

export async function remove(client: Client, id: string): Promise<void> {
  await client.send("DELETE", `${path}/${id}`);
}

export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: key });
