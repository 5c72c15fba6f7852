import type { Client } from "../api/client";
import { mayView } from "../api/flows";
import { ConnectionLost, explain, Refused } from "../api/problem";
import { textsOf } from "../api/texts";
import { type BuilderApi, DraftChanged, type Loaded, Offline, type Saved } from "./api";
import { isMembers, parse, serialise } from "./model/json";
import type { Attribute, Meta, Template } from "./model/meta";
import type { Problem } from "./model/problems/problem";

const path = "/api/server/v1/flow";
const claims = "/api/server/v1/claim-dialects/local/claims";
/** Claims that the server keeps for itself. */
const hidden = "http://wso2.org/claims/identity/";

interface Back {
  back(signal?: AbortSignal): Promise<void>;
}

/** serverApi is the builder's view of the management APIs. */
export function serverApi(client: Client, connection: Back): BuilderApi {
  const get = <T>(at: string, flowType?: string) => told(async () => (await client.get<T>(at, { query: { flowType } })).data);
  return {
    meta: (flowType) => get<Omit<Meta, "texts">>(`${path}/meta`, flowType),
    templates: (flowType) => get<Template[]>(`${path}/templates`, flowType),
    attributes: async () =>
      (await get<(Attribute & { displayName: string })[]>(claims)).filter(visible).map((one) => ({ ...one, name: one.displayName })),
    texts: () => textsOf(client),
    load: (flowType) => told(() => load(client, flowType)),
    save: (flowType, text, seen, base) =>
      told(async () => {
        const ifMatch = seen === undefined ? undefined : `"${seen}"`;
        return (
          await client.send<Saved & { problems: Problem[] }>("PUT", `${path}/draft`, { query: { flowType, base }, body: text, ifMatch })
        ).data;
      }),
    validate: (text, signal) =>
      told(async () => {
        const body = `{"definition":${text}}`;
        return (await client.send<{ problems: Problem[] }>("POST", `${path}/validate`, { body, signal })).data.problems;
      }),
    back: (signal) => connection.back(signal),
  };
}

const visible = (one: Attribute) => !one.claimURI.startsWith(hidden);

async function load(client: Client, flowType: string): Promise<Loaded> {
  try {
    const { text } = await client.get<unknown>(`${path}/draft`, { query: { flowType } });
    const draft = parse(text); // not the client's reading of it, which rounds numbers
    if (!isMembers(draft) || draft.definition === undefined) throw new Error("The server's answer holds no draft.");
    const { revision, saved, author, base } = JSON.parse(text) as Saved & { base?: number };
    return { text: serialise(draft.definition), draft: { revision, saved, ...(author && { author }) }, base };
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
  }
  // Its number is asked for first: should another be published in between, its author is warned for nothing, not overruled.
  const { data } = await client.get<{ flowType: string; live?: { number: number } | null }[]>(`${path}/overview`);
  const base = data.find((one) => one.flowType === flowType)?.live?.number;
  return { text: (await client.get<unknown>(path, { query: { flowType } })).text, draft: undefined, base };
}

/** told makes of what the client throws what the builder knows. */
async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ConnectionLost) throw new Offline(error.message, { cause: error });
    if (error instanceof Refused && error.status === 412) throw new DraftChanged(error.problem.current as Saved | undefined);
    if (error instanceof DOMException) throw error; // given up by the caller
    throw new Error(explain(error), { cause: error });
  }
}

/** What somebody has to be allowed to see the builder. */
export const scope = mayView;
