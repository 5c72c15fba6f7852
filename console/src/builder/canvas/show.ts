import type { ReactFlowInstance } from "@xyflow/react";
import type { Editor } from "../model/editor";
import { type Key, key } from "../model/flow";
import { stepOf } from "../model/look";

const calm = () => typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;

/** goTo selects a step or component, brings its step into sight and puts the focus there. */
export function goTo(of: Key, editor: Editor, canvas: ReactFlowInstance, root: () => HTMLElement | null): void {
  editor.select([of]);
  focusOn(of, editor, canvas, root, 100);
}

/** focusOn tries again while what was only just added is not drawn yet, and gives up when something else is selected. */
function focusOn(of: Key, editor: Editor, canvas: ReactFlowInstance, root: () => HTMLElement | null, tries: number): void {
  if (!editor.selection.includes(of)) return;
  const step = stepOf(editor.flow, of)?.[key] ?? of;
  const node = canvas.getInternalNode(step);
  const element = root()?.querySelector<HTMLElement>(`.canvas [data-key="${of}"], .canvas .react-flow__node[data-id="${of}"]`);
  if (!node?.measured.width || !element) {
    if (tries > 0) setTimeout(() => focusOn(of, editor, canvas, root, tries - 1), 30);
    return;
  }
  bringIntoSight(step, canvas, root());
  element.focus({ preventScroll: true });
}

/** bringIntoSight moves the canvas to a step, where it does not show it already. The focus and the selection stay. */
export function bringIntoSight(step: Key, canvas: ReactFlowInstance, root: HTMLElement | null): void {
  const node = canvas.getInternalNode(step);
  if (!node?.measured.width) return;
  const { width, height = 0 } = node.measured;
  const { x, y } = node.internals.positionAbsolute;
  if (inSight(canvas, root, { x, y, width, height })) return;
  const zoom = Math.max(canvas.getZoom(), 0.6);
  void canvas.setCenter(x + width / 2, y + height / 2, { zoom, duration: calm() ? 0 : 200 });
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function inSight(canvas: ReactFlowInstance, root: HTMLElement | null, box: Box): boolean {
  const frame = root?.querySelector(".canvas")?.getBoundingClientRect();
  if (!frame) return true;
  const from = canvas.flowToScreenPosition({ x: box.x, y: box.y });
  const to = canvas.flowToScreenPosition({ x: box.x + box.width, y: box.y + box.height });
  return (
    from.x >= frame.left && to.x <= frame.right && from.y >= frame.top && (to.y <= frame.bottom || from.y < frame.top + frame.height / 2)
  );
}
