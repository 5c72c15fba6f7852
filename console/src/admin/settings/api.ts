import { queryOptions } from "@tanstack/react-query";
import type { Client } from "../../api/client";
import type { components } from "../../api/generated/sign-in";

export type Settings = components["schemas"]["Settings"];
export type SettingsChange = components["schemas"]["SettingsChange"];

const path = "/api/server/v1/sign-in/config";

export const settingsOf = (client: Client) =>
  queryOptions({
    queryKey: ["sign-in"],
    queryFn: async ({ signal }) => (await client.get<Settings>(path, { signal })).data,
  });

/** patch changes settings; null goes back to the default. */
export const patch = async (client: Client, change: SettingsChange): Promise<Settings> =>
  (await client.send<Settings>("PATCH", path, { body: change, repeatable: true })).data;

/** defaults is the change that goes back to all defaults. */
export const defaults: SettingsChange = { sessionLifetimeSeconds: null, sessionIdleSeconds: null, userAssertionLifetimeMillis: null };
