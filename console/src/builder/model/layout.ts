import type { Edit } from "./edit/edit";
import { moveSteps, type Point, positionOf } from "./edit/steps";
import { type Component, componentsOf, END, type Flow, idOf, type Key, key, kindOf, type Step } from "./flow";
import { endOf, firstOf, linksOf, noEnd } from "./links";

/** How wide a step is on the canvas, and what is free between steps, in pixels. */
export const stepWidth = 280;
const gap = { x: 140, y: 48 };

export interface Size {
  width: number;
  height: number;
}

/** About how high a component is on the canvas. */
const heights: Record<string, number> = {
  INPUT: 58,
  BUTTON: 42,
  RESEND: 34,
  TYPOGRAPHY: 34,
  RICH_TEXT: 56,
  DIVIDER: 24,
  IMAGE: 72,
  CAPTCHA: 64,
};
const heightOf = (component: Component): number =>
  (heights[kindOf(component)] ?? 40) + componentsOf(component).reduce((sum, one) => sum + heightOf(one), 0);

/** sizeOf is about how large a step is, before the browser has drawn it. */
export const sizeOf = (step: Step): Size => ({
  width: stepWidth,
  height: 56 + componentsOf(step).reduce((sum, one) => sum + heightOf(one), 0) + (step.data?.action ? 36 : 0),
});

/**
 * arrange gives every step, and the end, a place: in layers from left to right in the order that people meet them, so that links lead to the right
 * except where they lead back. sizes are those of the steps as they are drawn. The same flow is always arranged the same.
 */
export function arrange(flow: Flow, sizes?: ReadonlyMap<Key, Size>): Map<Key, Point> {
  const size = (of: Key): Size => {
    const step = flow.steps.find((one) => one[key] === of);
    return sizes?.get(of) ?? (step ? sizeOf(step) : { width: stepWidth, height: 80 });
  };
  const layers = ordered(layered(flow), flow);
  const places = new Map<Key, Point>();
  const tall = (layer: Key[]) => layer.reduce((sum, of) => sum + size(of).height + gap.y, -gap.y);
  const most = Math.max(...layers.map(tall));
  let x = 0;
  for (const layer of layers) {
    let y = (most - tall(layer)) / 2;
    for (const of of layer) {
      places.set(of, { x: Math.round(x), y: Math.round(y) });
      y += size(of).height + gap.y;
    }
    x += Math.max(...layer.map((of) => size(of).width)) + gap.x;
  }
  return places;
}

/** forward lists for each step those it leads to, without the links that lead back. */
function forward(flow: Flow): Map<Key, Key[]> {
  const next = new Map<Key, Key[]>([...flow.steps.map((step): [Key, Key[]] => [step[key], []]), [endOf(flow), []]]);
  for (const { source, target } of linksOf(flow)) next.get(source)?.push(target);
  const ahead = new Map<Key, Key[]>();
  const open = new Set<Key>();
  const visit = (of: Key) => {
    if (ahead.has(of)) return;
    const list: Key[] = [];
    ahead.set(of, list);
    open.add(of);
    for (const target of next.get(of) ?? []) {
      if (open.has(target)) continue;
      list.push(target);
      visit(target);
    }
    open.delete(of);
  };
  const first = firstOf(flow);
  if (first) visit(first[key]);
  for (const of of next.keys()) visit(of);
  return ahead;
}

/** layered puts each step one layer behind the last of those that lead to it, and the end behind all of them. */
function layered(flow: Flow): Key[][] {
  const ahead = forward(flow);
  const depth = new Map<Key, number>([...ahead.keys()].map((of) => [of, 0]));
  const before = new Map<Key, number>();
  for (const targets of ahead.values()) for (const target of targets) before.set(target, (before.get(target) ?? 0) + 1);
  const ready = [...ahead.keys()].filter((of) => !before.get(of));
  for (let of = ready.shift(); of; of = ready.shift()) {
    for (const target of ahead.get(of) ?? []) {
      depth.set(target, Math.max(depth.get(target) ?? 0, (depth.get(of) ?? 0) + 1));
      const left = (before.get(target) ?? 0) - 1;
      before.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  const end = endOf(flow);
  const others = [...depth].filter(([of]) => of !== end).map(([, at]) => at);
  if (others.length > 0) depth.set(end, Math.max(...others) + 1);
  const layers: Key[][] = [];
  for (const [of, at] of depth) {
    layers[at] ??= [];
    layers[at].push(of);
  }
  return layers.filter(Boolean);
}

/** ordered puts the steps of a layer beside those that lead to them, so that few links cross. */
function ordered(layers: Key[][], flow: Flow): Key[][] {
  const sources = new Map<Key, Key[]>();
  for (const { source, target } of linksOf(flow)) sources.set(target, [...(sources.get(target) ?? []), source]);
  const rank = new Map<Key, number>();
  return layers.map((layer) => {
    const weight = (of: Key, i: number): number => {
      const known = (sources.get(of) ?? []).map((one) => rank.get(one)).filter((one) => one !== undefined);
      return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : i;
    };
    const sorted = layer
      .map((of, i) => ({ of, i, weight: weight(of, i) }))
      .sort((a, b) => a.weight - b.weight || a.i - b.i)
      .map(({ of }) => of);
    sorted.forEach((of, i) => {
      rank.set(of, i);
    });
    return sorted;
  });
}

/** tidy arranges the whole flow. */
export const tidy = (flow: Flow, sizes?: ReadonlyMap<Key, Size>): Edit => moveSteps(arrange(flow, sizes), "Tidy up");

/**
 * placesOf says where every step is, and the end: where its author put it; what nobody has put anywhere is arranged, beside the rest where there is
 * one. Nothing of that is written before somebody moves it.
 */
export function placesOf(flow: Flow): Map<Key, Point> {
  const own = new Map(flow.steps.flatMap((step): [Key, Point][] => entry(step[key], positionOf(step))));
  if (own.size === flow.steps.length && own.size > 0) return withEnd(flow, own);
  if (own.size === 0) return arrange(flow);
  const bottom = Math.max(...flow.steps.map((step) => (own.get(step[key])?.y ?? 0) + sizeOf(step).height));
  const left = Math.min(...[...own.values()].map((point) => point.x));
  let x = left;
  for (const step of flow.steps) {
    if (own.has(step[key])) continue;
    own.set(step[key], { x, y: bottom + gap.y });
    x += stepWidth + gap.x;
  }
  return withEnd(flow, own);
}

const entry = (of: Key, point: Point | undefined): [Key, Point][] => (point ? [[of, point]] : []);

function withEnd(flow: Flow, places: Map<Key, Point>): Map<Key, Point> {
  if (flow.steps.some((step) => idOf(step) === END)) return places;
  const all = [...places.values()];
  return places.set(noEnd, { x: Math.max(...all.map(({ x }) => x)) + stepWidth + gap.x, y: Math.min(...all.map(({ y }) => y)) });
}

/** settle writes down where steps are that nobody has put anywhere, so that they stay there when one of them is moved. */
export function settle(flow: Flow): Edit {
  const places = flow.steps.every((step) => positionOf(step)) ? [] : [...placesOf(flow)];
  return moveSteps(new Map(places.filter(([of]) => of !== noEnd)));
}
