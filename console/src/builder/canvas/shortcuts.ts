import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { copy, duplicate, pasteComponents, pasteSteps, readClip, spotAfter } from "../model/clip";
import { remove } from "../model/edit/steps";
import { key } from "../model/flow";
import { stepOf } from "../model/look";
import { useBench } from "../state/context";

/** isTyping tells whether keys belong to a field, and isAway whether they belong to a dialog or to what is beside the builder. */
const isTyping = (target: EventTarget | null) =>
  target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
const isAway = (target: EventTarget | null) => target instanceof Element && target.closest("dialog, [role=menu], .builder-beside") !== null;

/** useShortcuts are the keys that mean the same wherever one is, and the clipboard. drop deletes what is selected. */
export function useShortcuts(drop: () => void): void {
  const bench = useBench();
  const canvas = useReactFlow();
  const now = useRef({ bench, canvas, drop });
  now.current = { bench, canvas, drop };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isAway(event.target) || event.defaultPrevented) return;
      const { bench, canvas, drop } = now.current;
      const name = combination(event);
      const act = isTyping(event.target) ? anywhere(bench)[name] : (anywhere(bench)[name] ?? here(bench, canvas, drop)[name]);
      if (!act) return;
      event.preventDefault();
      act();
    };
    const clip = (event: ClipboardEvent) => {
      if (isTyping(event.target) || isAway(event.target) || String(getSelection() ?? "") !== "") return;
      if (carry(event, now.current.bench)) event.preventDefault();
    };
    document.addEventListener("keydown", press);
    for (const name of ["copy", "cut", "paste"] as const) document.addEventListener(name, clip);
    return () => {
      document.removeEventListener("keydown", press);
      for (const name of ["copy", "cut", "paste"] as const) document.removeEventListener(name, clip);
    };
  }, []);
}

type Bench = ReturnType<typeof useBench>;

/** combination names a key with what is held beside it. Shift counts with letters only: it makes other signs what they are. */
function combination(event: KeyboardEvent): string {
  const name = event.key.toLowerCase();
  const shift = event.shiftKey && /^[a-z]$/.test(name);
  return [(event.ctrlKey || event.metaKey) && "ctrl", event.altKey && "alt", shift && "shift", name].filter(Boolean).join(" ");
}

/** What works in fields too. A field's own undo knows only of itself. */
const anywhere = ({ editor, openSearch }: Bench): Record<string, (() => void) | undefined> => ({
  "ctrl z": () => editor.undo(),
  "ctrl shift z": () => editor.redo(),
  "ctrl y": () => editor.redo(),
  "ctrl k": openSearch,
});

const here = ({ editor }: Bench, canvas: ReturnType<typeof useReactFlow>, drop: () => void): Record<string, (() => void) | undefined> => ({
  delete: drop,
  backspace: drop,
  "ctrl d": () => editor.do(duplicate(editor.flow, editor.selection)),
  "ctrl a": () => editor.select(editor.flow.steps.map((step) => step[key])),
  escape: () => editor.select([]),
  f: () => void canvas.fitView({ maxZoom: 1, padding: 0.12 }),
  "+": () => void canvas.zoomIn(),
  "-": () => void canvas.zoomOut(),
});

/** carry copies, cuts or pastes; it tells whether there was anything to do. */
function carry(event: ClipboardEvent, { editor, readOnly }: Bench): boolean {
  if (event.type === "paste") return !readOnly && paste(event.clipboardData?.getData("text/plain") ?? "", editor);
  const text = copy(editor.flow, editor.selection);
  if (text === undefined) return false;
  event.clipboardData?.setData("text/plain", text);
  if (event.type === "cut" && !readOnly) editor.do({ ...remove(editor.selection), label: "Cut" });
  return true;
}

/** paste adds what a text holds, where it holds steps or components: components behind what is selected. */
export function paste(text: string, editor: Bench["editor"]): boolean {
  const clip = readClip(text);
  if (!clip) return false;
  if (clip.steps.length > 0) return editor.do(pasteSteps(clip, { x: 40, y: 40 }));
  const of = editor.selection.findLast((one) => stepOf(editor.flow, one));
  const spot = of === undefined ? undefined : spotAfter(editor.flow, of);
  return spot !== undefined && clip.components.length > 0 && editor.do(pasteComponents(clip, spot));
}
