import { END, type Flow, idOf, isStepKey, type Key, key } from "../flow";
import { outletsOf, readNext } from "../links";
import { look } from "../look";
import { changeAction } from "./actions";
import type { Edit } from "./edit";
import { changeComponent, changeStep, put } from "./tree";

/**
 * rename gives a step or component another id. What led to the step leads to it under its new id; where two have the old one, the first of them was
 * meant. Without an id nothing can lead to it. Whether the new id is free is not asked: two of one id are a problem that is shown.
 */
export function rename(of: Key, id: string): Edit {
  return {
    label: "Rename",
    group: `id ${of}`,
    apply(flow) {
      const old = look(flow).steps.get(of)?.step ?? look(flow).components.get(of)?.component;
      if (!old || idOf(old) === id) return flow;
      const renamed = isStepKey(of)
        ? changeStep(flow, of, (step) => put(step, "id", id))
        : changeComponent(flow, of, (component) => put(component, "id", id));
      return id !== "" && isStepKey(of) && isMeant(flow, of, idOf(old)) ? lead(renamed, idOf(old), id) : renamed;
    },
  };
}

function isMeant(flow: Flow, of: Key, id: string): boolean {
  return id !== "" && look(flow).ids.get(id)?.find(isStepKey) === of;
}

function lead(flow: Flow, from: string, to: string): Flow {
  const outlets = flow.steps.flatMap(outletsOf).filter((outlet) => readNext(outlet.action) === from);
  return outlets.reduce((state, outlet) => changeAction(state, outlet.key, (action) => action && put(action, "next", to)), flow);
}

/** canRename tells whether a step's or component's id is its author's to choose. */
export const canRename = (flow: Flow, of: Key): boolean => {
  const step = look(flow).steps.get(of)?.step;
  return !step || idOf(step) !== END || step.type !== END || step[key] !== of;
};
