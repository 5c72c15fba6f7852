import { Handle, Position } from "@xyflow/react";
import type { Key } from "../model/flow";
import { outletOf, readNext, targetOf } from "../model/links";
import { useEditor } from "../state/context";

/** Outlet is what a line is dragged from: the end of a button, or of a task. It is hollow while it leads nowhere. */
export function Outlet({ of }: { of: Key }) {
  const leads = useEditor(({ flow }) => targetOf(flow, readNext(outletOf(flow, of)?.action)) !== undefined);
  return <Handle type="source" position={Position.Right} id={of} className={`outlet ${leads ? "" : "outlet-free"}`} aria-hidden />;
}
