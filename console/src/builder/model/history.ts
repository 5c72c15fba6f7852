import type { Edit } from "./edit/edit";
import type { Flow, Key } from "./flow";

/** State is a flow and what is selected in it. */
export interface State {
  flow: Flow;
  selection: readonly Key[];
}

interface Entry extends State {
  /** What led from this state to the one after it. */
  label: string;
}

/** History is a state with those before it and those that were undone. It is never changed; what changes it returns another one. */
export interface History {
  now: State;
  past: readonly Entry[];
  future: readonly Entry[];
  /** The group of the last edit, and when it was made; the next of the same group joins it. */
  group: string | undefined;
  at: number;
}

/** How many edits can be undone, and how long a pause ends a group, in milliseconds. */
const most = 1000;
const pause = 1500;

export const begin = (flow: Flow): History => ({ now: { flow, selection: [] }, past: [], future: [], group: undefined, at: 0 });

/** perform makes an edit at a moment in milliseconds. The history stays the same object where nothing changes. */
export function perform(history: History, edit: Edit, at: number): History {
  const { now } = history;
  const flow = edit.apply(now.flow);
  if (flow === now.flow) return history;
  const next = { flow, selection: edit.select ?? now.selection };
  const joins = edit.group !== undefined && edit.group === history.group && at - history.at < pause;
  const past = joins ? history.past : [...history.past.slice(-(most - 1)), { ...now, label: edit.label }];
  return { now: next, past, future: [], group: edit.group, at };
}

/** undo goes back by one edit, or group of them. */
export function undo(history: History): History {
  const last = history.past.at(-1);
  if (!last) return history;
  const { flow, selection, label } = last;
  return {
    now: { flow, selection },
    past: history.past.slice(0, -1),
    future: [{ ...history.now, label }, ...history.future],
    group: undefined,
    at: 0,
  };
}

/** redo does again what was undone last. */
export function redo(history: History): History {
  const [first, ...future] = history.future;
  if (!first) return history;
  const { flow, selection, label } = first;
  return { now: { flow, selection }, past: [...history.past, { ...history.now, label }], future, group: undefined, at: 0 };
}

/** select changes what is selected; it is nothing that is undone, and ends a group. */
export const select = (history: History, selection: readonly Key[]): History => ({
  ...history,
  now: { ...history.now, selection },
  group: undefined,
});
