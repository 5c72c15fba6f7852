import { useEffect, useState } from "react";
import type { BuilderApi, Saved } from "../api";
import { Editor } from "../model/editor";
import { NotAFlow, readFlow, writeFlow } from "../model/flow";
import { noMeta } from "../model/meta";
import { partsOf } from "../model/parts";
import { Checker } from "../problems/checker";
import type { Declared } from "../state/context";
import { Saver } from "./saver";

/** What there is to work with once a flow has been read. */
export interface Ready {
  editor: Editor;
  saver: Saver;
  checker: Checker;
  declared: Declared;
}

export type Draft =
  | { state: "loading" }
  /** It could not be read now; again tries once more. */
  | { state: "failed"; why: string; again: () => void }
  /** It is no flow: only the text can be shown. */
  | { state: "unreadable"; why: string; text: string }
  | ({ state: "ready" } & Ready);

export interface DraftSetting {
  readOnly?: boolean | undefined;
  onSaved?: ((saved: Saved) => void) | undefined;
}

/** useDraft reads the draft of a flow, or what is live, and from then on saves and checks every change. */
export function useDraft(flowType: string, api: BuilderApi, { readOnly = false, onSaved }: DraftSetting = {}): Draft {
  const [draft, setDraft] = useState<Draft>({ state: "loading" });
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try is what tries is for; who is told does not change
  useEffect(() => {
    let there = true;
    let stop: (() => void) | undefined;
    const again = () => setTries(tries + 1);
    setDraft({ state: "loading" });
    open(flowType, api, readOnly, onSaved).then(
      (opened) => {
        if (!there) return;
        if (opened.state === "ready") stop = keep(opened, readOnly);
        setDraft(opened);
      },
      (error: unknown) => there && setDraft({ state: "failed", why: error instanceof Error ? error.message : String(error), again }),
    );
    return () => {
      there = false;
      stop?.();
    };
  }, [flowType, api, readOnly, tries]);
  return draft;
}

async function open(flowType: string, api: BuilderApi, readOnly: boolean, onSaved: DraftSetting["onSaved"]): Promise<Draft> {
  const [loaded, known, templates, attributes, texts] = await Promise.all([
    api.load(flowType),
    api.meta(flowType),
    api.templates(flowType).catch(() => []), // the palette does without
    api.attributes().catch(() => []), // those of the meta are left
    api.texts().catch(() => ({})), // keys are shown as they stand
  ]);
  try {
    const flow = readFlow(loaded.text);
    const text = writeFlow(flow);
    const editor = new Editor(flow, Date.now, readOnly);
    const saver = new Saver({ api, flowType, loaded: { ...loaded, text }, ...(onSaved && { onSaved }) });
    const meta = { ...noMeta, ...known, texts };
    const declared = { meta, parts: partsOf(meta, templates), attributes };
    return { state: "ready", editor, saver, checker: new Checker(api), declared };
  } catch (error) {
    if (error instanceof NotAFlow) return { state: "unreadable", why: error.message, text: loaded.text };
    throw error;
  }
}

/** keep has every change saved and checked until the page is left. What is not saved by then is saved all the same, as soon as it can be. */
function keep({ editor, saver, checker }: Ready, readOnly: boolean): () => void {
  let flow = editor.flow;
  const change = () => {
    if (editor.flow === flow) return;
    flow = editor.flow;
    const text = editor.text();
    if (!readOnly) saver.change(text);
    checker.check(text);
  };
  const leave = (event: BeforeUnloadEvent) => {
    if (saver.unsaved) event.preventDefault();
  };
  const end = editor.subscribe(change);
  addEventListener("beforeunload", leave);
  checker.check(editor.text(), 0);
  return () => {
    end();
    removeEventListener("beforeunload", leave);
    checker.end();
    void saver.flush();
  };
}
