import { useReactFlow } from "@xyflow/react";
import { LayoutGrid, Redo2, Search as SearchIcon, Undo2 } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../ui/button";
import type { Saver } from "./draft/saver";
import { SaveStatus } from "./draft/status";
import type { Key } from "./model/flow";
import { type Size, tidy } from "./model/layout";
import { useBench, useEditor } from "./state/context";

/** Toolbar is what can be done to the flow as a whole, and how it stands with the server. */
export function Toolbar({ title, saver, start, actions }: { title: string; saver: Saver; start: ReactNode; actions: ReactNode }) {
  const { editor, openSearch, readOnly } = useBench();
  const canvas = useReactFlow();
  const undoable = useEditor((now) => now.undoable);
  const redoable = useEditor((now) => now.redoable);
  const arrange = () => {
    const sizes = new Map(canvas.getNodes().flatMap((node): [Key, Size][] => size(node.id, node.measured)));
    if (editor.do(tidy(editor.flow, sizes))) setTimeout(() => void canvas.fitView({ maxZoom: 1, padding: 0.12 }), 50);
  };
  return (
    <header className="bar">
      {start}
      <h1 className="bar-title">{title}</h1>
      <div className="toolbar" role="toolbar" aria-label="Flow">
        <IconButton
          label={undoable === undefined ? "Undo" : `Undo: ${undoable}`}
          disabled={undoable === undefined}
          onClick={() => editor.undo()}
        >
          <Undo2 size={18} />
        </IconButton>
        <IconButton
          label={redoable === undefined ? "Redo" : `Redo: ${redoable}`}
          disabled={redoable === undefined}
          onClick={() => editor.redo()}
        >
          <Redo2 size={18} />
        </IconButton>
        <Button look="quiet" disabled={readOnly} onClick={arrange}>
          <LayoutGrid size={17} aria-hidden /> Tidy up
        </Button>
        <Button look="quiet" onClick={openSearch} aria-keyshortcuts="Control+K">
          <SearchIcon size={17} aria-hidden /> Search
        </Button>
      </div>
      <span className="bar-space" />
      {readOnly ? <span className="hint">You may look, but not change.</span> : <SaveStatus saver={saver} />}
      {actions}
    </header>
  );
}

function size(of: Key, measured: { width?: number; height?: number } | undefined): [Key, Size][] {
  return measured?.width && measured.height ? [[of, { width: measured.width, height: measured.height }]] : [];
}
