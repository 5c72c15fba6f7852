import { connect } from "./edit/actions";
import { all, type Edit } from "./edit/edit";
import { addStep, type Point, positionOf } from "./edit/steps";
import { type Flow, type Key, key, type Step, typeOf } from "./flow";
import { placesOf, settle, sizeOf, stepWidth } from "./layout";
import { noEnd, outletsOf, readNext, targetOf } from "./links";
import { stepOf } from "./look";

/** What is free between a step and the one that is added after it, in pixels. */
const gap = 140;

/**
 * addAfter adds a step behind the one that is selected, and leads there: from the selected button, else from the first that leads nowhere, else from the
 * only one. Where that led somewhere already, the new step leads on to there.
 */
export function addAfter(flow: Flow, selected: Key | undefined, step: Step): Edit {
  const from = selected === undefined ? undefined : stepOf(flow, selected);
  const add = addStep(step, freePlace(flow, from));
  const outlets = from && typeOf(from) !== "END" ? outletsOf(from) : [];
  const leads = (next: string) => targetOf(flow, next);
  const outlet =
    outlets.find((one) => one.key === selected && one.key !== from?.[key]) ??
    outlets.find((one) => leads(readNext(one.action)) === undefined) ??
    (outlets.length === 1 ? outlets[0] : undefined);
  if (!outlet) return { ...all("Add step", [settle(flow), add]), select: [step[key]] };
  const target = leads(readNext(outlet.action));
  const on = outletsOf(step)[0];
  const edits = [settle(flow), add, connect(outlet.key, step[key])];
  if (target !== undefined && on) edits.push(connect(on.key, target));
  return { ...all("Add step", edits), select: [step[key]] };
}

/** freePlace is to the right of a step, or of everything, where nothing lies yet. */
function freePlace(flow: Flow, from: Step | undefined): Point {
  const places = placesOf(flow);
  const boxes = flow.steps.map((step) => ({ ...(places.get(step[key]) ?? { x: 0, y: 0 }), height: sizeOf(step).height }));
  if (boxes.length === 0) return { x: 0, y: 0 };
  const start = from && (positionOf(from) ?? places.get(from[key]));
  const most = Math.max(...boxes.map((box) => box.x));
  const x = (start?.x ?? most) + stepWidth + gap;
  let y = start?.y ?? boxes[0]?.y ?? 0;
  const end = places.get(noEnd);
  const taken = [...boxes, ...(end ? [{ ...end, height: 80 }] : [])]
    .filter((box) => Math.abs(box.x - x) < stepWidth + 20)
    .sort((a, b) => a.y - b.y);
  for (const box of taken) if (y < box.y + box.height + 40 && y + 200 > box.y) y = box.y + box.height + 48;
  return { x, y };
}
