import { type Component, type Flow, idOf, type Step } from "./flow";
import { isMembers, type Json, same } from "./json";
import { within } from "./look";
import { type Meta, noMeta } from "./meta";
import { wordsOfComponent, wordsOfStep } from "./words";

/** Difference is one thing that is in one of two flows, or differs between them. */
export interface Difference {
  kind: "added" | "removed" | "changed";
  what: string;
}

/** compare lists what another flow has done to one, by ids. Where steps stand on the canvas is no difference. */
export function compare(one: Flow, other: Flow, meta: Meta = noMeta): Difference[] {
  const stepName = (step: Step) => wordsOfStep(step, meta);
  const steps = pairs(one.steps, other.steps, (step) => `Step “${stepName(step)}”`, stepAlone);
  const components = pairs(
    parts(one),
    parts(other),
    ({ step, component }) => `“${wordsOfComponent(component, meta)}” on “${stepName(step)}”`,
    alone,
  );
  const whole = same(rest(one), rest(other)) ? [] : [{ kind: "changed" as const, what: "The flow's own properties" }];
  return [...whole, ...steps, ...components];
}

interface Part {
  id: string;
  step: Step;
  component: Component;
}

const parts = (flow: Flow): Part[] =>
  flow.steps.flatMap((step) => within(step).map((component) => ({ id: idOf(component), step, component })));

function pairs<T extends { id?: string | null }>(
  before: T[],
  after: T[],
  name: (one: T) => string,
  content: (one: T) => Json,
): Difference[] {
  const old = new Map(before.map((one) => [one.id ?? "", one]));
  const now = new Map(after.map((one) => [one.id ?? "", one]));
  const removed = [...old].flatMap(([id, one]) => (now.has(id) ? [] : [{ kind: "removed" as const, what: name(one) }]));
  const others = [...now].flatMap(([id, one]): Difference[] => {
    const was = old.get(id);
    if (!was) return [{ kind: "added", what: name(one) }];
    return same(content(was), content(one)) ? [] : [{ kind: "changed", what: name(one) }];
  });
  return [...removed, ...others];
}

const rest = (flow: Flow): Json => ({ ...flow, steps: [] });
const ids = (list: Component[] | null | undefined): Json => (list ?? []).map(idOf);

function stepAlone(step: Step): Json {
  const data = isMembers(step.data) ? { ...step.data, components: ids(step.data.components) } : (step.data ?? null);
  return { ...step, position: undefined, size: undefined, data };
}

const alone = ({ step, component }: Part): Json => ({ ...component, components: ids(component.components), on: idOf(step) });
