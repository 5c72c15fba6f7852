import { type Component, configText, type Flow, idOf, kindOf, type Step } from "./flow";
import { look } from "./look";

/** slug makes of a text what is good as an id: small letters, digits and underscores. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 40);

/** Names gives out ids that nothing has yet. */
export class Names {
  private readonly taken: Set<string>;

  constructor(flow: Flow) {
    this.taken = new Set(["", "END", "End", "COMPLETE", ...look(flow).ids.keys()]);
  }

  /** take returns the wanted id, or else one with a number. */
  take(wanted: string): string {
    const base = wanted || "part";
    let id = base;
    for (let n = 2; this.taken.has(id); n++) id = `${base.replace(/_\d+$/, "")}_${n}`;
    this.taken.add(id);
    return id;
  }
}

/** wantedId is what a component should be called in its step, before anybody has thought about it. */
export function wantedId(component: Component, step: Step): string {
  const identifier = configText(component, "identifier").split("/").at(-1) ?? "";
  const kind = kindOf(component);
  const word = kind === "INPUT" ? identifier || component.variant || kind : { TYPOGRAPHY: "text", BUTTON: "button" }[kind] || kind;
  return [idOf(step) === "END" ? "done" : idOf(step), slug(word)].filter(Boolean).join("_");
}
