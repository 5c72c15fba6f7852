import { type Component, type Flow, isStepKey, type Key, key, type Step } from "../flow";
import { without } from "../json";
import { look } from "../look";

/** changeStep returns the flow with another step in the place of the one with the key. Everything else stays the same object. */
export function changeStep(flow: Flow, of: Key, change: (step: Step) => Step): Flow {
  const place = look(flow).steps.get(of);
  if (!place) return flow;
  const changed = change(place.step);
  return changed === place.step ? flow : { ...flow, steps: flow.steps.with(place.at, changed) };
}

/** changeComponent is changeStep for a component. */
export function changeComponent(flow: Flow, of: Key, change: (component: Component) => Component): Flow {
  const place = look(flow).components.get(of);
  const at = place?.path.at(-1);
  if (!place || at === undefined) return flow;
  const changed = change(place.component);
  if (changed === place.component) return flow;
  return changeList(flow, place.parent, (list) => list.with(at, changed));
}

/** changeList returns the flow with another list of components in the step or component with the key. */
export function changeList(flow: Flow, of: Key, change: (list: Component[]) => Component[]): Flow {
  if (!isStepKey(of)) return changeComponent(flow, of, (holder) => ({ ...holder, components: change(holder.components ?? []) }));
  return changeStep(flow, of, (step) => ({ ...step, data: { ...step.data, components: change(step.data?.components ?? []) } }));
}

/** takeOut removes components, and returns them with the flow without them, in the order of the document. One whose container goes too goes with it. */
export function takeOut(flow: Flow, keys: ReadonlySet<Key>): { flow: Flow; taken: Component[] } {
  const taken: Component[] = [];
  const prune = (list: Component[]): Component[] => {
    let changed = false;
    const kept = list.flatMap((component) => {
      if (keys.has(component[key])) {
        taken.push(component);
        changed = true;
        return [];
      }
      if (!component.components) return [component];
      const inner = prune(component.components);
      changed ||= inner !== component.components;
      return [inner === component.components ? component : { ...component, components: inner }];
    });
    return changed ? kept : list;
  };
  const steps = flow.steps.map((step) => {
    if (!step.data?.components) return step;
    const components = prune(step.data.components);
    return components === step.data.components ? step : { ...step, data: { ...step.data, components } };
  });
  return taken.length > 0 ? { flow: { ...flow, steps }, taken } : { flow, taken };
}

/** put sets a member of an object, or takes it away where the value is undefined. */
export function put<T extends object, K extends keyof T>(object: T, name: K, value: T[K] | undefined): T {
  if (value === undefined) return Object.hasOwn(object, name) ? without(object, name) : object;
  return object[name] === value ? object : { ...object, [name]: value };
}
