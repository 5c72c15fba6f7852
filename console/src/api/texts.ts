// What the server's own pages say: httpapi/openapi/branding.yaml.
import type { Client } from "./client";
import type { components } from "./generated/branding";

/** Our own texts by key, in English. */
export type Texts = Readonly<Record<string, string>>;

/** textsOf returns the texts; none to who may not read them. */
export async function textsOf(client: Client): Promise<Texts> {
  const query = { locale: "en" };
  return (await client.get<components["schemas"]["Meta"]>("/api/server/v1/branding-preference/meta", { query })).data.text;
}

/** said puts the text in the place of its key in braces. A key that says nothing stays as it is. */
export function said(text: string, texts: Texts): string {
  return text.replace(/\{\{([^{}]+)\}\}/g, (whole, key: string) =>
    Object.hasOwn(texts, key.trim()) ? (texts[key.trim()] ?? whole) : whole,
  );
}
