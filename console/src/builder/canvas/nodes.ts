import type { Node } from "@xyflow/react";
import { said } from "../../api/texts";
import { END, type Flow, idOf, type Key, key, type Step, typeOf } from "../model/flow";
import { placesOf, stepWidth } from "../model/layout";
import { linksOf, noEnd, outletsOf } from "../model/links";
import { type Meta, noMeta } from "../model/meta";
import { stepKind, wordsOfStep } from "../model/words";

export type StepNode = Node<{ step: Step }, "step"> | Node<Record<string, never>, "end">;

/**
 * nodesOf returns the nodes of a flow. Those of steps that are as they were stay the same objects, with what the browser has measured, so that only
 * what has changed is drawn again.
 */
export function nodesOf(
  flow: Flow,
  selection: ReadonlySet<Key>,
  stop: Key | undefined,
  before: readonly StepNode[],
  meta: Meta = noMeta,
): StepNode[] {
  const places = placesOf(flow);
  const old = new Map(before.map((node) => [node.id, node]));
  const nodes = flow.steps.map((step): StepNode => {
    const position = places.get(step[key]) ?? { x: 0, y: 0 };
    const leads = leadsOf(flow, step, meta);
    return kept(old.get(step[key]), {
      id: step[key],
      type: "step",
      position,
      data: { step },
      selected: selection.has(step[key]),
      ariaLabel: `${stepKind(step)} ${wordsOfStep(step, meta)}${leads}`,
      domAttributes: domOf(step[key] === stop),
      width: stepWidth,
    });
  });
  if (flow.steps.some((step) => idOf(step) === END)) return nodes;
  const position = places.get(noEnd) ?? { x: 0, y: 0 };
  const end = { id: noEnd, type: "end" as const, position, data: {}, selected: selection.has(noEnd), ariaLabel: "End", draggable: false };
  return [...nodes, kept(old.get(noEnd), { ...end, domAttributes: domOf(noEnd === stop) })];
}

const dom = [-1, 0].map((tabIndex) => ({ tabIndex, "aria-roledescription": "step" }));
/** One node is reached by Tab, the others from there by arrow keys. */
const domOf = (isStop: boolean) => dom[isStop ? 1 : 0] ?? {};

function kept(old: StepNode | undefined, node: StepNode): StepNode {
  if (!old || old.type !== node.type) return node;
  const same =
    old.data.step === node.data.step &&
    old.selected === node.selected &&
    old.ariaLabel === node.ariaLabel &&
    old.domAttributes === node.domAttributes &&
    old.position.x === node.position.x &&
    old.position.y === node.position.y;
  return same ? old : ({ ...node, ...(old.measured && { measured: old.measured }) } as StepNode);
}

/** leadsOf says where a step leads, for those who do not see the lines. */
function leadsOf(flow: Flow, step: Step, meta: Meta): string {
  if (typeOf(step) === END) return "";
  const links = linksOfStep(flow, step, meta);
  return links.length > 0 ? `, ${links.join(", ")}` : ", leads nowhere";
}

function linksOfStep(flow: Flow, step: Step, meta: Meta): string[] {
  const outlets = new Set(outletsOf(step).map((outlet) => outlet.key));
  return linksOf(flow).flatMap((link) =>
    outlets.has(link.outlet) ? [`${said(link.label, meta.texts)} leads to ${nameOf(flow, link.target, meta)}`] : [],
  );
}

/** nameOf is what the step with the key is called. */
export function nameOf(flow: Flow, of: Key, meta: Meta): string {
  const step = flow.steps.find((one) => one[key] === of);
  return step ? wordsOfStep(step, meta) : "the end";
}
