import { queryOptions } from "@tanstack/react-query";
import type { Answer, Client } from "../../api/client";
import type { components } from "../../api/generated/sign-in";

export type Settings = components["schemas"]["Settings"];
export type SettingsChange = components["schemas"]["SettingsChange"];

const path = "/api/server/v1/sign-in/config";

export const settingsOf = (client: Client) =>
  queryOptions({
    queryKey: ["sign-in"],
    queryFn: ({ signal }) => client.get<Settings>(path, { signal }),
  });

/** patch changes settings, those with the entity tag if there is one; null goes back to the default. */
export const patch = (client: Client, change: SettingsChange, ifMatch: string | undefined): Promise<Answer<Settings>> =>
  client.send("PATCH", path, { body: change, ifMatch });

/** defaults is the change that goes back to all defaults. */
export const defaults: SettingsChange = {
  sessionLifetimeSeconds: null,
  sessionIdleSeconds: null,
  offlineLifetimeSeconds: null,
  userAssertionLifetimeMillis: null,
};
