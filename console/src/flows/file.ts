import { type FlowType, isFlowType } from "../api/types";

/*
 * A flow as a file. Members stand in a settled order, so that two files differ where the flows do, and what belongs to the designer's canvas stands
 * apart, under layout, so that moving a step about changes nothing else. The server takes such a file as it is, too.
 */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Members = { [name: string]: Json };

/** Members in the order people read them; any other ones follow by name. */
const order = [
  "flowType", "id", "category", "type", "variant", "version", "deprecated", "actionId", "identifier", "label", "text",
  "data", "config", "components", "action", "executor", "name", "meta", "next", "steps", "layout",
]; // biome-ignore format: a list
const layout = ["position", "size"];

export class NotAFlow extends Error {
  override readonly name = "NotAFlow";
}

const isMembers = (value: Json | undefined): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);

/** toFile returns the file of a definition. */
export function toFile(document: string): string {
  const { layout: kept, ...definition } = read(document);
  const places: Members = isMembers(kept) ? { ...kept } : {};
  const steps = (definition.steps as Json[]).map((step) => {
    if (!isMembers(step) || typeof step.id !== "string") return step;
    const { position, size, ...rest } = step;
    const place = Object.fromEntries(Object.entries({ position, size }).filter(([, value]) => value !== undefined)) as Members;
    if (Object.keys(place).length > 0) places[step.id] = place;
    return rest;
  });
  const file = { ...definition, steps, ...(Object.keys(places).length > 0 && { layout: places }) };
  return `${JSON.stringify(settled(file), null, 2)}\n`;
}

/** fromFile returns the definition of a file for flows of the type, whether it was made by toFile or is one as it is. It throws NotAFlow. */
export function fromFile(file: string, flowType: FlowType): string {
  const { layout: places, ...definition } = read(file);
  if (!isFlowType(definition.flowType)) throw new NotAFlow("The file does not say which flow it is.");
  if (definition.flowType !== flowType) throw new NotAFlow("The file holds another kind of flow.");
  if (!isMembers(places)) return JSON.stringify(definition);
  const steps = (definition.steps as Json[]).map((step) => {
    const place = isMembers(step) && typeof step.id === "string" && Object.hasOwn(places, step.id) ? places[step.id] : undefined;
    if (!isMembers(step) || !isMembers(place)) return step;
    return { ...step, ...Object.fromEntries(layout.filter((name) => place[name] !== undefined).map((name) => [name, place[name]])) };
  });
  return JSON.stringify({ ...definition, steps });
}

function read(text: string): Members {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NotAFlow("The file is no JSON.");
  }
  if (!isMembers(value) || !Array.isArray(value.steps)) throw new NotAFlow("The file is no flow: it has no list of steps.");
  return value;
}

function settled(value: Json): Json {
  if (Array.isArray(value)) return value.map(settled);
  if (!isMembers(value)) return value;
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const names = Object.keys(value).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name) => [name, settled(value[name] ?? null)]));
}

/** download gives the browser a file to keep. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
