import type { Person, User } from "../api/sandbox";
import type { FlowType } from "../api/types";

/** Somebody who may have an account already when a trial begins. */
export interface Candidate {
  user: User;
  about: string;
}

const candidate = (given: string, number: string, about: string, rest: Partial<User>): Candidate => {
  const username = given.toLowerCase();
  const claims = { email: `${username}@example.com`, mobile: `+43660123450${number}`, givenName: given, lastName: "Example" };
  return { user: { username, claims, ...rest }, about };
};

/** The password of everybody who has one. */
export const password = "Correct-horse-1";

export const candidates: readonly Candidate[] = [
  candidate("Alex", "1", "Has a password and a passkey", { password, passkey: true }),
  candidate("Casey", "2", "Is locked", { password, locked: true }),
  candidate("Robin", "3", "Was invited and has not accepted yet", { invited: true }),
  candidate("Kim", "4", "Is disabled", { password, disabled: true }),
];

/** usual are the user names of those that a flow of the type is tried with at first. */
export const usual = (flowType: FlowType): string[] => (flowType === "INVITED_USER_REGISTRATION" ? ["robin"] : ["alex", "casey"]);

/** Who signs in at an identity provider. */
export const strangers: readonly { person: Person; about: string }[] = [
  {
    person: { givenName: "Ada", familyName: "Example", email: "ada@example.com", emailVerified: true, locale: "en" },
    about: "Somebody new, with a verified address",
  },
  {
    person: { givenName: "Bo", familyName: "Example", email: "bo@example.com", emailVerified: false, locale: "en" },
    about: "Somebody new, whose address the provider has not verified",
  },
  {
    person: { givenName: "Alex", familyName: "Example", email: "alex@example.com", emailVerified: true, locale: "en" },
    about: "With the address of Alex, who may have an account here",
  },
];
