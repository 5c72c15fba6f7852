import { alike } from "../difference";
import type { AuthType, Extension, ExtensionChange, Path, Values } from "./api";
import { authTypes, propertyPath, ways } from "./authentication";

/** What the form of an extension shows. */
export interface Shown {
  name: string;
  description: string;
  iconUrl: string;
  uri: string;
  type: AuthType;
  /** Those of the authentication, only to be set; {} leaves them as they are. */
  properties: Values;
  allowedHeaders: string[];
  expose: Path[];
  modify: Path[];
  /** PEM, only to be set; undefined leaves it as it is, "" takes it away. */
  certificate: string | undefined;
}

export const shownOf = ({ name, description, iconUrl, endpoint, accessConfig }: Extension): Shown => ({
  name,
  description,
  iconUrl,
  uri: endpoint.uri,
  type: endpoint.authentication.type,
  properties: {},
  allowedHeaders: endpoint.allowedHeaders,
  expose: accessConfig.expose,
  modify: accessConfig.modify,
  certificate: undefined,
});

/** secretsKept tells whether the server keeps the properties of the authentication: it does as long as neither they nor where they are sent change. */
export const secretsKept = (before: Shown, { uri, type, properties }: Shown): boolean =>
  uri === before.uri && type === before.type && Object.keys(properties).length === 0;

/** changeOf is what to send of a changed form. */
export function changeOf(before: Shown, after: Shown): ExtensionChange {
  const change: ExtensionChange = {};
  for (const name of ["name", "description", "iconUrl"] as const) if (after[name] !== before[name]) change[name] = after[name];
  const endpoint: ExtensionChange["endpoint"] = {};
  if (after.uri !== before.uri) endpoint.uri = after.uri;
  if (!secretsKept(before, after)) endpoint.authentication = { type: after.type, properties: after.properties };
  if (!alike(after.allowedHeaders, before.allowedHeaders)) endpoint.allowedHeaders = after.allowedHeaders;
  if (Object.keys(endpoint).length > 0) change.endpoint = endpoint;
  const access: ExtensionChange["accessConfig"] = {};
  for (const name of ["expose", "modify"] as const) if (!alike(after[name], before[name])) access[name] = after[name];
  if (Object.keys(access).length > 0) change.accessConfig = access;
  if (after.certificate !== undefined) change.encryption = { certificate: base64(after.certificate) };
  return change;
}

/** base64 is how the API takes a PEM file as a whole. */
const base64 = (text: string): string => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));

/** pathsOf are where the API has what the form shows. */
export const pathsOf = (type: AuthType): string[] => [
  "name",
  "description",
  "iconUrl",
  "endpoint.uri",
  "endpoint.authentication.type",
  ...ways[type].properties.map(({ name }) => propertyPath(name)),
  "endpoint.allowedHeaders",
  "accessConfig.expose",
  "accessConfig.modify",
  "encryption.certificate",
];

export const typeOptions = authTypes.map((value) => ({ value, label: ways[value].label }));

/** What a refusal is about that says it by its code alone. */
export const taken = { "UE-34409": "name" };
