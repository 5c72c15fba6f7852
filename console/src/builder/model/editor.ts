import type { Edit } from "./edit/edit";
import { type Flow, type Key, writeFlow } from "./flow";
import { begin, type History, perform, redo, select, undo } from "./history";
import { noEnd } from "./links";
import { look } from "./look";

/** Editor holds a flow that is being edited. Whoever draws it subscribes, and reads what it needs. */
export class Editor {
  private history: History;
  private said = "";
  private readonly listeners = new Set<() => void>();

  constructor(
    flow: Flow,
    private readonly clock: () => number = Date.now,
    /** A locked editor makes no edits: who may only look has one. */
    private readonly locked = false,
  ) {
    this.history = begin(flow);
  }

  get flow(): Flow {
    return this.history.now.flow;
  }

  /** The keys of what is selected, and is there. */
  get selection(): readonly Key[] {
    return this.history.now.selection;
  }

  /** What undo and redo would do, undefined for nothing. */
  get undoable(): string | undefined {
    return this.history.past.at(-1)?.label;
  }

  get redoable(): string | undefined {
    return this.history.future[0]?.label;
  }

  /** What was done last, for those who do not see it. */
  get announcement(): string {
    return this.said;
  }

  /** text is the document as it is sent to the server. */
  text(): string {
    return writeFlow(this.flow);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** do makes an edit; undefined is none. It tells whether anything changed. */
  do(edit: Edit | undefined): boolean {
    if (!edit || this.locked) return false;
    const next = perform(this.history, edit, this.clock());
    if (next === this.history) return false;
    this.set(next, edit.group === undefined ? edit.label : "");
    return true;
  }

  undo(): void {
    const label = this.undoable;
    if (label !== undefined) this.set(undo(this.history), `Undone: ${label}`);
  }

  redo(): void {
    const label = this.redoable;
    if (label !== undefined) this.set(redo(this.history), `Done again: ${label}`);
  }

  select(keys: readonly Key[]): void {
    if (keys.length === this.selection.length && keys.every((one, i) => one === this.selection[i])) return;
    this.set(select(this.history, keys), this.said);
  }

  /** toggle adds a key to the selection, or takes it out. */
  toggle(of: Key): void {
    this.select(this.selection.includes(of) ? this.selection.filter((one) => one !== of) : [...this.selection, of]);
  }

  private set(history: History, said: string): void {
    const { flow, selection } = history.now;
    const index = look(flow);
    const there = selection.filter((one) => one === noEnd || index.steps.has(one) || index.components.has(one));
    this.history = there.length === selection.length ? history : { ...history, now: { flow, selection: there } };
    this.said = said;
    for (const listener of [...this.listeners]) listener();
  }
}
