import { infiniteQueryOptions, keepPreviousData, type QueryClient } from "@tanstack/react-query";
import type { Client } from "../../api/client";
import type { components } from "../../api/generated/message-outbox";

type Schemas = components["schemas"];
type Outbox = Schemas["Outbox"];
export type Delivery = Outbox["delivery"];
export type Message = Schemas["Message"];
export type State = Schemas["State"];

const path = "/api/server/v1/message-outbox";
const key = "outbox";

/** messagesOf are those in the state, "" for any, the last queued first, page by page. While they are looked at they are read anew. */
export const messagesOf = (client: Client, state: State | "") =>
  infiniteQueryOptions({
    queryKey: [key, state],
    queryFn: async ({ pageParam, signal }) =>
      (await client.get<Outbox>(path, { query: { state: state || undefined, after: pageParam }, signal })).data,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: 3_000,
  });

/** retry makes a message due at once. */
export async function retry(client: Client, id: string): Promise<void> {
  await client.send("POST", `${path}/${id}/retry`);
}

/** drop takes a message back. */
export async function drop(client: Client, id: string): Promise<void> {
  await client.send("DELETE", `${path}/${id}`);
}

export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: [key] });
