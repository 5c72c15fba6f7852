import type { DragEvent } from "react";
import type { Spot } from "../model/edit/components";
import type { Key } from "../model/flow";
import type { Part } from "../model/parts";

/** What is being dragged: a part of the palette, or components of a page. The browser tells its content only when it is dropped. */
export type Dragged = { part: Part } | { keys: readonly Key[] };

let dragged: Dragged | undefined;
let spot: Spot | undefined;
const listeners = new Set<() => void>();

export const whatIsDragged = (): Dragged | undefined => dragged;

export const watchDrag = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** spotIn is the index in the holder where what is dragged would fall, -1 for none. */
export const spotIn = (holder: Key): number => (spot?.holder === holder ? spot.at : -1);

/** Where the pointer went down last; a drag's own target is the whole of what can be dragged. */
let pressed: Element | undefined;

export function notePress(target: EventTarget): void {
  pressed = target instanceof Element ? target : undefined;
}

/** startDrag begins a drag, unless it is a line that is being pulled out of a button. */
export function startDrag(event: DragEvent, what: Dragged): void {
  if ("keys" in what && pressed?.closest(".react-flow__handle")) {
    event.preventDefault();
    return;
  }
  dragged = what;
  event.stopPropagation();
  event.dataTransfer.setData("text/plain", "part" in what ? what.part.label : "");
  event.dataTransfer.effectAllowed = "part" in what ? "copy" : "move";
}

export function endDrag(): void {
  dragged = undefined;
  hover(undefined);
}

export function hover(to: Spot | undefined): void {
  if (to?.holder === spot?.holder && to?.at === spot?.at) return;
  spot = to;
  for (const listener of [...listeners]) listener();
}

/** spotAt finds where something would fall: in the innermost list below the pointer, before the first entry whose middle is further down. */
export function spotAt(event: { target: EventTarget; clientY: number }): Spot | undefined {
  const list = (event.target as Element).closest?.<HTMLElement>("[data-holder]");
  const holder = list?.dataset.holder;
  if (!list || holder === undefined) return undefined;
  const entries = [...list.querySelectorAll<HTMLElement>(":scope > [data-entry]")];
  const at = entries.findIndex((entry) => {
    const box = entry.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2;
  });
  return { holder, at: at < 0 ? entries.length : at };
}
