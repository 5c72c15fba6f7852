import { changeAction } from "./edit/actions";
import { addComponents, holderList, isInside, type Spot } from "./edit/components";
import type { Edit } from "./edit/edit";
import { named, type Point, positionOf } from "./edit/steps";
import { put } from "./edit/tree";
import { type Component, END, type Flow, idOf, isStepKey, type Key, key, type Step, toComponent, toFlow, toStep } from "./flow";
import { Names, slug } from "./ids";
import { isMembers, type Json, parse, serialise } from "./json";
import { outletsOf, readNext } from "./links";
import { look, stepOf } from "./look";

/** Clip is what was copied: steps, or components. */
export interface Clip {
  steps: Step[];
  components: Component[];
}

/** What a clip's text says it is. */
const label = "flow-clip";
/** The longest text that is looked at, in characters. */
const longest = 1 << 20;

/** copy returns the text for the clipboard, undefined where nothing is chosen that can be copied. Steps win over components; END is not copied. */
export function copy(flow: Flow, keys: readonly Key[]): string | undefined {
  const chosen = new Set(keys);
  const steps = flow.steps.filter((step) => chosen.has(step[key]) && idOf(step) !== END);
  if (steps.length > 0) return serialise({ usher: label, steps }, 2);
  const components = [...look(flow).components.values()]
    .filter(({ component, parent }) => chosen.has(component[key]) && !isInside(flow, parent, chosen))
    .map(({ component }) => component);
  return components.length > 0 ? serialise({ usher: label, components }, 2) : undefined;
}

/** readClip reads the text of a clipboard: what copy made, or a whole flow. undefined is for every other text. */
export function readClip(text: string): Clip | undefined {
  if (text.length > longest || !text.trimStart().startsWith("{")) return undefined;
  try {
    const value = parse(text);
    if (!isMembers(value)) return undefined;
    if (value.usher !== label) return { steps: toFlow(value).steps.filter((step) => idOf(step) !== END), components: [] };
    const list = (name: string): Json[] => (Array.isArray(value[name]) ? value[name] : []);
    return {
      steps: list("steps").map((step) => toStep(step, "step")),
      components: list("components").map((component) => toComponent(component, "component")),
    };
  } catch {
    return undefined; // a text of something else
  }
}

/** pasteSteps adds steps under new ids. Links among them stay; one to a step that this flow has too, and to the end, stays as well. */
export function pasteSteps(clip: Clip, shift: Point): Edit {
  return {
    label: "Paste",
    select: clip.steps.map((step) => step[key]),
    apply(flow) {
      const names = new Names(flow);
      const ids = new Map<string, string>();
      const pasted = clip.steps.map((step) => {
        const own = named(put(step, "id", idOf(step) || slug(step.type ?? "") || "step"), names);
        if (idOf(step) !== "" && !ids.has(idOf(step))) ids.set(idOf(step), idOf(own));
        const at = positionOf(step);
        return at ? { ...own, position: { x: at.x + shift.x, y: at.y + shift.y } } : own;
      });
      const before = flow.steps.findIndex((step) => idOf(step) === END);
      const whole = { ...flow, steps: flow.steps.toSpliced(before < 0 ? flow.steps.length : before, 0, ...pasted) };
      const left = new Set([END, ...flow.steps.map(idOf)]);
      return pasted.flatMap(outletsOf).reduce((state, outlet) => {
        const next = readNext(outlet.action);
        if (next === "" || (!ids.has(next) && left.has(next))) return state;
        return changeAction(state, outlet.key, (action) => action && put(action, "next", ids.get(next)));
      }, whole);
    },
  };
}

/** pasteComponents puts the components of a clip in a spot. */
export const pasteComponents = (clip: Clip, spot: Spot): Edit => addComponents(clip.components, spot, "Paste");

/** spotAfter is where something goes that is added while the key is selected: behind the component, or at the end of the step. */
export function spotAfter(flow: Flow, of: Key): Spot | undefined {
  const place = look(flow).components.get(of);
  if (place) return { holder: place.parent, at: (place.path.at(-1) ?? 0) + 1 };
  const step = isStepKey(of) ? stepOf(flow, of) : undefined;
  return step && { holder: of, at: holderList(flow, of).length };
}

/** duplicate copies steps, or components, beside themselves. undefined where there is nothing to copy. */
export function duplicate(flow: Flow, keys: readonly Key[]): Edit | undefined {
  const text = copy(flow, keys);
  const clip = text === undefined ? undefined : readClip(text);
  if (!clip) return undefined;
  if (clip.steps.length > 0) return { ...pasteSteps(clip, { x: 40, y: 40 }), label: "Duplicate" };
  const last = keys.findLast((one) => look(flow).components.has(one));
  const spot = last === undefined ? undefined : spotAfter(flow, last);
  return spot && { ...pasteComponents(clip, spot), label: "Duplicate" };
}
