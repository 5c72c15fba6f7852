import { createContext, useContext, useSyncExternalStore } from "react";
import type { Person } from "./provider";
import type { Session } from "./session";

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("there is no SessionContext");
  return session;
}

/** Self is who is signed in. */
export interface Self {
  person: Person;
  /** over tells that the server lets them do nothing until they have signed in again. */
  over: boolean;
  /** may tells whether they were granted the scope. The server looks again, at each call. */
  may(scope: string): boolean;
}

/** useSelf returns who is signed in; pages are shown to nobody else. */
export function useSelf(): Self {
  const session = useSession();
  const state = useSyncExternalStore(session.subscribe, session.state);
  if (state.kind === "nobody") throw new Error("nobody is signed in");
  return { person: state.person, over: state.kind === "over", may: (scope) => state.scopes.has(scope) };
}
