import { type Component, type Flow, idOf, isStepKey, type Key, key, toComponent } from "../flow";
import { Names, wantedId } from "../ids";
import type { Json } from "../json";
import { look, stepOf } from "../look";
import type { Edit } from "./edit";
import { changeComponent, changeList, put, takeOut } from "./tree";

/** Where a component goes: into a step or component, before the one that is there now at the index. */
export interface Spot {
  holder: Key;
  at: number;
}

/** newComponent makes a component of JSON, with its key. */
export const newComponent = (value: Json): Component => toComponent(value, "component");

/** addComponents puts new components in a spot, under ids that nothing has yet. */
export function addComponents(components: readonly Component[], spot: Spot, label = "Add component"): Edit {
  return {
    label,
    select: components.map((one) => one[key]),
    apply(flow) {
      const step = stepOf(flow, spot.holder);
      if (!step) return flow;
      const names = new Names(flow);
      const name = (one: Component): Component => ({
        ...one,
        id: names.take(idOf(one) || wantedId(one, step)),
        ...(one.components && { components: one.components.map(name) }),
      });
      return changeList(flow, spot.holder, (list) => list.toSpliced(spot.at, 0, ...components.map(name)));
    },
  };
}

/** moveComponents puts components in another spot, of the same page or another one. A container cannot go into itself. */
export function moveComponents(keys: readonly Key[], spot: Spot): Edit {
  return {
    label: "Move",
    select: keys,
    apply(flow) {
      const moving = new Set(keys);
      if (isInside(flow, spot.holder, moving)) return flow;
      const before = holderList(flow, spot.holder).slice(0, spot.at);
      const at = before.filter((one) => !moving.has(one[key])).length;
      const { flow: rest, taken } = takeOut(flow, moving);
      const order = new Map(keys.map((one, i) => [one, i]));
      taken.sort((a, b) => (order.get(a[key]) ?? 0) - (order.get(b[key]) ?? 0));
      if (taken.length === 0) return flow;
      const moved = changeList(rest, spot.holder, (list) => list.toSpliced(at, 0, ...taken));
      return samePlaces(flow, moved, spot.holder) ? flow : moved;
    },
  };
}

/** isInside tells whether the key is one of the components', or in one of them. */
export function isInside(flow: Flow, of: Key, components: ReadonlySet<Key>): boolean {
  for (let at: Key | undefined = of; at; at = look(flow).components.get(at)?.parent) {
    if (components.has(at)) return true;
  }
  return false;
}

/** holderList is what is in a step or component. */
export function holderList(flow: Flow, holder: Key): Component[] {
  const list = isStepKey(holder)
    ? look(flow).steps.get(holder)?.step.data?.components
    : look(flow).components.get(holder)?.component.components;
  return list ?? [];
}

function samePlaces(before: Flow, after: Flow, holder: Key): boolean {
  const [a, b] = [holderList(before, holder), holderList(after, holder)];
  return a.length === b.length && a.every((one, i) => one[key] === b[i]?.[key]);
}

/** nudge moves a component by one place, -1 up and 1 down, among those beside it. */
export function nudge(flow: Flow, of: Key, by: -1 | 1): Edit | undefined {
  const place = look(flow).components.get(of);
  const at = place?.path.at(-1);
  if (!place || at === undefined) return undefined;
  const to = at + by;
  if (to < 0 || to >= holderList(flow, place.parent).length) return undefined;
  return moveComponents([of], { holder: place.parent, at: by > 0 ? to + 1 : to });
}

/** setMember sets a member of a component, such as its variant. */
export function setMember(of: Key, name: string, value: Json | undefined): Edit {
  return {
    label: "Change property",
    group: `member ${of} ${name}`,
    apply: (flow) => changeComponent(flow, of, (one) => put(one, name, value)),
  };
}

/** setConfig sets a member of a component's config; undefined takes it away. */
export function setConfig(of: Key, name: string, value: Json | undefined): Edit {
  return {
    label: "Change property",
    group: `config ${of} ${name}`,
    apply: (flow) =>
      changeComponent(flow, of, (one) => {
        const config = put(one.config ?? {}, name, value);
        return config === one.config || (!one.config && value === undefined) ? one : { ...one, config };
      }),
  };
}
