import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Client as Api, Call } from "../../api/client";
import type { components } from "../../api/generated/branding";
import { Refused } from "../../api/problem";
import type { Document } from "./document";

type Schemas = components["schemas"];
export type Preview = Schemas["Preview"];
export type Colors = Schemas["Colors"];
export type Meta = Schemas["Meta"];

const path = "/api/server/v1/branding-preference";
const key = "branding";

/** Whose branding it is: an application's, by its id, or with "" the organisation's. */
export type Owner = string;

const named = (owner: Owner) => (owner ? { type: "APP", name: owner } : { type: "ORG" });

/** What is saved, and its entity tag; undefined where nothing is. */
export interface Saved {
  document: Document;
  tag: string | undefined;
}

/** orNothing is the answer, undefined where there is no such thing. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  }
}

interface Wire {
  preference: Document;
}

async function read(api: Api, at: string, call: Call): Promise<Saved> {
  const answer = await orNothing(api.get<Wire>(at, call));
  return { document: answer?.data.preference ?? {}, tag: answer?.etag };
}

export const preferenceOf = (api: Api, owner: Owner) =>
  queryOptions({
    queryKey: [key, "preference", owner],
    queryFn: ({ signal }) => read(api, path, { query: named(owner), signal }),
  });

/** Texts are of one language and one screen. */
export interface Place {
  owner: Owner;
  locale: string;
  screen: string;
}

export const textsOf = (api: Api, { owner, locale, screen }: Place) =>
  queryOptions({
    queryKey: [key, "texts", owner, locale, screen],
    queryFn: async ({ signal }) => {
      const { document, tag } = await read(api, `${path}/text`, { query: { ...named(owner), locale, screen }, signal });
      // Either the document or its member text has them.
      return { document: typeof document.text === "object" ? document : { text: document }, tag };
    },
  });

/** inheritedOf are the organisation's texts, which an application's stand before. */
export const inheritedOf = (api: Api, locale: string) =>
  queryOptions({
    queryKey: [key, "inherited", locale],
    queryFn: async ({ signal }) => {
      const answer = await orNothing(
        api.get<{ preference: { text: Record<string, string> } }>(`${path}/text/resolve`, { query: { locale }, signal }),
      );
      return answer?.data.preference.text ?? {};
    },
  });

export const metaOf = (api: Api, locale: string) =>
  queryOptions({
    queryKey: [key, "meta", locale],
    queryFn: async ({ signal }) => (await api.get<Meta>(`${path}/meta`, { query: { locale }, signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** save puts the document where nothing is, or in the place of what has the tag. */
export const save = (api: Api, owner: Owner, preference: Document, tag: string | undefined): Promise<Saved> =>
  put(api, path, { ...named(owner), preference }, tag);

export const saveTexts = (api: Api, { owner, ...at }: Place, preference: Document, tag: string | undefined): Promise<Saved> =>
  put(api, `${path}/text`, { ...named(owner), ...at, preference }, tag);

async function put(api: Api, at: string, body: Wire, tag: string | undefined): Promise<Saved> {
  const { data, etag } = await api.send<Wire>(tag === undefined ? "POST" : "PUT", at, { body, ifMatch: tag });
  return { document: data.preference, tag: etag };
}

export async function reset(api: Api, owner: Owner, tag: string | undefined): Promise<void> {
  await api.send("DELETE", path, { query: named(owner), ifMatch: tag });
}

export async function resetTexts(api: Api, { owner, ...at }: Place, tag: string | undefined): Promise<void> {
  await api.send("DELETE", `${path}/text`, { query: { ...named(owner), ...at }, ifMatch: tag });
}

/** changed makes the pages read again what they show of branding. */
export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: [key] });

/** What is looked at: a page, by whom, and what of it is not saved. */
export interface Design {
  owner: Owner;
  page: string;
  scheme: string;
  locale: string;
  preference?: Document | undefined;
  screen?: string | undefined;
  text?: Document | undefined;
}

export const previewOf = (api: Api, { owner, ...design }: Design) =>
  queryOptions({
    queryKey: [key, "preview", owner, design],
    queryFn: async ({ signal }) =>
      (await api.send<Preview>("POST", `${path}/preview`, { body: { ...named(owner), ...design }, repeatable: true, signal })).data,
    gcTime: 10_000,
  });
