import { useReactFlow } from "@xyflow/react";
import type { FocusEvent, KeyboardEvent } from "react";
import { disconnect } from "../model/edit/actions";
import { nudge } from "../model/edit/components";
import { all } from "../model/edit/edit";
import { moveSteps, remove } from "../model/edit/steps";
import { isStepKey, type Key, key } from "../model/flow";
import { placesOf, settle } from "../model/layout";
import { noEnd } from "../model/links";
import { look, stepOf } from "../model/look";
import { useBench } from "../state/context";
import { beside, type Direction, isDirection, unit } from "./navigate";

/** How far Alt and an arrow key move a step, in pixels. */
const stride = 20;

/** useCanvasKeys are the keys that mean something on the canvas. picked are the outlets of the lines that are selected. */
export function useCanvasKeys(picked: ReadonlySet<Key>) {
  const bench = useBench();
  const { editor, readOnly } = bench;
  const canvas = useReactFlow();

  const walk = (from: Key, direction: Direction) => {
    const nodes = canvas.getNodes().map((node): [Key, { x: number; y: number }] => {
      const { width = 0, height = 0 } = node.measured ?? {};
      return [node.id, { x: node.position.x + width / 2, y: node.position.y + height / 2 }];
    });
    const next = beside(new Map(nodes), from, direction);
    if (next !== undefined) bench.show(next);
  };

  const moveStep = (of: Key, direction: Direction) => {
    const place = placesOf(editor.flow).get(of);
    if (!place || of === noEnd || readOnly) return;
    const { x, y } = unit[direction];
    const to = { x: place.x + x * stride, y: place.y + y * stride };
    editor.do({ ...all("Move", [settle(editor.flow), moveSteps(new Map([[of, to]]))]), group: `move ${of}` });
  };

  const within = (of: Key, event: KeyboardEvent): boolean => {
    const place = look(editor.flow).components.get(of);
    if (!place) return false;
    if (event.key === "Escape") bench.show(place.step[key]);
    else if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
    else if (event.altKey) editor.do(nudge(editor.flow, of, event.key === "ArrowUp" ? -1 : 1));
    else {
      const all = [...look(editor.flow).components.values()].filter((one) => one.step === place.step);
      const next = all[all.indexOf(place) + (event.key === "ArrowUp" ? -1 : 1)];
      bench.show(next?.component[key] ?? place.step[key]);
    }
    return true;
  };

  const press = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const of = target.dataset.key ?? target.dataset.id;
    if (of === undefined || target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "Enter") {
      editor.select([of]);
      bench.openProperties();
    } else if (event.key === " ") {
      if (event.ctrlKey || event.shiftKey) editor.toggle(of);
      else editor.select([of]);
    } else if (isStepKey(of) || of === noEnd) {
      if (!isDirection(event.key)) return;
      if (event.altKey) moveStep(of, event.key);
      else walk(of, event.key);
    } else if (!within(of, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Who goes to a step or component by Tab has it selected, so that what keys do is done to it. */
  const focus = (event: FocusEvent) => {
    const target = event.target as HTMLElement;
    const of = target.dataset.key ?? target.dataset.id;
    if (of === undefined || !target.matches(":focus-visible")) return;
    const there = of === noEnd || stepOf(editor.flow, of) !== undefined;
    if (there && !editor.selection.includes(of)) editor.select([of]);
  };

  /** drop deletes the lines that are selected, else what is. */
  const drop = () => {
    if (readOnly) return;
    const lines = [...picked].filter((outlet) => stepOf(editor.flow, outlet));
    if (lines.length > 0) editor.do(disconnect(lines));
    else if (editor.selection.length > 0) editor.do(remove(editor.selection));
  };

  return { press, focus, drop };
}
