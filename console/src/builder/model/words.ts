import { said } from "../../api/texts";
import { type Component, configText, END, idOf, kindOf, type Step, typeOf } from "./flow";
import { within } from "./look";
import { executorWords, type Meta, noMeta } from "./meta";

/** plain is what a text says without its markup. It is for reading, not for drawing as HTML. */
export const plain = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();

const short = (text: string): string => (text.length > 48 ? `${text.slice(0, 47)}…` : text);

/** wordsOfComponent is what people call a component: what it says, else what it is. */
export function wordsOfComponent(component: Component, meta: Meta = noMeta): string {
  const says = ["text", "label", "alt", "description", "placeholder"].map((name) => configText(component, name)).find(Boolean);
  if (says) return short(said(kindOf(component) === "RICH_TEXT" ? plain(says) : says, meta.texts));
  const identifier = configText(component, "identifier").split("/").at(-1);
  return identifier || kindWords(component.type ?? "", component.variant ?? "");
}

/** kindWords says what a component of the type and variant is. */
export function kindWords(type: string, variant: string): string {
  if (type.toUpperCase() === "TYPOGRAPHY") return /^H\d$/i.test(variant) ? "Heading" : "Text";
  const kind = type.toUpperCase() === "INPUT" ? `${variant.toUpperCase() === "OTP" ? "code" : variant} field` : type;
  return sentence(kind.toLowerCase().replace(/_/g, " ").trim() || "component");
}

/** stepKind says what kind of thing a step is. */
export const stepKind = (step: Step): string => ({ VIEW: "Page", EXECUTION: "Task", END: "End" })[typeOf(step)] ?? "Step";

/** wordsOfStep is what people call a step: its heading, else what it does, else its id. */
export function wordsOfStep(step: Step, meta: Meta = noMeta): string {
  const texts = within(step).filter((one) => kindOf(one) === "TYPOGRAPHY" && configText(one, "text") !== "");
  const heading = texts.find((one) => /^H\d$/i.test(one.variant ?? "")) ?? texts[0];
  if (heading) return short(said(configText(heading, "text"), meta.texts));
  const executor = step.data?.action?.executor?.name;
  if (executor) return executorWords(meta, executor);
  return idOf(step) === END ? "End" : idOf(step) || "Step without an id";
}

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
