import type { FlowType } from "../api/types";

/** What the flows are called, and what they are for. */
export const flowWords: Record<FlowType, { name: string; about: string; slug: string }> = {
  REGISTRATION: { name: "Registration", about: "People make an account of their own.", slug: "registration" },
  PASSWORD_RECOVERY: {
    name: "Password recovery",
    about: "People who forgot their password prove who they are and set another.",
    slug: "password-recovery",
  },
  INVITED_USER_REGISTRATION: { name: "Invitation", about: "People who were invited take up their account.", slug: "invitation" },
};

/** plural counts something in words. */
export const plural = (n: number, one: string, several = `${one}s`) => `${n.toLocaleString()} ${n === 1 ? one : several}`;
