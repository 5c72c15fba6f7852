/** How long the server is left alone before it is asked again whether it is there, in milliseconds. */
const pauses = [500, 1000, 2000, 4000, 8000];

/**
 * Connection knows whether the server can be reached. It believes what requests meet, not what the browser says of its network, and once one has
 * failed it asks until an answer comes.
 */
export class Connection {
  private up = true;
  private asking = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly ask: () => Promise<unknown>) {}

  readonly isUp = (): boolean => this.up;

  /** subscribe calls the listener after each change; what it returns ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** reached notes that an answer came. */
  reached(): void {
    this.set(true);
  }

  /** lost notes that none came. */
  lost(): void {
    this.set(false);
    if (!this.asking) {
      this.asking = true;
      void this.wait(0);
    }
  }

  /** back ends when the server can be reached, or with the signal. */
  back(signal?: AbortSignal): Promise<void> {
    if (this.up) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = () => {
        if (!this.up && !signal?.aborted) return;
        end();
        signal?.removeEventListener("abort", done);
        if (this.up) resolve();
        else reject(signal?.reason);
      };
      const end = this.subscribe(done);
      signal?.addEventListener("abort", done);
    });
  }

  private set(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    for (const listener of [...this.listeners]) listener();
  }

  private async wait(tries: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, pauses[Math.min(tries, pauses.length - 1)]));
    if (!this.up) {
      try {
        await this.ask();
        this.set(true);
      } catch {
        return this.wait(tries + 1);
      }
    }
    this.asking = false;
  }
}
