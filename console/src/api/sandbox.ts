// Trying flows: httpapi/openapi/flow-sandbox.yaml, and flow-execution.yaml for what the flow answers.
import type { Client } from "./client";
import type { components as Executing } from "./generated/flow-execution";
import type { components as Trying } from "./generated/flow-sandbox";
import { type Texts, textsOf } from "./texts";
import type { FlowConfig, FlowType } from "./types";

type Tried = Trying["schemas"];
type Executed = Executing["schemas"];

export type Sandbox = Tried["Sandbox"];
export type Contents = Tried["Contents"];
export type Mail = Tried["Message"];
export type Account = Tried["Account"];
export type Mark = Tried["Mark"];
export type User = Tried["User"];
export type Person = Tried["Person"];
/** What a client draws. */
export type Drawn = Executed["Component"];
export type Said = Executed["Messages"][number];

/** What the flow answers. Which members data has depends on the type. */
export type Answer = Omit<Tried["Answer"], "data"> & {
  data: {
    components?: Drawn[];
    requiredParams?: string[];
    messages?: Said[];
    url?: string;
    userAssertion?: string;
    additionalData?: Record<string, string>;
    webAuthn?: Executed["Ceremony"];
  };
};

export type Inputs = Record<string, string>;
/** Completion settings, by name. */
export type Settings = Record<string, boolean>;

/** What is sent to a flow: its type to begin, its id to go on. */
export interface Step {
  flowType?: FlowType;
  flowId?: string;
  actionId?: string | undefined;
  inputs?: Inputs;
}

const path = "/api/server/v1/flow/sandbox";

/** SandboxApi makes sandboxes and runs flows in them. Its methods throw what the client throws. */
export interface SandboxApi {
  /** texts are what keys in braces say on the hosted pages. */
  texts(): Promise<Texts>;
  /** settings are the completion settings that the flow has. */
  settings(flowType: FlowType): Promise<Settings>;
  /** create makes a sandbox of a document, JSON that is sent to the byte, of those who have an account already, and with those settings in the place of the flow's. */
  create(document: string, users: readonly User[], settings: Settings): Promise<Sandbox>;
  contents(id: string): Promise<Contents>;
  execute(id: string, step: Step): Promise<Answer>;
  /** advance puts the clock forward, in seconds. */
  advance(id: string, seconds: number): Promise<void>;
  /** passkey, provider and captcha return what to send to the flow next. */
  passkey(id: string, flowId: string, cancel: boolean): Promise<Inputs>;
  provider(id: string, flowId: string, person: Person | undefined): Promise<Inputs>;
  captcha(id: string, pass: boolean): Promise<Inputs>;
  /** confirm confirms an e-mail address, by the code of the link that was sent there. */
  confirm(id: string, code: string): Promise<void>;
  end(id: string): Promise<void>;
}

export function sandboxApi(client: Client): SandboxApi {
  const post = async <T>(at: string, body: unknown) => (await client.send<T>("POST", path + at, { body })).data;
  const inputs = async (at: string, body: unknown) => (await post<{ inputs: Inputs }>(at, body)).inputs;
  return {
    texts: () => textsOf(client),
    settings: async (flowType) => {
      const { data } = await client.get<FlowConfig>("/api/server/v1/flow/config", { query: { flowType } });
      return Object.fromEntries(Object.entries(data.flowCompletionConfigs).map(([name, value]) => [name, value === "true"]));
    },
    create: (document, users, settings) => {
      const configs = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
      return post<Sandbox>(
        "",
        `{"definition":${document},"users":${JSON.stringify(users)},"flowCompletionConfigs":${JSON.stringify(configs)}}`,
      );
    },
    contents: async (id) => (await client.get<Contents>(`${path}/${id}`)).data,
    execute: (id, step) => post<Answer>(`/${id}/execute`, step),
    advance: async (id, advanceSeconds) => void (await post(`/${id}/clock`, { advanceSeconds })),
    passkey: (id, flowId, cancel) => inputs(`/${id}/passkey`, { flowId, cancel }),
    provider: (id, flowId, person) => inputs(`/${id}/provider`, person ? { flowId, person } : { flowId, deny: true }),
    captcha: (id, pass) => inputs(`/${id}/captcha`, { pass }),
    confirm: async (id, confirmation) => void (await client.send("POST", `${path}/${id}/confirm`, { body: { confirmation } })),
    end: async (id) => void (await client.send("DELETE", `${path}/${id}`, { repeatable: true })),
  };
}
