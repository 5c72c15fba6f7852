import { queryOptions } from "@tanstack/react-query";
import type { Client } from "../../api/client";
import type { components } from "../../api/generated/server-info";

export type ServerInfo = components["schemas"]["ServerInfo"];
export type Setting = components["schemas"]["Setting"];
type Rule = ServerInfo["usernameRules"][number];

export const infoOf = (client: Client) =>
  queryOptions({
    queryKey: ["server-info"],
    queryFn: async ({ signal }) => (await client.get<ServerInfo>("/api/server/v1/server-info", { signal })).data,
  });

/** groupsOf puts the settings below their headings, in the order that they come in. */
export function groupsOf(settings: readonly Setting[]): [group: string, settings: Setting[]][] {
  const groups = new Map<string, Setting[]>();
  for (const one of settings) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return [...groups];
}

/** ruleText says what a rule asks of a user name. */
export function ruleText({ name, conditions }: Rule): string {
  const of = (key: string) => conditions.find((one) => one.key === key)?.value;
  if (name === "LengthValidator") return `${of("min.length")} to ${of("max.length")} characters`;
  return conditions.map(({ key, value }) => `${key} ${value}`).join(", ");
}
