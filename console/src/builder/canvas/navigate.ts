import type { Point } from "../model/edit/steps";
import type { Key } from "../model/flow";

export type Direction = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export const isDirection = (name: string): name is Direction => ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(name);

export const unit: Record<Direction, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** beside is who is next in a direction: the nearest whose centre lies that way, what lies straight that way before what lies aslant. */
export function beside(centres: ReadonlyMap<Key, Point>, from: Key, direction: Direction): Key | undefined {
  const start = centres.get(from);
  if (!start) return undefined;
  const { x, y } = unit[direction];
  let best: { of: Key; far: number } | undefined;
  for (const [of, centre] of centres) {
    const [dx, dy] = [centre.x - start.x, centre.y - start.y];
    const along = dx * x + dy * y;
    const aside = Math.abs(dx * y) + Math.abs(dy * x);
    if (of === from || along <= 0 || along * 2 < aside) continue;
    const far = along + 2 * aside;
    if (!best || far < best.far) best = { of, far };
  }
  return best?.of;
}
