import { words } from "../../ui/schema";
import type { Tone } from "../../ui/shown";
import { system, type User } from "./api";

/** Accounts that can be looked for by how they are. */
export const states = { "": "All", locked: "Locked", disabled: "Disabled", free: "Neither" } as const;
export type State = keyof typeof states;

const stateFilters: Record<State, string> = {
  "": "",
  locked: `${system}:accountLocked eq true`,
  disabled: "active eq false",
  free: `active eq true and ${system}:accountLocked eq false`,
};

/** searchFor is the SCIM filter of users who have the text in their names or e-mail address, and whose account is so. */
export function searchFor(text: string, state: State = ""): string {
  const value = JSON.stringify(text);
  const named = text && ["userName", "name.givenName", "name.familyName", "emails.value"].map((name) => `${name} co ${value}`).join(" or ");
  const how = stateFilters[state];
  return named && how ? `(${named}) and ${how}` : named || how;
}

/** stateOf says how an account is. */
export function stateOf(user: User): { label: string; tone: Tone } {
  switch (user[system]?.accountState) {
    case "DISABLED":
      return { label: "Disabled", tone: "bad" };
    case "LOCKED":
      return { label: "Locked", tone: "warn" };
    case "PENDING_AP":
      return { label: "Invited", tone: "info" };
    case "PENDING_SR":
      return { label: "Address not confirmed", tone: "info" };
    default:
      return { label: "Active", tone: "good" };
  }
}

const reasons: Record<string, string> = {
  ADMIN_INITIATED: "An administrator has locked it.",
  PENDING_EMAIL_VERIFICATION: "Its e-mail address is not confirmed yet.",
  PENDING_ASK_PASSWORD: "The invitation is not accepted yet.",
  MAX_ATTEMPTS_EXCEEDED: "Signing in failed too often. It ends by itself.",
};

/** reasonOf says why an account is locked, undefined where it is not. */
export function reasonOf(user: User): string | undefined {
  const reason = user[system]?.lockedReason;
  if (!user[system]?.accountLocked) return undefined;
  return reason === undefined ? "It is not known why." : (reasons[reason] ?? reason);
}

/** nameOf is what the person is called, "" where nobody has said it. */
export function nameOf({ name, displayName }: User): string {
  return displayName ?? name?.formatted ?? [name?.givenName, name?.familyName].filter(Boolean).join(" ");
}

/** emailOf is the main address. */
export const emailOf = ({ emails }: User): string => (emails?.find((one) => one.primary) ?? emails?.[0])?.value ?? "";

export interface Fact {
  label: string;
  value: string;
}

/** What is said elsewhere on the page, or is nobody's business. */
const elsewhere = new Set(["schemas", "id", "meta", "active", "accountLocked", "accountDisabled", "accountState", "lockedReason"]);
const proofs = new Set(["emailVerified", "phoneVerified"]);

/** factsOf are all attributes that the user has, in words. */
export function factsOf(user: User): Fact[] {
  return Object.entries(user).flatMap(([name, value]) => {
    if (elsewhere.has(name)) return [];
    if (!name.startsWith("urn:")) return fact(words(name), value);
    return Object.entries(value as object).flatMap(([inner, one]) =>
      elsewhere.has(inner) || proofs.has(inner) ? [] : fact(words(inner), one),
    );
  });
}

function fact(label: string, value: unknown): Fact[] {
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown) => {
      if (typeof one !== "object" || one === null) return fact(label, one);
      const { type, primary, value: plain, display: _, ...rest } = one as Record<string, unknown>;
      const named = [label, [primary && "main", type].filter(Boolean).join(", ")].filter(Boolean).join(": ");
      return plain === undefined ? fact(label, rest) : fact(named, plain);
    });
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, one]) => fact(name === "value" ? label : words(name), one));
  }
  if (value === undefined || value === null || value === "") return [];
  return [{ label, value: typeof value === "boolean" ? (value ? "Yes" : "No") : String(value) }];
}

/** proofsOf are the addresses that there are, and whether the person has proved that they are theirs. */
export function proofsOf(user: User): { label: string; proved: boolean }[] {
  const said = user[system];
  const list = [];
  if (user.emails?.length) list.push({ label: "E-mail address", proved: said?.emailVerified === true });
  if (user.phoneNumbers?.length) list.push({ label: "Phone number", proved: said?.phoneVerified === true });
  return list;
}
