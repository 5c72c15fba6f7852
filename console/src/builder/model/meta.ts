import type { Json, Members } from "./json";

/** Schema is the part of JSON Schema (2020-12) that executors describe their properties by. */
export interface Schema {
  properties?: Record<string, Property>;
  required?: string[];
}

export interface Property {
  type?: string;
  title?: string;
  description?: string;
  enum?: Json[];
  default?: Json;
  minimum?: number;
  maximum?: number;
}

/** What the server says of an executor. */
export interface ExecutorKind {
  name: string;
  label?: string;
  summary: string;
  /** Identifiers of the inputs it reads. */
  inputs: string[];
  metaSchema: Schema;
}

/** A user attribute that a field can ask for. */
export interface Attribute {
  name: string;
  claimURI: string;
  required: boolean;
  readOnly: boolean;
}

/** A part of a page that the server offers: a component, or a step, as it is added. */
export interface Offer {
  label: string;
  summary?: string;
  value: Members;
}

/** What may be used in flows of a type: the answer of /flow/meta, as far as it is used here. */
export interface Meta {
  executors: ExecutorKind[];
  attributeMetadata: Attribute[];
  executorConnections: { executorName: string; connections: string[] }[];
  components?: Offer[];
  widgets?: Offer[];
}

/** A ready-made flow. */
export interface Template {
  label: string;
  definition: Members;
}

export const noMeta: Meta = { executors: [], attributeMetadata: [], executorConnections: [] };

export const executorOf = (meta: Meta, name: string): ExecutorKind | undefined => meta.executors.find((one) => one.name === name);

/** connectionsOf lists the connections that an executor may use; undefined for one that uses none. */
export const connectionsOf = (meta: Meta, name: string): string[] | undefined =>
  meta.executorConnections.find((one) => one.executorName === name)?.connections;

/** allows tells whether a property may have the value; text is taken for what it says, as the server does. */
export function allows(property: Property, value: Json | undefined): boolean {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  switch (property.type) {
    case "boolean":
      return text === "true" || text === "false";
    case "integer":
      return /^[+-]?\d+$/.test(text ?? "");
    case "number":
      return text !== "" && Number.isFinite(Number(text));
  }
  return !property.enum || property.enum.some((one) => one === value);
}
