import type { Texts } from "../../api/texts";
import type { Json, Members } from "./json";
import { spaced } from "./spaced";

/** Schema is the part of JSON Schema (2020-12) that the properties of executors and components are described by. */
export interface Schema {
  properties?: Record<string, Property>;
  required?: string[];
}

export interface Property {
  type?: string;
  title?: string;
  description?: string;
  /** What a text is, where help can be given with it: connection, attribute, image, long-text, rich-text. */
  format?: string;
  enum?: Json[];
  /** What people call the values of enum. */
  enumNames?: string[];
  items?: Schema;
  default?: Json;
  minimum?: number;
  maximum?: number;
}

/** What the server says of an executor. */
export interface ExecutorKind {
  name: string;
  label?: string;
  summary: string;
  /** A picture's name, as icons.tsx has some. */
  icon?: string;
  /** Identifiers of the inputs it reads. */
  inputs: string[];
  /** Those of them that people enter on a page. */
  fields?: EnteredField[];
  /** Where it does its work without more. */
  places?: ("BUTTON" | "EXECUTION" | "END")[];
  metaSchema: Schema;
}

/** A user attribute that a field can ask for. */
export interface Attribute {
  name: string;
  claimURI: string;
  /** What flows may call it as well. */
  shortName?: string;
  required: boolean;
  readOnly: boolean;
}

/** What a page asks for on behalf of an executor. */
export interface EnteredField {
  identifier: string;
  label: string;
  /** Of the INPUT that asks for it. */
  variant: string;
}

/** A type of component that pages can hold. */
export interface ComponentKind {
  category: string;
  type: string;
  group: string;
  /** It belongs into a form. */
  form: boolean;
  kinds: Kind[];
}

/** A variant of a component. */
export interface Kind {
  /** "" where its type has none. */
  variant: string;
  label: string;
  summary?: string;
  icon: string;
  /** The palette offers it. */
  listed: boolean;
  /** That of a new one. */
  config: Members;
  configSchema: Schema;
}

/** A ready-made step. */
export interface Widget {
  label: string;
  summary: string;
  icon: string;
  value: Members;
}

/** What may be used in flows of a type: the answer of /flow/meta, as far as it is used here, and what keys in braces say. */
export interface Meta {
  executors: ExecutorKind[];
  attributeMetadata: Attribute[];
  executorConnections: { executorName: string; connections: string[] }[];
  /** Connections that are called by their ids. */
  flowExtensionConnections: { actionId: string; name: string }[];
  components: ComponentKind[];
  widgets: Widget[];
  texts: Texts;
}

/** A ready-made flow. */
export interface Template {
  label: string;
  definition: Members;
}

export const noMeta: Meta = {
  executors: [],
  attributeMetadata: [],
  executorConnections: [],
  flowExtensionConnections: [],
  components: [],
  widgets: [],
  texts: {},
};

export const executorOf = (meta: Meta, name: string): ExecutorKind | undefined => meta.executors.find((one) => one.name === name);

/** componentKindOf is what is declared of a type of component, kindIn of one of its variants; undefined for what the server does not know. */
export const componentKindOf = (meta: Meta, type: string): ComponentKind | undefined =>
  meta.components.find((one) => one.type === type.toUpperCase());

export function kindIn(meta: Meta, type: string, variant: string): Kind | undefined {
  const kinds = componentKindOf(meta, type)?.kinds ?? [];
  return kinds.find((one) => one.variant === variant.toUpperCase()) ?? kinds[0];
}

/** labelOf is what people call an executor. */
export const labelOf = (executor: ExecutorKind): string => executor.label || spaced(executor.name);

/** executorWords is what people call the executor of the name, also where it is not there. */
export function executorWords(meta: Meta, name: string): string {
  const known = executorOf(meta, name);
  return known ? labelOf(known) : spaced(name);
}

/** connectionsOf lists the connections that an executor that uses one may choose from: what definitions call them, and what people do. */
export function connectionsOf(meta: Meta, executor: string): { value: string; label: string }[] {
  const named = meta.executorConnections.find((one) => one.executorName === executor)?.connections;
  return (
    named?.map((name) => ({ value: name, label: name })) ??
    meta.flowExtensionConnections.map(({ actionId, name }) => ({ value: actionId, label: name }))
  );
}

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
