import type { AuthType } from "./api";

/** A way of the server to say who it is. What its properties hold is a secret, also where it may be read while it is typed. */
interface Way {
  label: string;
  properties: { name: string; hidden?: boolean; optional?: boolean; hint?: string }[];
}

const client = [
  { name: "clientId" },
  { name: "clientSecret", hidden: true },
  { name: "tokenEndpoint", hint: "Where the access token comes from." },
  { name: "scopes", optional: true, hint: "With spaces between them." },
];
const person = [{ name: "username" }, { name: "password", hidden: true }];

/** ways are the types of authentication, with the properties that the API has for each. */
export const ways: Record<AuthType, Way> = {
  NONE: { label: "None", properties: [] },
  BEARER: { label: "Bearer token", properties: [{ name: "accessToken", hidden: true }] },
  API_KEY: { label: "Key in a header", properties: [{ name: "header" }, { name: "value", hidden: true }] },
  BASIC: { label: "User name and password", properties: person },
  CLIENT_CREDENTIAL: { label: "OAuth 2.0, client credentials", properties: client },
  PASSWORD_CREDENTIAL: { label: "OAuth 2.0, client and password", properties: [...client, ...person] },
};

export const authTypes = Object.keys(ways) as AuthType[];

/** propertyPath is where the API has a property. */
export const propertyPath = (name: string): string => `endpoint.authentication.properties.${name}`;
