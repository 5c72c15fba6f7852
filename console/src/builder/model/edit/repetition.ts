import { type Component, configText, type Flow, type Key, key, kindOf } from "../flow";
import { look, within } from "../look";
import { addComponents, newComponent } from "./components";
import type { Edit } from "./edit";
import { remove } from "./steps";

/** What people enter a new password into once more: the server compares it with the password and keeps nothing of it. */
export const repetition = "confirmPassword";

/** isNewPassword tells whether a component asks for the password that can be asked for twice. */
export const isNewPassword = (one: Component): boolean =>
  kindOf(one) === "INPUT" && one.variant?.toUpperCase() === "PASSWORD" && configText(one, "identifier") === "password";

/** repetitionOf is the field of the same page in which the password is entered once more. */
export function repetitionOf(flow: Flow, of: Key): Component | undefined {
  const step = look(flow).components.get(of)?.step;
  return step && within(step).find((one) => kindOf(one) === "INPUT" && configText(one, "identifier") === repetition);
}

/** repeat has a password entered twice, in a field behind its own, or once. The password stays selected. */
export function repeat(flow: Flow, of: Key, twice: boolean): Edit | undefined {
  const place = look(flow).components.get(of);
  const there = repetitionOf(flow, of);
  if (!place || twice === (there !== undefined)) return undefined;
  const label = twice ? "Require confirmation" : "Require no confirmation";
  if (there) return { ...remove([there[key]]), label, select: [of] };
  const field = newComponent({
    category: "FIELD",
    type: "INPUT",
    variant: "PASSWORD",
    config: { type: "password", identifier: repetition, label: "Confirm password", required: true },
  });
  return { ...addComponents([field], { holder: place.parent, at: (place.path.at(-1) ?? 0) + 1 }), label, select: [of] };
}
