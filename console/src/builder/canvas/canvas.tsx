import {
  applyNodeChanges,
  Background,
  type Connection,
  Controls,
  type Edge,
  type EdgeChange,
  MiniMap,
  type NodeChange,
  ReactFlow,
  useReactFlow,
} from "@xyflow/react";
import { type DragEvent, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { connect } from "../model/edit/actions";
import { addComponents, moveComponents } from "../model/edit/components";
import { all } from "../model/edit/edit";
import { addStep, moveSteps } from "../model/edit/steps";
import { idOf, isStepKey, type Key, key } from "../model/flow";
import { settle } from "../model/layout";
import { firstOf } from "../model/links";
import { componentFrom, stepFrom } from "../model/parts";
import { LitContext, useBench, useDeclared, useFlow, useSelection } from "../state/context";
import { endDrag, hover, notePress, spotAt, whatIsDragged } from "./drag";
import { edgesOf } from "./edges";
import { useCanvasKeys } from "./keys";
import { nodesOf, type StepNode } from "./nodes";
import { useShortcuts } from "./shortcuts";
import { EndView, StepNodeView } from "./step-node";

const nodeTypes = { step: StepNodeView, end: EndView };
const minimap = { width: 150, height: 100 };
const labels = {
  "controls.ariaLabel": "View",
  "controls.fitView.ariaLabel": "Show all (F)",
  "controls.zoomIn.ariaLabel": "Zoom in (+)",
  "controls.zoomOut.ariaLabel": "Zoom out (-)",
  "minimap.ariaLabel": "The whole flow in small",
};

/** Canvas shows the steps of the flow, their pages and what leads where. */
export function Canvas() {
  const { editor, readOnly } = useBench();
  const { screenToFlowPosition } = useReactFlow();
  const flow = useFlow();
  const [nodes, setNodes] = useNodes();
  const [edges, picked, pick] = useEdges();
  const keys = useCanvasKeys(picked);
  useShortcuts(keys.drop);
  const changeNodes = useCallback(
    (changes: NodeChange<StepNode>[]) => {
      const chosen = changes.filter((change) => change.type === "select");
      // Who chooses a step means the step, and not with it what was chosen on one before.
      const before = chosen.some((change) => change.selected) ? editor.selection.filter(isStepKey) : editor.selection;
      if (chosen.length > 0) editor.select(reselected(before, chosen));
      const others = changes.filter((change) => change.type === "dimensions" || change.type === "position");
      if (others.length > 0) setNodes((now) => applyNodeChanges(others, now));
    },
    [editor, setNodes],
  );
  const changeEdges = useCallback(
    (changes: EdgeChange[]) => {
      const chosen = changes.filter((change) => change.type === "select");
      if (chosen.length > 0) pick((now) => new Set(reselected([...now], chosen)));
    },
    [pick],
  );
  const join = useCallback(
    ({ sourceHandle, target }: Connection) => {
      if (sourceHandle) editor.do(connect(sourceHandle, target));
    },
    [editor],
  );
  const dropped = useCallback(
    (_: unknown, __: unknown, moved: StepNode[]) => {
      const places = new Map(moved.filter((node) => isStepKey(node.id)).map((node) => [node.id, node.position]));
      editor.do(all("Move", [settle(editor.flow), moveSteps(places)]));
    },
    [editor],
  );
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const what = whatIsDragged();
    const spot = spotAt(event);
    endDrag();
    if (!what || readOnly) return;
    if ("keys" in what) {
      if (spot) editor.do(moveComponents(what.keys, spot));
    } else if (what.part.kind === "component") {
      if (spot) editor.do(addComponents([componentFrom(what.part)], spot));
    } else {
      const point = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      editor.do(all("Add step", [settle(editor.flow), addStep(stepFrom(what.part), point)]));
    }
  };
  const over = (event: DragEvent) => {
    const what = whatIsDragged();
    if (!what || readOnly) return;
    const step = "part" in what && what.part.kind === "step";
    const spot = step ? undefined : spotAt(event);
    hover(spot);
    if (step || spot) event.preventDefault(); // what may be dropped here
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped and typed within the canvas
    <div
      className="canvas"
      onDragOver={over}
      onDrop={drop}
      onDragLeave={() => hover(undefined)}
      onPointerDownCapture={(event) => notePress(event.target)}
      onKeyDown={keys.press}
      onFocus={keys.focus}
    >
      <ReactFlow<StepNode, Edge>
        aria-label="The steps of the flow"
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        onNodesChange={changeNodes}
        onEdgesChange={changeEdges}
        onConnect={join}
        onReconnect={(_, connection) => join(connection)}
        onNodeDragStop={dropped}
        onPaneClick={() => editor.select([])}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode="Shift"
        ariaLabelConfig={labels}
        minZoom={0.05}
        maxZoom={1.5}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.12 }}
        proOptions={{ hideAttribution: true }}
        connectionRadius={36}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
        <MiniMap pannable zoomable nodeBorderRadius={6} style={minimap} />
      </ReactFlow>
      {flow.steps.length === 0 && (
        <p className="canvas-empty">Nothing here yet. Drag a page from the left, or press one of the parts there.</p>
      )}
    </div>
  );
}

/** reselected is a selection after some were chosen or not any more. */
function reselected(now: readonly Key[], changes: readonly { id: string; selected: boolean }[]): Key[] {
  const out = new Set(changes.filter((change) => !change.selected).map((change) => change.id));
  const more = changes.filter((change) => change.selected && !now.includes(change.id)).map((change) => change.id);
  return [...now.filter((one) => !out.has(one)), ...more];
}

/** useNodes are the steps as nodes, with what the browser has measured of them and where one is while it is dragged. */
function useNodes(): [StepNode[], (change: (now: StepNode[]) => StepNode[]) => void] {
  const { editor } = useBench();
  const { meta } = useDeclared();
  const flow = useFlow();
  const selection = useSelection();
  const stop = selection.findLast((one) => isStepKey(one)) ?? firstOf(flow)?.[key];
  const chosen = useMemo(() => new Set(selection), [selection]);
  const [nodes, setNodes] = useState(() => nodesOf(editor.flow, new Set(), firstOf(editor.flow)?.[key], [], meta));
  useEffect(() => setNodes((now) => nodesOf(flow, chosen, stop, now, meta)), [flow, chosen, stop, meta]);
  return [nodes, setNodes];
}

function useEdges(): [Edge[], ReadonlySet<Key>, (change: (now: ReadonlySet<Key>) => ReadonlySet<Key>) => void] {
  const flow = useFlow();
  const { meta } = useDeclared();
  const [picked, pick] = useState<ReadonlySet<Key>>(new Set());
  const litIds = useContext(LitContext);
  const before = useRef<Edge[]>([]);
  const edges = useMemo(() => {
    const lit = new Set(flow.steps.filter((step) => litIds.has(idOf(step))).map((step) => step[key]));
    before.current = edgesOf(flow, picked, lit, before.current, meta);
    return before.current;
  }, [flow, picked, litIds, meta]);
  return [edges, picked, pick];
}
