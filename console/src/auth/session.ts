import type { Bearer } from "../api/client";
import { ConnectionLost } from "../api/problem";
import { Declined, type Person, type Provider, type Round, type Tokens } from "./provider";

/** Who is in front of the pages. Somebody whose session is over stays, with all they have not saved, until they have signed in again. */
export type State = { kind: "nobody" } | { kind: "someone" | "over"; person: Person; scopes: ReadonlySet<string> };

/** What opening a page has come to. */
export type Outcome =
  /** Somebody is signed in, and belongs to the path. */
  | { kind: "ready"; path: string }
  /** The browser is on its way to the sign-in. */
  | { kind: "leaving" }
  /** This window was opened to sign in for another one, which has taken the answer. */
  | { kind: "handed-over" }
  | { kind: "signed-out" }
  | { kind: "failed"; why: string };

/** The browser, as far as a session goes. */
export interface Browser {
  location: Pick<Location, "pathname" | "search" | "hash">;
  leave(url: string): void;
  /** open opens a window beside this one; false where the browser does not let it. */
  open(url: string): boolean;
  /** Holds the round trip's state and verifier while the browser is away, and nothing else. */
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** channel is one to the other windows of the console. */
  channel(): BroadcastChannel;
}

const roundKey = "usher-console-sign-in";
/** How long another window has to take the answer of a sign-in, and a token to live to be worth using, in milliseconds. */
const handOver = 2_000;
const soon = 20_000;

type Message = { kind: "answer"; query: string } | { kind: "taken"; query: string };

/** Session is somebody's, in this window. Nothing of it survives the window but the server's own cookie. */
export class Session implements Bearer {
  private tokens: Tokens | undefined;
  private now: State = { kind: "nobody" };
  private renewal: Promise<string> | undefined;
  private again: { round: Round; done: (tokens: Tokens) => void } | undefined;
  private readonly listeners = new Set<() => void>();

  /** base is the path of the console, with a slash at its end. */
  constructor(
    private readonly provider: Provider,
    private readonly browser: Browser,
    private readonly base: string,
  ) {}

  readonly state = (): State => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** start finds out who is there. It is called once, before anything is shown. */
  async start(): Promise<Outcome> {
    const { pathname, search, hash } = this.browser.location;
    const page = pathname.slice(this.base.length);
    if (page === "signed-out") return { kind: "signed-out" };
    if (page !== "callback") return this.leave(pathname + search + hash);
    const kept = this.takeRound();
    const query = new URLSearchParams(search);
    if (!kept || kept.round.state !== query.get("state")) {
      if (await this.handOver(search)) return { kind: "handed-over" };
      return { kind: "failed", why: "This sign-in was begun elsewhere, or is over." };
    }
    try {
      this.accept(await this.provider.redeem(query, kept.round));
    } catch (error) {
      return { kind: "failed", why: why(error) };
    }
    return { kind: "ready", path: kept.path };
  }

  /** leave goes to the sign-in, to come back to the path. */
  async leave(path = this.base): Promise<Outcome> {
    try {
      const { url, round } = await this.provider.begin();
      this.browser.storage.setItem(roundKey, JSON.stringify({ round, path }));
      this.browser.leave(url);
      return { kind: "leaving" };
    } catch (error) {
      return { kind: "failed", why: why(error) };
    }
  }

  /** signInAgain opens the sign-in in a window of its own, so that nothing is lost in this one. It may be called again; false where it cannot open. */
  async signInAgain(): Promise<boolean> {
    if (!this.again) return true;
    const { url, round } = await this.provider.begin();
    this.again.round = round;
    return this.browser.open(url);
  }

  /** signOut forgets everything, here and on the server. */
  signOut(): void {
    const { tokens } = this;
    if (tokens) this.browser.leave(this.provider.end(tokens));
  }

  async token(signal?: AbortSignal): Promise<string> {
    const { tokens } = this;
    if (!tokens) throw new Declined("login_required", "Nobody is signed in.");
    if (this.now.kind === "over" || tokens.ends - performance.now() < soon) return this.renew(tokens.access, signal);
    return tokens.access;
  }

  /** renew gets another token by the refresh token. Where that counts no more it waits until the person has signed in again. */
  renew(stale: string, signal?: AbortSignal): Promise<string> {
    if (this.tokens && this.tokens.access !== stale && this.now.kind === "someone") return Promise.resolve(this.tokens.access);
    this.renewal ??= this.renewed().finally(() => {
      this.renewal = undefined;
    });
    return unless(signal, this.renewal);
  }

  private async renewed(): Promise<string> {
    const old = this.tokens;
    if (!old) throw new Declined("login_required", "Nobody is signed in.");
    try {
      return this.accept(await this.provider.refresh(old));
    } catch (error) {
      if (!(error instanceof Declined)) throw new ConnectionLost({ cause: error });
    }
    const tokens = await this.signedInAgain();
    if (tokens.person.id !== old.person.id) {
      // What is open here is somebody else's.
      this.browser.leave(this.base);
      return new Promise(() => {});
    }
    return this.accept(tokens);
  }

  /** signedInAgain waits for the answer of the window that signInAgain has opened. */
  private signedInAgain(): Promise<Tokens> {
    const channel = this.browser.channel();
    return new Promise<Tokens>((done) => {
      this.again = { round: { state: "", nonce: "", verifier: "" }, done };
      channel.onmessage = async ({ data }: MessageEvent<Message>) => {
        if (data.kind !== "answer" || !this.again?.round.state) return;
        const query = new URLSearchParams(data.query);
        const { round } = this.again;
        if (query.get("state") !== round.state) return;
        channel.postMessage({ kind: "taken", query: data.query } satisfies Message);
        try {
          done(await this.provider.redeem(query, round));
        } catch {
          // The dialog stays, with its button.
        }
      };
      if (this.now.kind === "someone") this.set({ ...this.now, kind: "over" });
    }).finally(() => {
      channel.close();
      this.again = undefined;
    });
  }

  /** handOver offers the answer of a sign-in to the other windows, and tells whether one has taken it. */
  private async handOver(query: string): Promise<boolean> {
    const channel = this.browser.channel();
    try {
      return await new Promise<boolean>((resolve) => {
        channel.onmessage = ({ data }: MessageEvent<Message>) => {
          if (data.kind === "taken" && data.query === query) resolve(true);
        };
        channel.postMessage({ kind: "answer", query } satisfies Message);
        setTimeout(() => resolve(false), handOver);
      });
    } finally {
      channel.close();
    }
  }

  /** takeRound returns what was kept of the round trip, once. */
  private takeRound(): { round: Round; path: string } | undefined {
    const text = this.browser.storage.getItem(roundKey);
    this.browser.storage.removeItem(roundKey);
    return text === null ? undefined : JSON.parse(text);
  }

  private accept(tokens: Tokens): string {
    this.tokens = tokens;
    this.set({ kind: "someone", person: tokens.person, scopes: tokens.scopes });
    return tokens.access;
  }

  private set(state: State): void {
    this.now = state;
    for (const listener of [...this.listeners]) listener();
  }
}

function why(error: unknown): string {
  if (error instanceof Declined) return error.message;
  return "The server cannot be reached, or its answer cannot be read.";
}

/** unless is the promise's outcome, or the signal's reason where that comes first. */
function unless<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
