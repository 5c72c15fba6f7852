import { type Edge, MarkerType } from "@xyflow/react";
import type { Flow, Key } from "../model/flow";
import { linksOf } from "../model/links";
import type { Meta } from "../model/meta";
import { nameOf } from "./nodes";

/** The handle that every line ends at. */
export const inlet = "in";

const markerEnd = { type: MarkerType.ArrowClosed, width: 18, height: 18, color: "var(--line)" };

/** edgesOf returns the lines of a flow; those that are as they were stay the same objects. */
export function edgesOf(flow: Flow, picked: ReadonlySet<Key>, lit: ReadonlySet<Key>, before: readonly Edge[], meta: Meta): Edge[] {
  const old = new Map(before.map((edge) => [edge.id, edge]));
  return linksOf(flow).map((link) => {
    const ariaLabel = `“${link.label}” on ${nameOf(flow, link.source, meta)} leads to ${nameOf(flow, link.target, meta)}`;
    const selected = picked.has(link.outlet);
    const className = lit.has(link.source) && lit.has(link.target) ? "edge-lit" : "";
    const was = old.get(link.outlet);
    const same =
      was?.target === link.target &&
      was.source === link.source &&
      was.ariaLabel === ariaLabel &&
      was.selected === selected &&
      was.className === className;
    if (was && same) return was;
    const ends = { source: link.source, sourceHandle: link.outlet, target: link.target, targetHandle: inlet };
    return { id: link.outlet, ...ends, ariaLabel, selected, className, markerEnd, reconnectable: "target", focusable: false };
  });
}
