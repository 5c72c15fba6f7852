import { type Component, END, idOf, isStepKey, type Key, key, newKey, type Step, toStep } from "../flow";
import { Names, wantedId } from "../ids";
import type { Json } from "../json";
import { noEnd } from "../links";
import { look } from "../look";
import { forget } from "./actions";
import type { Edit } from "./edit";
import { changeStep, takeOut } from "./tree";

export interface Point {
  x: number;
  y: number;
}

/** newStep makes a step of JSON, with its key. */
export const newStep = (value: Json): Step => toStep(value, "step");

/** named gives a step and its components ids that nothing has yet. */
export function named(step: Step, names: Names): Step {
  const own = { ...step, id: names.take(idOf(step)) };
  const inner = (list: Component[]): Component[] =>
    list.map((one) => ({
      ...one,
      id: names.take(idOf(one) || wantedId(one, own)),
      ...(one.components && { components: inner(one.components) }),
    }));
  return step.data?.components ? { ...own, data: { ...step.data, components: inner(step.data.components) } } : own;
}

/** addStep adds a step at a place of the canvas. Where its ids are taken it and its components get other ones. END stays END, and is added once. */
export function addStep(step: Step, position: Point): Edit {
  return {
    label: "Add step",
    select: [step[key]],
    apply(flow) {
      const placed: Step = { ...step, position: { ...rounded(position) } };
      if (idOf(step) === END) {
        if (look(flow).ids.has(END)) return flow;
        const own = named(placed, new Names(flow));
        return { ...flow, steps: [...flow.steps, { ...own, id: END }] };
      }
      const before = flow.steps.findIndex((one) => idOf(one) === END);
      const steps = [...flow.steps];
      steps.splice(before < 0 ? steps.length : before, 0, named(placed, new Names(flow)));
      return { ...flow, steps };
    },
  };
}

/** addEnd gives a flow its step END, so that it can have a page; of is the key it will have. */
export function addEnd(position: Point, of: Key = newKey("step")): Edit {
  return addStep({ [key]: of, id: END, type: END, data: { components: [] } }, position);
}

const rounded = ({ x, y }: Point): Point => ({ x: Math.round(x), y: Math.round(y) });

/** moveSteps puts steps elsewhere on the canvas. */
export function moveSteps(places: ReadonlyMap<Key, Point>, label = "Move"): Edit {
  return {
    label,
    apply: (flow) =>
      [...places].reduce((state, [of, point]) => {
        const { x, y } = rounded(point);
        return changeStep(state, of, (step) => {
          const at = positionOf(step);
          return at && at.x === x && at.y === y ? step : { ...step, position: { ...(isObject(step.position) && step.position), x, y } };
        });
      }, flow),
  };
}

const isObject = (value: unknown): value is Record<string, Json> => typeof value === "object" && value !== null && !Array.isArray(value);

/** positionOf is where a step is on the canvas, undefined where nobody has put it anywhere. */
export function positionOf(step: Step): Point | undefined {
  const { position } = step;
  if (!isObject(position)) return undefined;
  const [x, y] = [Number(position.x), Number(position.y)];
  return typeof position.x === "number" && typeof position.y === "number" ? { x, y } : undefined;
}

/** remove deletes steps and components. What led to a step that is gone leads nowhere then. */
export function remove(keys: readonly Key[]): Edit {
  const steps = new Set(keys.filter(isStepKey));
  return {
    label: keys.length === 1 ? `Delete ${steps.size === 1 ? "step" : "component"}` : "Delete",
    select: [],
    apply(flow) {
      const { flow: pruned } = takeOut(flow, new Set(keys));
      const gone = pruned.steps.filter((step) => steps.has(step[key]));
      if (gone.length === 0) return pruned;
      const rest = { ...pruned, steps: pruned.steps.filter((step) => !steps.has(step[key])) };
      return forget(rest, new Set(gone.map(idOf).filter((id) => id !== END && id !== "")));
    },
  };
}

/** startWith moves a step to the front of the list: of several that nothing leads to, the first begins the flow. */
export function startWith(of: Key): Edit {
  return {
    label: "Begin with this step",
    apply(flow) {
      const place = look(flow).steps.get(of);
      if (!place || place.at === 0 || of === noEnd) return flow;
      return { ...flow, steps: [place.step, ...flow.steps.filter((step) => step !== place.step)] };
    },
  };
}
