import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Tabs } from "../ui/tabs";
import { Canvas } from "./canvas/canvas";
import { bringIntoSight, goTo } from "./canvas/show";
import { Conflict } from "./draft/conflict";
import type { Ready } from "./draft/use-draft";
import { addAfter } from "./model/after";
import type { Key } from "./model/flow";
import { key } from "./model/flow";
import { firstOf } from "./model/links";
import type { Meta } from "./model/meta";
import { addTo, componentFrom, type Part, stepFrom } from "./model/parts";
import { sentence } from "./model/words";
import { keyOf, type Outside, OutsideContext, outsideOf } from "./outside";
import { Palette } from "./palette/palette";
import { Problems } from "./problems/problems";
import { Properties } from "./properties/properties";
import { Search } from "./search/search";
import { AtContext, type Bench, BenchContext, DeclaredContext, LitContext, useChecked, useEditor } from "./state/context";
import { Toolbar } from "./toolbar";

export interface WorkbenchProps extends Ready {
  flowType: string;
  readOnly: boolean;
  lit: ReadonlySet<string>;
  at: string | undefined;
  start?: ReactNode;
  actions?: ReactNode;
  beside?: ReactNode;
  besideShown?: boolean;
}

/** Workbench is the builder with a flow in it. */
export function Workbench({ lit, at, ...rest }: WorkbenchProps) {
  return (
    <ReactFlowProvider>
      <DeclaredContext value={rest.declared}>
        <LitContext value={lit}>
          <AtContext value={at}>
            <Inside {...rest} at={at} />
          </AtContext>
        </LitContext>
      </DeclaredContext>
    </ReactFlowProvider>
  );
}

function Inside({
  editor,
  saver,
  checker,
  declared: { meta },
  flowType,
  readOnly,
  at,
  start,
  actions,
  beside,
  besideShown = false,
}: Omit<WorkbenchProps, "lit">) {
  const canvas = useReactFlow();
  const root = useRef<HTMLDivElement>(null);
  const [tab, setTab] = useState("properties");
  const [searching, setSearching] = useState(false);
  const show = useCallback((of: Key) => goTo(of, editor, canvas, () => root.current), [editor, canvas]);
  const bench = useMemo(
    (): Bench => ({
      editor,
      checker,
      readOnly,
      show,
      openProperties() {
        flushSync(() => setTab("properties")); // the next key is meant for what is there
        root.current?.querySelector<HTMLElement>(".properties :is(input, select, textarea):enabled")?.focus();
      },
      openSearch: () => setSearching(true),
      add(part) {
        if (!addPart(part, editor, meta)) return;
        const [added = ""] = editor.selection.slice(-1);
        setTimeout(() => show(added)); // once a dialog has given the focus back, which selects what has it
      },
    }),
    [editor, checker, meta, readOnly, show],
  );
  const outside = useMemo((): Outside => outsideOf({ editor, saver, checker }, meta, show), [editor, saver, checker, meta, show]);
  useEffect(() => {
    const step = at === undefined ? undefined : keyOf(editor.flow, at);
    if (step !== undefined) bringIntoSight(step, canvas, root.current);
  }, [at, editor, canvas]);
  useEffect(() => {
    // What is beside the canvas has it be narrower: all of the flow is shown, as far as it can be read.
    if (besideShown) setTimeout(() => void canvas.fitView({ maxZoom: 1, minZoom: 0.35, padding: 0.12 }), 60);
  }, [besideShown, canvas]);
  const panels = [
    { key: "properties", label: "Properties", content: <Properties /> },
    { key: "problems", label: <ProblemsLabel />, content: <Problems /> },
  ];
  return (
    <BenchContext value={bench}>
      <OutsideContext value={outside}>
        <div className={`builder ${besideShown ? "builder-with" : ""}`} ref={root}>
          <Toolbar title={sentence(flowType.toLowerCase().replaceAll("_", " "))} saver={saver} start={start} actions={actions} />
          <Palette />
          <Canvas />
          <aside className="panel" aria-label="Properties and problems">
            <Tabs label="Panel" tabs={panels} chosen={tab} onChoose={setTab} />
          </aside>
          {beside && (
            <div className="builder-beside" hidden={!besideShown}>
              {beside}
            </div>
          )}
          <Announcement />
          {searching && <Search onClose={() => setSearching(false)} />}
          <Conflict editor={editor} saver={saver} flowType={flowType} />
        </div>
      </OutsideContext>
    </BenchContext>
  );
}

/** addPart adds a step behind what is selected, or a component to it; where nothing is selected, to where the flow begins. */
export function addPart(part: Part, editor: Ready["editor"], meta: Meta): boolean {
  const { flow } = editor;
  const selected = editor.selection.at(-1);
  if (part.kind === "step") return editor.do(addAfter(flow, selected, stepFrom(part)));
  const of = selected ?? firstOf(flow)?.[key];
  return of !== undefined && editor.do(addTo(flow, of, componentFrom(part), meta));
}

function ProblemsLabel() {
  const { problems } = useChecked();
  return <>Problems {problems.length > 0 && <span className="count">{problems.length}</span>}</>;
}

/** Announcement says what was done to those who do not see it. */
function Announcement() {
  const said = useEditor((editor) => editor.announcement);
  return (
    <p className="visually-hidden" role="status">
      {said}
    </p>
  );
}
