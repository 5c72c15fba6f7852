import { said, type Texts } from "../api/texts";
import type { Change } from "../api/types";
import { type Labels, spaced } from "./preview";

/** A difference as a person reads it. */
export interface Sentence {
  /** What it is about and what happened to it. */
  text: string;
  /** How old and new values are shown; undefined where the text says all. */
  old?: string | undefined;
  new?: string | undefined;
}

const verbs: Record<Change["kind"], string> = {
  added: "was added",
  removed: "was removed",
  changed: "changed",
  moved: "was moved",
  reordered: "are in another order",
};

/** describe says in words what a change is. */
export function describe(change: Change, labels?: Labels, texts: Texts = {}): Sentence {
  const { kind, thing } = change;
  const subject = subjectOf(change, texts);
  if (thing === "step") return kind === "reordered" ? { text: "The steps are in another order" } : { text: `${subject} ${verbs[kind]}` };
  if (kind === "reordered") return { text: `What is in ${subject || "the flow"} is in another order` };
  if (kind === "moved") return { text: `${subject} was moved to another place` };
  if (thing === "component" && kind !== "changed") return { text: `${subject} ${verbs[kind]}` };
  const runs = change.path.endsWith("/action/executor/name");
  const called = (value: unknown) => (runs && typeof value === "string" ? labels?.get(value) || spaced(value) : shown(value));
  const what = `${propertyOf(change)} ${subject || (change.stepId ? `the step ${quote(change.stepId)}` : "the flow")}`;
  return { text: `${capital(what)} ${verbs[kind]}`, old: called(change.old), new: called(change.new) };
}

/** groups puts changes together by the step that they are in, "" for the flow itself, in their order. */
export function groups(changes: Change[]): [string, Change[]][] {
  const all = new Map<string, Change[]>();
  for (const change of changes) {
    const key = change.stepId ?? "";
    all.set(key, [...(all.get(key) ?? []), change]);
  }
  return [...all];
}

function subjectOf({ thing, stepId, componentId, old, new: now }: Change, texts: Texts): string {
  if (thing === "step") return `The step ${quote(stepId ?? "")}`;
  if (!componentId) return "";
  const whole = [now, old].find((one) => typeof one === "object" && one !== null) as
    | { type?: string; config?: Record<string, unknown> }
    | undefined;
  const name =
    thing === "component" ? [whole?.config?.label, whole?.config?.text].find((one) => typeof one === "string" && one !== "") : undefined;
  const type = thing === "component" && whole?.type ? `${spaced(whole.type).toLowerCase()} ` : "";
  return `${thing === "component" ? "The " : ""}${type}${quote(said(String(name ?? componentId), texts))}`;
}

/** Properties that have a name of their own, by how their path ends. */
const known: Record<string, string> = {
  "action/executor/name": "what is run by",
  "action/next": "where it goes on from",
  "config/required": "whether an answer is required of",
  "config/identifier": "the attribute of",
  "config/text": "the text of",
  "config/label": "the label of",
  "config/placeholder": "the placeholder of",
  "config/hint": "the hint of",
  variant: "the look of",
  type: "the type of",
};

/** propertyOf is what of a component or step it is, from the path behind its id. It ends in the word that leads to what it is of. */
function propertyOf({ path, stepId, componentId }: Change): string {
  const parts = path.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const from = parts.lastIndexOf(componentId ?? stepId ?? "");
  const tail = parts.slice(from + 1).filter((part) => part !== "data");
  const name = known[tail.join("/")];
  if (name) return name;
  const skipped = ["config", "action", "executor", "meta"];
  const words = tail
    .filter((part) => !skipped.includes(part))
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : spaced(part).toLowerCase()));
  return words.length > 0 ? `${words.join(" › ")} of` : "something of";
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text || "(empty)";
}

const quote = (text: string) => `“${text}”`;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
