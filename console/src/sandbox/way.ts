import type { Mark } from "../api/sandbox";

/** Way is the path that a trial has taken: the ids of its steps, and where it is now. */
export interface Way {
  lit: readonly string[];
  at: string | undefined;
}

export const nowhere: Way = { lit: [], at: undefined };

/** wayOf reads where a path leads. */
export function wayOf(path: readonly Mark[]): Way {
  const lit = new Set(path.flatMap((mark) => (mark.next ? [mark.stepId, mark.next] : [mark.stepId])));
  const last = path.at(-1);
  return { lit: [...lit], at: last && (last.next || last.stepId) };
}

const words: Record<Mark["outcome"], string> = {
  MOVED: "went on",
  SHOWN: "was shown",
  REFUSED: "refused what was entered",
  ASKED: "asked the person",
  PROMPTED: "asked the client",
  REDIRECTED: "sent the person elsewhere",
  CHALLENGED: "asked for a passkey",
  SENT_BACK: "sent the person back",
  STOPPED: "ended the flow",
  FAILED: "failed",
  FINISHED: "finished",
};

export type Tone = "good" | "bad" | "plain";

/** wordsOf says what happened at a step, in words that follow the step's name. */
export const wordsOf = ({ outcome, played }: Mark): string =>
  (words[outcome] ?? outcome) + (played ? ". A trial calls no extension: it is taken to agree, and to change nothing." : "");

export function toneOf({ outcome }: Mark): Tone {
  if (["REFUSED", "SENT_BACK", "STOPPED", "FAILED"].includes(outcome)) return "bad";
  return outcome === "FINISHED" ? "good" : "plain";
}

/** substance is what a document says of how the flow runs: the same wherever its steps are on the canvas. */
export function substance(document: string): string {
  const { steps, ...rest } = JSON.parse(document) as { steps?: unknown };
  const bare = (step: unknown) => (typeof step === "object" && step !== null ? { ...step, position: undefined, size: undefined } : step);
  return JSON.stringify({ ...rest, steps: Array.isArray(steps) ? steps.map(bare) : steps });
}
