// What the server's own pages say: httpapi/openapi/branding.yaml.
import { queryOptions } from "@tanstack/react-query";
import type { Client } from "./client";
import type { components } from "./generated/branding";
import { Refused } from "./problem";

const path = "/api/server/v1/branding-preference";

/** What keys say, in English: our own words, or the organisation's. */
export type Texts = Readonly<Record<string, string>>;

/** textsOf returns the texts; none to who may not read them. */
export async function textsOf(client: Client): Promise<Texts> {
  const call = { query: { locale: "en-US" } }; // for which texts are, unless it is said otherwise
  const [ours, theirs] = await Promise.all([
    client.get<components["schemas"]["Meta"]>(`${path}/meta`, call),
    client.get<{ preference: { text: Texts } }>(`${path}/text/resolve`, call).catch(none),
  ]);
  return { ...ours.data.text, ...theirs?.data.preference.text };
}

function none(error: unknown): undefined {
  if (!(error instanceof Refused) || error.status !== 404) throw error;
}

/** wordsOf is textsOf for pages that do as well without. */
export const wordsOf = (client: Client) =>
  queryOptions({
    queryKey: ["texts"],
    queryFn: () => textsOf(client).catch((): Texts => ({})), // keys are shown as they stand
    staleTime: 60_000,
  });

/** said puts the text in the place of its key in braces. A key that says nothing stays as it is. */
export function said(text: string, texts: Texts): string {
  return text.replace(/\{\{([^{}]+)\}\}/g, (whole, key: string) =>
    Object.hasOwn(texts, key.trim()) ? (texts[key.trim()] ?? whole) : whole,
  );
}
