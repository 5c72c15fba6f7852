import type { Claim, ClaimChange, DataType } from "./api";

export const types: DataType[] = ["string", "boolean", "integer", "decimal", "date", "email", "uri", "phone"];

/** Where the API has the fields of the form. */
export const paths = [
  "claimURI",
  "displayName",
  "description",
  "regEx",
  "dataType",
  "required",
  "readOnly",
  "uniquenessScope",
  "multiValued",
];

/** Where the URIs of attributes begin, by custom. */
const prefix = "http://wso2.org/claims/";

/** changeOf is all of an attribute that can be sent, as it is; of a new one what it begins with. */
export function changeOf(claim: Claim | undefined): ClaimChange {
  if (!claim) return { claimURI: prefix, displayName: "", dataType: "string", uniquenessScope: "NONE" };
  const { claimURI, shortName, displayName, description, regEx, required, readOnly, dataType, uniquenessScope, multiValued } = claim;
  const kept = { claimURI, shortName, displayName, description, required, readOnly, dataType, uniquenessScope, multiValued };
  return regEx === undefined ? kept : { ...kept, regEx };
}
