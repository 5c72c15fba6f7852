import { createContext, useContext, useSyncExternalStore } from "react";
import type { Editor } from "../model/editor";
import type { Flow, Key } from "../model/flow";
import { type Attribute, type Meta, noMeta } from "../model/meta";
import type { Part } from "../model/parts";
import type { Checked, Checker } from "../problems/checker";

/** What the server declares, as far as it is known yet. */
export interface Declared {
  meta: Meta;
  parts: readonly Part[];
  attributes: readonly Attribute[];
}

/** What the parts of the workbench ask of each other. */
export interface Bench {
  editor: Editor;
  checker: Checker;
  /** Nothing can be changed. */
  readOnly: boolean;
  /** show brings a step or component into sight and selects it. */
  show(of: Key): void;
  /** openProperties shows what is selected in the panel, and goes there. */
  openProperties(): void;
  openSearch(): void;
  /** add adds a part where it belongs: behind what is selected. */
  add(part: Part): void;
}

export const BenchContext = createContext<Bench | undefined>(undefined);
export const DeclaredContext = createContext<Declared>({ meta: noMeta, parts: [], attributes: [] });
/** The ids of the steps that somebody has gone through in a trial run. */
export const LitContext = createContext<ReadonlySet<string>>(new Set());
/** The id of the step where it is now. */
export const AtContext = createContext<string | undefined>(undefined);

export function useBench(): Bench {
  const bench = useContext(BenchContext);
  if (!bench) throw new Error("there is no BenchContext");
  return bench;
}

export const useDeclared = (): Declared => useContext(DeclaredContext);

/** useEditor reads something of the editor; whoever uses it is drawn again only when that changes. */
export function useEditor<T>(read: (editor: Editor) => T): T {
  const { editor } = useBench();
  return useSyncExternalStore(editor.subscribe, () => read(editor));
}

export const useFlow = (): Flow => useEditor((editor) => editor.flow);
export const useSelection = (): readonly Key[] => useEditor((editor) => editor.selection);
export const useSelected = (of: Key): boolean => useEditor((editor) => editor.selection.includes(of));

export function useChecked(): Checked {
  const { checker } = useBench();
  return useSyncExternalStore(checker.subscribe, checker.checked);
}
