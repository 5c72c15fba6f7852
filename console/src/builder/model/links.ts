import { type Action, END, type Flow, idOf, type Key, key, kindOf, type Step, typeOf } from "./flow";
import { look, within } from "./look";
import { wordsOfComponent } from "./words";

/** The key of the end of a flow that has no step END. */
export const noEnd: Key = "END";

/** An outlet is what a person, or a step by itself, goes on by: each leads to one step. */
export interface Outlet {
  /** The key of the button, or of the step. */
  key: Key;
  label: string;
  action: Action | undefined;
}

const cache = new WeakMap<Step, Outlet[]>();

/** outletsOf lists the buttons of a page, or the one action of a step without any. What ends the flow leads nowhere. */
export function outletsOf(step: Step): Outlet[] {
  let outlets = cache.get(step);
  if (!outlets) {
    outlets = findOutlets(step);
    cache.set(step, outlets);
  }
  return outlets;
}

function findOutlets(step: Step): Outlet[] {
  switch (typeOf(step)) {
    case "EXECUTION":
      return [{ key: step[key], label: "then", action: step.data?.action ?? undefined }];
    case "VIEW":
      return within(step)
        .filter((component) => kindOf(component) === "BUTTON")
        .map((button) => ({ key: button[key], label: wordsOfComponent(button), action: button.action ?? undefined }));
  }
  return [];
}

/** readNext is the id that an action leads to, as the server reads it; "" for none. */
export function readNext(action: Action | undefined | null): string {
  const next = action?.next ?? "";
  return next.toUpperCase() === END || next === "COMPLETE" ? END : next;
}

/** targetOf is the step with the id, or the end; undefined where there is none. */
export function targetOf(flow: Flow, id: string): Key | undefined {
  if (id === "") return undefined;
  const steps = look(flow).steps;
  const found = look(flow)
    .ids.get(id)
    ?.find((one) => steps.has(one));
  return found ?? (id === END ? noEnd : undefined);
}

/** endOf is the key of the step END, or noEnd. */
export const endOf = (flow: Flow): Key => targetOf(flow, END) ?? noEnd;

export interface Link {
  /** The outlet it begins at; there is one link of each at most. */
  outlet: Key;
  source: Key;
  target: Key;
  label: string;
}

/** linksOf lists what leads where. An outlet that leads to no step of the flow has no link. */
export function linksOf(flow: Flow): Link[] {
  return flow.steps.flatMap((step) =>
    outletsOf(step).flatMap((outlet) => {
      const target = targetOf(flow, readNext(outlet.action));
      return target === undefined ? [] : [{ outlet: outlet.key, source: step[key], target, label: outlet.label }];
    }),
  );
}

/** outletOf finds the outlet with the key. */
export function outletOf(flow: Flow, of: Key): Outlet | undefined {
  const index = look(flow);
  const step = index.steps.get(of)?.step ?? index.components.get(of)?.step;
  return step && outletsOf(step).find((outlet) => outlet.key === of);
}

/** firstOf is where the flow begins: the step that no other leads to, else the first (the engine's rule). */
export function firstOf(flow: Flow): Step | undefined {
  const entered = new Set(linksOf(flow).flatMap((link) => (link.source === link.target ? [] : [link.target])));
  const steps = flow.steps.filter((step) => idOf(step) !== END);
  return steps.find((step) => !entered.has(step[key])) ?? steps[0];
}
