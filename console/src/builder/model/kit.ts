import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Component, type Flow, idOf, type Key, key, readFlow, type Step } from "./flow";
import type { Json } from "./json";
import { look } from "./look";
import type { ComponentKind, Meta } from "./meta";

// What the tests of this folder share. Nothing of the console imports it.

export interface Starter {
  name: string;
  text: string;
}

/** npm runs the tests in console/. */
const folder = join(process.cwd(), "../starter/flows");

/** starters are the definitions that the server comes with. */
export const starters: Starter[] = readdirSync(folder)
  .sort()
  .map((name) => ({ name, text: JSON.stringify(JSON.parse(readFileSync(join(folder, name), "utf8")).definition) }));

export function starter(name: string): Flow {
  const found = starters.find((one) => one.name === `${name}.json`);
  if (!found) throw new Error(`there is no starter ${name}`);
  return readFlow(found.text);
}

export const flowOf = (steps: Json[], flowType = "REGISTRATION"): Flow => readFlow(JSON.stringify({ flowType, steps }));

/** at is the key of the first thing with the id. */
export function at(flow: Flow, id: string): Key {
  const found = look(flow).ids.get(id)?.[0];
  if (found === undefined) throw new Error(`nothing has the id ${id}`);
  return found;
}

export function stepAt(flow: Flow, id: string): Step {
  const step = flow.steps.find((one) => idOf(one) === id);
  if (!step) throw new Error(`there is no step ${id}`);
  return step;
}

export function componentAt(flow: Flow, id: string): Component {
  const found = [...look(flow).components.values()].find((place) => idOf(place.component) === id);
  if (!found) throw new Error(`there is no component ${id}`);
  return found.component;
}

export const keysOf = (flow: Flow): Key[] => flow.steps.map((step) => step[key]);

const schema = (properties: Meta["executors"][number]["metaSchema"]["properties"]) => ({ properties: properties ?? {} });

/** components are what the server declares; its own tests keep the file. */
const components: ComponentKind[] = JSON.parse(readFileSync(join(process.cwd(), "../flow/palette/testdata/components.json"), "utf8"));

/** A server that declares three executors, none of which this console has ever heard of. */
export const meta: Meta = {
  texts: {},
  executors: [
    {
      name: "CarrierPigeonExecutor",
      summary: "Sends a pigeon.",
      inputs: ["otp", "resend"],
      fields: [{ identifier: "otp", label: "Code", variant: "OTP" }],
      metaSchema: schema({}),
    },
    {
      name: "LighthouseExecutor",
      summary: "Signs up with an account at a lighthouse.",
      inputs: ["code", "state"],
      metaSchema: schema({
        tower: { type: "string", format: "connection", description: "Name of the connection.", default: "" },
        mode: { type: "string", enum: ["signup", "signin"], default: "signup" },
        bright: { type: "boolean", description: "Whether it shines.", default: true },
        turns: { type: "integer", default: 3, minimum: 0 },
      }),
    },
    {
      name: "AskNameExecutor",
      summary: "Asks who is there.",
      inputs: ["http://wso2.org/claims/username"],
      fields: [{ identifier: "http://wso2.org/claims/username", label: "User name", variant: "TEXT" }],
      metaSchema: schema({}),
    },
  ],
  attributeMetadata: [
    { name: "User name", claimURI: "http://wso2.org/claims/username", required: true, readOnly: false },
    { name: "Email", claimURI: "http://wso2.org/claims/emailaddress", required: false, readOnly: false },
  ],
  executorConnections: [{ executorName: "LighthouseExecutor", connections: ["north", "south"] }],
  flowExtensionConnections: [],
  components,
  widgets: [],
};
