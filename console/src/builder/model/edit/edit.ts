import type { Flow, Key } from "../flow";

/** Edit is a change that a person makes. It is applied once; undoing it brings back what was there before. */
export interface Edit {
  /** What was done, as a menu says it: "Delete step". */
  label: string;
  /** apply returns the changed flow, or the same one where there is nothing to change. It changes nothing in place. */
  apply(flow: Flow): Flow;
  /** Edits in a row of one group, as the letters typed into a field, are undone together. */
  group?: string;
  /** What is selected afterwards. */
  select?: readonly Key[];
}

/** all makes one edit of several. */
export function all(label: string, edits: readonly Edit[]): Edit {
  const select = edits.findLast((edit) => edit.select)?.select;
  return { label, apply: (flow) => edits.reduce((state, edit) => edit.apply(state), flow), ...(select && { select }) };
}
