import { addComponents, newComponent, type Spot } from "./edit/components";
import type { Edit } from "./edit/edit";
import { newStep } from "./edit/steps";
import {
  type Component,
  componentsOf,
  configText,
  END,
  type Flow,
  idOf,
  isStepKey,
  type Key,
  key,
  kindOf,
  NotAFlow,
  type Step,
  toFlow,
  typeOf,
} from "./flow";
import { slug } from "./ids";
import type { Members } from "./json";
import { outletsOf } from "./links";
import { look, stepOf, within } from "./look";
import { componentKindOf, type EnteredField, type ExecutorKind, kindIn, labelOf, type Meta, type Template } from "./meta";
import { stepKind, wordsOfStep } from "./words";

/** Part is what the palette offers. */
export interface Part {
  id: string;
  group: string;
  label: string;
  summary: string;
  /** What is added: a step, or a component. It is read anew each time. */
  kind: "step" | "component";
  /** A picture's name, as icons.tsx has some. */
  icon: string;
  value: Members;
}

/** partsOf lists what may be added to flows of the type, in the order of the palette. */
export function partsOf(meta: Meta, templates: readonly Template[]): Part[] {
  const ready = readyMade(templates);
  const blank: Part[] = [
    part("Steps", "Page", "An empty page.", "step", "panel-top", page("page", "New page", [])),
    part("Steps", "End", "What people see last.", "step", "flag", end),
  ];
  const runs = meta.executors.map((executor) =>
    part("Executors", labelOf(executor), executor.summary, "step", executor.icon ?? "", stepFor(executor, meta, ready)),
  );
  const widgets =
    meta.widgets.length > 0
      ? meta.widgets.map((one) => part("Ready-made", one.label, one.summary, "step", one.icon, one.value))
      : ready.map(({ step, from }) =>
          part("Ready-made", wordsOfStep(step, meta), `${stepKind(step)} from “${from}”`, "step", "", bare(step)),
        );
  return [...blank, ...runs, ...widgets, ...components(meta)].map((one, i) => ({ ...one, id: `part-${i}` }));
}

/** components lists those that a palette offers. */
const components = (meta: Meta): Part[] =>
  meta.components.flatMap(({ category, type, group, kinds }) =>
    kinds
      .filter((one) => one.listed)
      .map(({ label, summary, icon, variant, config }) => {
        const holds = type === "FORM" ? { components: [] } : {};
        return part(group, label, summary ?? "", "component", icon, { category, type, ...(variant && { variant }), ...holds, config });
      }),
  );

function part(group: string, label: string, summary: string, kind: Part["kind"], icon: string, value: Members): Part {
  return { id: "", group, label, summary, kind, icon, value };
}

const heading = (text: string): Members => ({ category: "DISPLAY", type: "TYPOGRAPHY", variant: "H3", config: { text } });
const submit = (action: Members): Members => ({
  category: "ACTION",
  type: "BUTTON",
  variant: "PRIMARY",
  config: { type: "submit", text: "Continue" },
  action,
});

const page = (id: string, title: string, content: Members[], action: Members = { type: "NEXT" }): Members => ({
  id,
  type: "VIEW",
  data: { components: [heading(title), { category: "BLOCK", type: "FORM", components: [...content, submit(action)], config: {} }] },
});
const end: Members = { id: END, type: END, data: { components: [heading("Done")] } };

interface Ready {
  step: Step;
  from: string;
}

/** readyMade lists the pages of the templates, each once, whatever it says. */
function readyMade(templates: readonly Template[]): Ready[] {
  const seen = new Set<string>();
  return templates.flatMap(({ label, definition }) => {
    try {
      return toFlow(definition)
        .steps.filter((step) => idOf(step) !== END && within(step).length > 0)
        .flatMap((step) => {
          const shape = shapeOf(step);
          if (seen.has(shape)) return [];
          seen.add(shape);
          return [{ step, from: label }];
        });
    } catch (error) {
      if (error instanceof NotAFlow) return [];
      throw error;
    }
  });
}

const shapeOf = (step: Step): string =>
  [typeOf(step), executorsOf(step), ...within(step).map((one) => `${kindOf(one)} ${configText(one, "identifier")}`)].join("|");

/** executorsOf names what a step runs. */
export const executorsOf = (step: Step): string[] => outletsOf(step).flatMap(({ action }) => action?.executor?.name ?? []);

/** bare is a step of a template without where it stood and led to. */
function bare(step: Step): Members {
  const unlink = <T extends Members>(one: T): T => ({
    ...one,
    ...(one.action ? { action: { ...(one.action as Members), next: undefined } } : {}),
  });
  const inner = (list: Component[]): Members[] =>
    list.map((one) => ({ ...unlink(one), ...(one.components && { components: inner(one.components) }) }));
  const data: Members = { ...unlink(step.data ?? {}), components: inner(componentsOf(step)) };
  return { ...step, position: undefined, size: undefined, data };
}

/** stepFor is a step that runs the executor: the smallest that is ready-made, else a page that asks for what people enter, else a task. */
function stepFor(executor: ExecutorKind, meta: Meta, templates: readonly Ready[]): Members {
  const fits = (step: Step) => executorsOf(step).length === 1 && executorsOf(step)[0] === executor.name;
  for (const ready of [readyMade(meta.widgets.map(({ label, value }) => ({ label, definition: { steps: [value] } }))), templates]) {
    const [smallest] = ready.filter(({ step }) => fits(step)).sort((a, b) => within(a.step).length - within(b.step).length);
    if (smallest) return bare(smallest.step);
  }
  const action: Members = { type: "EXECUTOR", executor: { name: executor.name } };
  const id = slug(labelOf(executor));
  const fields = (executor.fields ?? []).map((one) => fieldFor(one, meta));
  const alone = executor.places ? executor.places.includes("EXECUTION") : fields.length === 0;
  return alone ? { id, type: "EXECUTION", data: { action } } : page(id, labelOf(executor), fields, action);
}

/** fieldFor is the INPUT that asks for what an executor wants entered. */
function fieldFor({ identifier, label, variant }: EnteredField, meta: Meta): Members {
  const { config } = kindIn(meta, "INPUT", variant) ?? { config: {} };
  // A code may be left empty by whoever asks for another one.
  return { category: "FIELD", type: "INPUT", variant, config: { ...config, identifier, label, required: variant !== "OTP" } };
}

/** stepFrom and componentFrom make what a part adds. */
export const stepFrom = (part: Part): Step => newStep(part.value);
export const componentFrom = (part: Part): Component => newComponent(part.value);

/** addTo adds a component while the key is selected: to the form of the page where it belongs into one, which is made where there is none. */
export function addTo(flow: Flow, of: Key, component: Component, meta: Meta): Edit | undefined {
  const step = stepOf(flow, of);
  if (!step) return undefined;
  const form = formFor(flow, step, of);
  const fields = componentKindOf(meta, kindOf(component))?.form ?? false;
  if (typeOf(step) !== "VIEW" || !(fields || kindOf(component) === "BUTTON"))
    return addComponents([component], spotOf(flow, of) ?? { holder: step[key], at: componentsOf(step).length });
  if (form) {
    const list = componentsOf(form);
    const selected = list.findIndex((one) => one[key] === of);
    const button = list.findIndex((one) => kindOf(one) === "BUTTON");
    const before = fields && componentKindOf(meta, kindOf(component))?.category !== "ACTION";
    const at = selected >= 0 ? selected + 1 : before && button >= 0 ? button : list.length;
    return addComponents([component], { holder: form[key], at });
  }
  if (!fields) return addComponents([component], { holder: step[key], at: componentsOf(step).length });
  const around = newComponent({ category: "BLOCK", type: "FORM", config: {}, components: [] });
  const edit = addComponents([{ ...around, components: [component] }], { holder: step[key], at: componentsOf(step).length });
  return { ...edit, select: [component[key]] };
}

function formFor(flow: Flow, step: Step, of: Key): Component | undefined {
  for (let at: Key | undefined = of; at && !isStepKey(at); at = look(flow).components.get(at)?.parent) {
    const one = look(flow).components.get(at)?.component;
    if (one && kindOf(one) === "FORM") return one;
  }
  return within(step).find((one) => kindOf(one) === "FORM");
}

function spotOf(flow: Flow, of: Key): Spot | undefined {
  const place = look(flow).components.get(of);
  if (!place) return undefined;
  return { holder: place.parent, at: (place.path.at(-1) ?? 0) + 1 };
}
