import { type BuilderApi, DraftChanged, type Loaded, Offline, type Saved } from "../api";
import { parse, same } from "../model/json";

export type SaveState =
  /** Everything is on the server; at is when it was saved, undefined where nothing was changed yet. */
  | { kind: "saved"; at: string | undefined }
  | { kind: "unsaved" }
  | { kind: "saving" }
  /** What was changed is kept here until the server is back. */
  | { kind: "offline" }
  /** Somebody else has saved, or published or discarded the draft; the person has to say what is to become of it. */
  | { kind: "conflict"; theirs: Loaded }
  /** The server will not take it as it is; the next change is tried again. */
  | { kind: "refused"; why: string };

export interface SaverSetting {
  api: Pick<BuilderApi, "load" | "save" | "back">;
  flowType: string;
  loaded: Loaded;
  /** How long nothing has to change before it is saved, in milliseconds; what does not stop changing is saved after five times that. */
  delay?: number;
  onSaved?: (saved: Saved) => void;
}

/** The pauses between tries while the server is away, in milliseconds. */
const pauses = [500, 1000, 2000, 4000, 8000];

/**
 * Saver keeps the draft on the server as it is here: one save at a time, the newest state next. A lost connection loses nothing: what may or may not
 * have arrived is sent again as it was, which changes nothing if it did, and then what came after it.
 */
export class Saver {
  private now: SaveState;
  private wanted: string;
  private stored: string;
  private seen: number | undefined;
  /** The version that what is here was made from. */
  private base: number | undefined;
  /** When that was saved. */
  private when: string | undefined;
  /** What was sent without an answer. */
  private doubtful: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When what is not saved has to be, in milliseconds. */
  private due: number | undefined;
  private running = false;
  /** The last run of saving, while there is one. */
  private saving: Promise<void> = Promise.resolve();
  private readonly ended = new AbortController();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly at: SaverSetting) {
    const { text, draft, base } = at.loaded;
    this.now = { kind: "saved", at: draft?.saved };
    this.wanted = text;
    this.stored = text;
    this.seen = draft?.revision;
    this.when = draft?.saved;
    this.base = base;
  }

  readonly state = (): SaveState => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The revision that the server has of what is here, undefined for none. */
  get revision(): number | undefined {
    return this.seen;
  }

  /** Whether something would be lost if the page were closed now. */
  get unsaved(): boolean {
    return this.wanted !== this.stored || this.doubtful !== undefined;
  }

  /** change is told of every state of the document. */
  change(text: string): void {
    if (text === this.wanted) return;
    this.wanted = text;
    if (this.now.kind === "conflict") return; // the person is asked first
    if (!this.running) this.set(this.unsaved ? { kind: "unsaved" } : { kind: "saved", at: this.when });
    clearTimeout(this.timer);
    const { delay = 800 } = this.at;
    this.due ??= Date.now() + 5 * delay;
    this.timer = setTimeout(() => void this.flush(), Math.max(0, Math.min(delay, this.due - Date.now())));
  }

  /** flush saves at once. It ends when everything is saved, or nothing more can be done; of what is being saved already it waits for the end. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.due = undefined;
    if (this.running) return this.now.kind === "offline" ? Promise.resolve() : this.saving;
    if (this.now.kind === "conflict" || this.ended.signal.aborted) return Promise.resolve();
    this.saving = this.save();
    return this.saving;
  }

  private async save(): Promise<void> {
    this.running = true;
    try {
      for (let tries = 0; this.unsaved && !this.ended.signal.aborted; ) {
        const outcome = await this.once();
        if (outcome === "stop") return;
        if (outcome === "again") await this.pause(tries++);
        else tries = 0;
      }
    } finally {
      this.running = false;
    }
  }

  private async once(): Promise<"saved" | "again" | "stop"> {
    const text = this.doubtful ?? this.wanted;
    this.set({ kind: "saving" });
    try {
      const saved = await this.at.api.save(this.at.flowType, text, this.seen, this.base);
      this.store(text, saved);
      this.at.onSaved?.(saved);
      this.set(this.unsaved ? { kind: "unsaved" } : { kind: "saved", at: saved.saved });
      return "saved";
    } catch (error) {
      if (error instanceof DraftChanged) return this.settle(error);
      if (!(error instanceof Offline)) {
        this.set({ kind: "refused", why: error instanceof Error ? error.message : String(error) });
        return "stop";
      }
      this.doubtful = text;
      this.set({ kind: "offline" });
      return "again";
    }
  }

  private store(text: string, draft: Saved | undefined): void {
    this.stored = text;
    this.seen = draft?.revision;
    this.when = draft?.saved;
    this.doubtful = undefined;
  }

  /** settle looks at what is there instead. Where that is what was here before, as after a publication, the draft simply begins anew. */
  private async settle(changed: DraftChanged): Promise<"saved" | "again" | "stop"> {
    try {
      const theirs = await this.at.api.load(this.at.flowType);
      const mine = [this.stored, this.wanted, this.doubtful].some((text) => text !== undefined && equal(text, theirs.text));
      if (mine) {
        this.store(equal(this.wanted, theirs.text) ? this.wanted : theirs.text, theirs.draft);
        this.base = theirs.base;
        this.set(this.unsaved ? { kind: "unsaved" } : { kind: "saved", at: theirs.draft?.saved });
        return "saved";
      }
      this.set({ kind: "conflict", theirs });
      return "stop";
    } catch (error) {
      if (error instanceof Offline) {
        this.set({ kind: "offline" });
        return "again";
      }
      this.set({ kind: "refused", why: changed.message });
      return "stop";
    }
  }

  /** overwrite saves what is here over what is there. */
  overwrite(): Promise<void> {
    if (this.now.kind !== "conflict") return Promise.resolve();
    const { theirs } = this.now;
    this.store(theirs.text, theirs.draft);
    this.base = theirs.base;
    this.set({ kind: "unsaved" });
    return this.flush();
  }

  /** giveWay goes on from what is there: it is what the document has to be changed to. Later changes are saved over it. */
  giveWay(): Loaded | undefined {
    if (this.now.kind !== "conflict") return undefined;
    const { theirs } = this.now;
    this.store(theirs.text, theirs.draft);
    this.base = theirs.base;
    this.wanted = theirs.text;
    this.set({ kind: "saved", at: theirs.draft?.saved });
    return theirs;
  }

  /** published tells that the draft went live. Where it was what is here, there is no draft any more until the next change. */
  published(revision: number): void {
    if (this.seen !== revision) return;
    this.seen = undefined;
    if (this.now.kind === "saved") this.set({ kind: "saved", at: undefined });
  }

  /** end stops everything. What is not saved is lost then; flush first. */
  end(): void {
    clearTimeout(this.timer);
    this.ended.abort();
  }

  private async pause(tries: number): Promise<void> {
    const { signal } = this.ended;
    const wait = new Promise((resolve) => setTimeout(resolve, pauses[Math.min(tries, pauses.length - 1)]));
    await Promise.all([wait, this.at.api.back(signal).catch(() => undefined)]);
  }

  private set(state: SaveState): void {
    this.now = state;
    for (const listener of [...this.listeners]) listener();
  }
}

const equal = (a: string, b: string): boolean => a === b || same(parse(a), parse(b));
