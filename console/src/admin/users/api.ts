import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Answer, Client } from "../../api/client";
import type { components as accounts } from "../../api/generated/accounts";
import type { components } from "../../api/generated/scim";
import type { Operation, Schema } from "./fields";

type Schemas = components["schemas"];
type Accounts = accounts["schemas"];
export type User = Schemas["User"];
type UserRequest = Schemas["UserRequest"];
type UserList = Schemas["UserList"];

const path = "/scim2/Users";
const key = "users";

/** The schema of what there is to say about the account itself. */
export const system = "urn:scim:wso2:schema";

/** usersOf are those that the filter matches (RFC 7644, 3.4.2.2), by user name, page by page. */
export const usersOf = (client: Client, filter: string) =>
  infiniteQueryOptions({
    queryKey: [key, "list", filter],
    queryFn: async ({ pageParam, signal }) => {
      const query = { filter: filter || undefined, startIndex: pageParam, count: 30, sortBy: "userName" };
      return (await client.get<UserList>(path, { query, signal })).data;
    },
    initialPageParam: 1,
    getNextPageParam: ({ startIndex, itemsPerPage, totalResults }) => {
      const next = startIndex + itemsPerPage;
      return itemsPerPage > 0 && next <= totalResults ? next : undefined;
    },
    placeholderData: keepPreviousData,
  });

export const userOf = (client: Client, id: string) =>
  queryOptions({
    queryKey: [key, "one", id],
    queryFn: ({ signal }) => client.get<User>(`${path}/${encodeURIComponent(id)}`, { signal }),
  });

export interface Invited {
  userName: string;
  email: string;
  givenName: string;
  familyName: string;
}

/** invite makes a user, to whom a mail goes by which they choose a password. */
export async function invite(client: Client, who: Invited): Promise<User> {
  const body: UserRequest = {
    userName: who.userName.trim(),
    emails: [{ value: who.email.trim(), primary: true }],
    name: { ...(who.givenName && { givenName: who.givenName.trim() }), ...(who.familyName && { familyName: who.familyName.trim() }) },
    [system]: { askPassword: true },
  };
  return (await client.send<User>("POST", path, { body })).data;
}

/** inviteByLink returns a link by which the person chooses a password; it takes the place of the earlier ones. */
export async function inviteByLink(client: Client, username: string): Promise<string> {
  return (await client.send("POST", "/api/users/v1/offline-invite-link", { body: { username }, plain: true })).text.trim();
}

/** A mail by which the person chooses a password. It goes to the address that is stored. */
export type Letter = "invitation" | "recovery";

export async function write(client: Client, id: string, letter: Letter): Promise<void> {
  await client.send("POST", `${account(id)}/${letter}`, {});
}

/** What of an account is switched. */
export type Switched = "accountLocked" | "accountDisabled";

/** put switches something of the account that was seen. */
export const put = (client: Client, id: string, name: Switched, value: boolean, ifMatch: string | undefined): Promise<Answer<User>> =>
  client.send("PATCH", `${path}/${id}`, { body: { Operations: [{ op: "replace", path: `${system}:${name}`, value }] }, ifMatch });

/** patch changes the user that was seen. */
export const patch = (client: Client, id: string, operations: Operation[], ifMatch: string | undefined): Promise<Answer<User>> =>
  client.send("PATCH", `${path}/${id}`, { body: { Operations: operations }, ifMatch });

/** schemasOf say what attributes users can have (RFC 7643, 7). */
export const schemasOf = (client: Client) =>
  queryOptions({
    queryKey: [key, "schemas"],
    queryFn: async ({ signal }) => (await client.get<{ Resources: Schema[] }>("/scim2/Schemas", { signal })).data.Resources,
  });

const account = (id: string) => `/api/server/v1/users/${encodeURIComponent(id)}`;

/** proofsOf are the ways by which a user can sign in, sessionsOf where they are signed in. */
export const proofsOf = (client: Client, id: string) =>
  queryOptions({
    queryKey: [key, "proofs", id],
    queryFn: async ({ signal }) => (await client.get<Accounts["Proofs"]>(`${account(id)}/proofs`, { signal })).data,
  });
export const sessionsOf = (client: Client, id: string) =>
  queryOptions({
    queryKey: [key, "sessions", id],
    queryFn: async ({ signal }) => (await client.get<Accounts["Sessions"]>(`${account(id)}/sessions`, { signal })).data,
  });

export async function dropProof(client: Client, id: string, which: string): Promise<void> {
  await client.send("DELETE", `${account(id)}/${which}`);
}

export async function signOut(client: Client, id: string): Promise<void> {
  await client.send("POST", `${account(id)}/sign-out`, { repeatable: true });
}

export async function remove(client: Client, id: string, ifMatch: string | undefined): Promise<void> {
  await client.send("DELETE", `${path}/${id}`, { ifMatch });
}

export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: [key, "list"] });
export const know = (queries: QueryClient, answer: Answer<User>) => queries.setQueryData([key, "one", answer.data.id], answer);
export const forget = (queries: QueryClient, id: string) => queries.removeQueries({ queryKey: [key, "one", id] });
