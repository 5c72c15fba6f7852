import { Exact, isMembers, type Json, type Members, parse, serialise } from "./json";

/**
 * A step or component keeps its key as long as the page is open, whatever its id becomes: ids may be missing, or stand for two things, and that has to
 * be put right here. Keys are symbols' values, so that they are copied with the object and never written.
 */
export const key: unique symbol = Symbol("key");
export type Key = string;

export interface Executor extends Members {
  name?: string | null;
  meta?: Members | null;
}

export interface Action extends Members {
  type?: string | null;
  executor?: Executor | null;
  next?: string | null;
}

export interface Component extends Members {
  [key]: Key;
  id?: string | null;
  category?: string | null;
  type?: string | null;
  variant?: string | null;
  actionId?: string | null;
  components?: Component[] | null;
  action?: Action | null;
  config?: Members | null;
}

export interface StepData extends Members {
  components?: Component[] | null;
  action?: Action | null;
}

export interface Step extends Members {
  [key]: Key;
  id?: string | null;
  type?: string | null;
  data?: StepData | null;
}

/** A flow document. Members that nothing here knows are kept as they are. */
export interface Flow extends Members {
  flowType?: string | null;
  steps: Step[];
}

/** The step id, and the value of next, that ends a flow. */
export const END = "END";

/** NotAFlow is thrown for a document that the server could not read as a flow either; its message names the place. */
export class NotAFlow extends Error {
  override readonly name = "NotAFlow";
}

let keys = 0;
/** newKey returns a key that nothing has, for a step or a component. */
export const newKey = (of: "step" | "component"): Key => `${of}-${++keys}`;

/** readFlow reads a document. It throws NotAFlow. */
export function readFlow(text: string): Flow {
  let value: Json;
  try {
    value = parse(text);
  } catch {
    throw new NotAFlow("The document is no JSON.");
  }
  return toFlow(value);
}

/** toFlow gives a document's steps and components their keys. It throws NotAFlow. */
export function toFlow(value: Json | undefined): Flow {
  if (!isMembers(value)) throw new NotAFlow("The document is no JSON object.");
  expect(value.flowType, "flowType", isText);
  if (!Array.isArray(value.steps)) throw new NotAFlow("The document has no list of steps.");
  return { ...value, steps: value.steps.map((step, i) => toStep(step, `steps[${i}]`)) } as Flow;
}

/** toStep checks the shape of a step as the server reads it, and gives it and its components new keys. It throws NotAFlow. */
export function toStep(value: Json | undefined, place: string): Step {
  if (!isMembers(value)) throw new NotAFlow(`${place} is no object.`);
  for (const name of ["id", "type"]) expect(value[name], `${place}.${name}`, isText);
  const step = { ...value, [key]: newKey("step") } as Step;
  const { data } = value;
  if (data === undefined || data === null) return step;
  if (!isMembers(data)) throw new NotAFlow(`${place}.data is no object.`);
  checkAction(data.action, `${place}.data.action`);
  return { ...step, data: { ...data, ...toList(data, `${place}.data`, 1) } };
}

/** How deep components nest at most; the server takes no more either. */
const deepest = 16;

/** toComponent is toStep for a component. */
export function toComponent(value: Json | undefined, place: string, depth = 1): Component {
  if (!isMembers(value)) throw new NotAFlow(`${place} is no object.`);
  if (depth > deepest) throw new NotAFlow(`${place} nests deeper than ${deepest} components.`);
  for (const name of ["id", "category", "type", "variant", "actionId"]) expect(value[name], `${place}.${name}`, isText);
  expect(value.config, `${place}.config`, isMembers);
  checkAction(value.action, `${place}.action`);
  return { ...value, ...toList(value, place, depth + 1), [key]: newKey("component") } as Component;
}

function toList(holder: Members, place: string, depth: number): { components?: Component[] } {
  const list = holder.components;
  if (list === undefined || list === null) return {};
  if (!Array.isArray(list)) throw new NotAFlow(`${place}.components is no list.`);
  return { components: list.map((one, i) => toComponent(one, `${place}.components[${i}]`, depth)) };
}

function checkAction(action: Json | undefined, place: string): void {
  expect(action, place, isMembers);
  if (!isMembers(action)) return;
  for (const name of ["type", "next"]) expect(action[name], `${place}.${name}`, isText);
  expect(action.executor, `${place}.executor`, isMembers);
  if (!isMembers(action.executor)) return;
  expect(action.executor.name, `${place}.executor.name`, isText);
  expect(action.executor.meta, `${place}.executor.meta`, isMembers);
}

const isText = (value: Json): value is string => typeof value === "string";

/** expect lets null through as well: the server reads it as nothing. */
function expect(value: Json | undefined, place: string, fits: (value: Json) => boolean): void {
  if (value !== undefined && value !== null && !fits(value)) throw new NotAFlow(`${place} has a value of the wrong type.`);
}

/** writeFlow returns the document's JSON text, as serialise does. */
export const writeFlow = (flow: Flow, indent = 0): string => serialise(flow, indent);

export const idOf = (one: Step | Component): string => one.id ?? "";
/** kindOf is a component's type as the server compares it. */
export const kindOf = (component: Component): string => (component.type ?? "").toUpperCase();
/** typeOf is a step's type as the server reads it. */
export function typeOf(step: Step): string {
  const type = step.type ?? "";
  return type === "REDIRECTION" || type === "WEBAUTHN" ? "EXECUTION" : type;
}
export const componentsOf = (holder: Step | Component): Component[] => (isStep(holder) ? holder.data?.components : holder.components) ?? [];

export const isStep = (one: Step | Component): one is Step => isStepKey(one[key]);
export const isStepKey = (one: Key): boolean => one.startsWith("step-");

/** configText is a config's value as text, as the server reads it; "" where there is none. */
export function configText(component: Component, name: string): string {
  const value = component.config?.[name];
  if (value instanceof Exact) return value.text;
  return typeof value === "string" ? value : value === undefined || value === null ? "" : serialise(value);
}

/** configFlag tells whether a config's value is true, or its text. */
export const configFlag = (component: Component, name: string): boolean => configText(component, name).toLowerCase() === "true";
