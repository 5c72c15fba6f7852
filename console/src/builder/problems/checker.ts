import { type BuilderApi, Offline } from "../api";
import type { Problem } from "../model/problems/problem";

export interface Checked {
  problems: readonly Problem[];
  /** "checking" before the first answer; "offline" while there is none about the newest state. */
  state: "checking" | "current" | "offline";
}

/**
 * Checker asks the server what keeps the newest state of a document from running. Of several answers the last question's counts; while the server is
 * away the last answer stays, and the question is asked again when it is back.
 */
export class Checker {
  private now: Checked = { problems: [], state: "checking" };
  private timer: ReturnType<typeof setTimeout> | undefined;
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

  /** check asks about a document, once nothing has changed for a moment. */
  check(text: string, delay = this.delay): void {
    clearTimeout(this.timer);
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.timer = setTimeout(() => void this.ask(text, signal), delay);
  }

  /** end stops asking. */
  end(): void {
    clearTimeout(this.timer);
    this.asking.abort();
  }

  private async ask(text: string, signal: AbortSignal): Promise<void> {
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
