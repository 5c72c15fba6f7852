import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Answer, Client } from "../../api/client";
import type { components } from "../../api/generated/message-templates";

type Schemas = components["schemas"];
export type Catalogue = Schemas["Catalogue"];
export type Listed = Schemas["ListedTemplate"];
export type Placeholder = Schemas["Placeholder"];
export type Template = Schemas["MessageTemplate"];
export type Preview = Schemas["MessagePreview"];
export type Sent = Schemas["Sent"];
export type Segments = Schemas["Segments"];
/** What is said: a text message has no subject. */
export type Words = Schemas["WordsChange"];

const path = "/api/server/v1/message-templates";
const key = "messages";
const one = (name: string, locale: string) => `${path}/${encodeURIComponent(name)}/${encodeURIComponent(locale)}`;

export const catalogueOf = (client: Client) =>
  queryOptions({
    queryKey: [key, "list"],
    queryFn: async ({ signal }) => (await client.get<Catalogue>(path, { signal })).data,
  });

export const templateOf = (client: Client, name: string, locale: string) =>
  queryOptions({
    queryKey: [key, "one", name, locale],
    queryFn: ({ signal }) => client.get<Template>(one(name, locale), { signal }),
  });

/** previewOf is the message that the words make; until it comes, the one before. */
export const previewOf = (client: Client, name: string, locale: string, words: Words) =>
  queryOptions({
    queryKey: [key, "preview", name, locale, words],
    queryFn: async ({ signal }) =>
      (await client.send<Preview>("POST", `${one(name, locale)}/preview`, { body: words, repeatable: true, signal })).data,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

export const save = (client: Client, name: string, locale: string, words: Words, ifMatch: string | undefined): Promise<Answer<Template>> =>
  client.send("PUT", one(name, locale), { body: words, ifMatch });

export async function reset(client: Client, name: string, locale: string, ifMatch: string | undefined): Promise<void> {
  await client.send("DELETE", one(name, locale), { ifMatch });
}

/** test sends the words to whoever is signed in, and says where. */
export const test = async (client: Client, name: string, locale: string, words: Words): Promise<Sent> =>
  (await client.send<Sent>("POST", `${one(name, locale)}/test`, { body: words })).data;

/** changed makes the list read again; know has the page take an answer as read. */
export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: [key, "list"] });
export const know = (queries: QueryClient, answer: Answer<Template>) =>
  queries.setQueryData([key, "one", answer.data.name, answer.data.locale], answer);
