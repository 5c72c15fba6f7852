import { type BuilderApi, Offline } from "../api";
import type { Problem } from "../model/problems/problem";

export interface Checked {
  problems: readonly Problem[];
  /** "checking" while the newest state is being asked about: the problems are those of one before; "offline" where nobody can be asked. */
  state: "checking" | "current" | "offline";
}

/** How many pauses somebody who does not stop changing waits for an answer. */
const longest = 4;

/**
 * Checker asks the server what keeps the newest state of a document from running. Of several answers the last question's counts; while the server is
 * away the last answer stays, and the question is asked again when it is back.
 */
export class Checker {
  private now: Checked = { problems: [], state: "checking" };
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Since when something is to be asked that was not, in milliseconds. */
  private since: number | undefined;
  private asking = new AbortController();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly api: Pick<BuilderApi, "validate" | "back">,
    private readonly delay = 400,
  ) {}

  readonly checked = (): Checked => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** check asks about a document, once nothing has changed for a moment, or for longer changes have not ended. */
  check(text: string, delay = this.delay): void {
    clearTimeout(this.timer);
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.since ??= Date.now();
    if (this.now.state === "current") this.set({ ...this.now, state: "checking" });
    const left = Math.max(0, this.since + longest * this.delay - Date.now());
    this.timer = setTimeout(() => void this.ask(text, signal), Math.min(delay, left));
  }

  /** end stops asking. */
  end(): void {
    clearTimeout(this.timer);
    this.asking.abort();
  }

  private async ask(text: string, signal: AbortSignal): Promise<void> {
    this.since = undefined;
    try {
      const problems = await this.api.validate(text, signal);
      if (!signal.aborted) this.set({ problems, state: "current" });
    } catch (error) {
      if (signal.aborted) return;
      this.set({ ...this.now, state: "offline" });
      if (!(error instanceof Offline)) return; // refused: the next change is asked about again
      await this.api.back(signal).catch(() => undefined);
      if (!signal.aborted) this.timer = setTimeout(() => void this.ask(text, signal), 1000);
    }
  }

  private set(checked: Checked): void {
    this.now = checked;
    for (const listener of [...this.listeners]) listener();
  }
}
