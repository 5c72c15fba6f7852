import { type Component, componentsOf, type Flow, idOf, type Key, key, type Step } from "./flow";

export interface StepPlace {
  step: Step;
  at: number;
}

export interface ComponentPlace {
  component: Component;
  step: Step;
  /** The step or component that holds it. */
  parent: Key;
  /** Where it is in its step: the index on each level, outermost first. */
  path: readonly number[];
}

/** Index finds what is in a flow. */
export interface Index {
  steps: ReadonlyMap<Key, StepPlace>;
  components: ReadonlyMap<Key, ComponentPlace>;
  /** Who has an id, in the order of the document. */
  ids: ReadonlyMap<string, readonly Key[]>;
}

const indexes = new WeakMap<Flow, Index>();

/** look returns the flow's index. It is made once for each state of the flow. */
export function look(flow: Flow): Index {
  let index = indexes.get(flow);
  if (!index) {
    index = makeIndex(flow);
    indexes.set(flow, index);
  }
  return index;
}

function makeIndex(flow: Flow): Index {
  const steps = new Map<Key, StepPlace>();
  const components = new Map<Key, ComponentPlace>();
  const ids = new Map<string, Key[]>();
  const note = (id: string, of: Key) => {
    const others = ids.get(id);
    if (others) others.push(of);
    else ids.set(id, [of]);
  };
  const walk = (list: Component[], step: Step, parent: Key, path: readonly number[]) => {
    list.forEach((component, i) => {
      const place = { component, step, parent, path: [...path, i] };
      components.set(component[key], place);
      note(idOf(component), component[key]);
      walk(component.components ?? [], step, component[key], place.path);
    });
  };
  flow.steps.forEach((step, at) => {
    steps.set(step[key], { step, at });
    note(idOf(step), step[key]);
    walk(step.data?.components ?? [], step, step[key], []);
  });
  return { steps, components, ids };
}

/** stepOf is the step with the key, or the one that holds the component with it. */
export function stepOf(flow: Flow, of: Key): Step | undefined {
  const index = look(flow);
  return index.steps.get(of)?.step ?? index.components.get(of)?.step;
}

/** within lists the components of a step or component, containers before their content. */
export function within(holder: Step | Component): Component[] {
  return componentsOf(holder).flatMap((component) => [component, ...within(component)]);
}
