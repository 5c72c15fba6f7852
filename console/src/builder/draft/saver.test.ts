import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DraftChanged, type Loaded, Offline } from "../api";
import { Saver } from "./saver";

/** A server that keeps one draft as the real one does, and can be made to fail. */
class Server {
  draft: { text: string; revision: number } | undefined;
  live = '{"steps":[],"live":1}';
  saves: string[] = [];
  /** What the next saves do instead: nothing reaches the server, or the answer gets lost. */
  faults: ("unreached" | "lost" | Error)[] = [];
  up = true;
  private waiting: (() => void)[] = [];
  /** Revisions never come again, whatever becomes of a draft. */
  private last = 0;

  async load(): Promise<Loaded> {
    if (!this.up) throw new Offline();
    if (!this.draft) return { text: this.live, draft: undefined };
    return { text: this.draft.text, draft: { revision: this.draft.revision, saved: "2026-01-01T00:00:00Z", author: { name: "ada" } } };
  }

  async save(_: string, text: string, seen: number | undefined) {
    const fault = this.faults.shift();
    if (!this.up || fault === "unreached") throw new Offline();
    if (fault instanceof Error) throw fault;
    this.saves.push(text);
    if (this.draft?.text !== text) {
      if (this.draft?.revision !== seen) throw new DraftChanged(this.draft && { revision: this.draft.revision, saved: "" });
      this.put(text);
    }
    if (fault === "lost") throw new Offline();
    return { revision: this.draft?.revision ?? 0, saved: "2026-01-02T00:00:00Z", problems: [] };
  }

  put(text: string) {
    this.draft = { text, revision: ++this.last };
  }

  back(): Promise<void> {
    return this.up ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  comeBack() {
    this.up = true;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

const doc = (n: number) => `{"steps":[],"n":${n}}`;

async function open(server: Server) {
  const saver = new Saver({ api: server, flowType: "REGISTRATION", loaded: await server.load(), delay: 100 });
  const seen: string[] = [];
  saver.subscribe(() => seen.push(saver.state().kind));
  return { saver, seen };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("saving", () => {
  it("knows what it has saved when an edit is taken back at once", async () => {
    const { saver } = await open(new Server());
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(100);
    const { at } = saver.state() as { at?: string };
    saver.change(doc(2));
    saver.change(doc(1));
    expect([at, saver.state()]).toEqual([expect.any(String), { kind: "saved", at }]);
  });

  it("saves now and then while changes do not end", async () => {
    const server = new Server();
    const { saver } = await open(server);
    for (let i = 0; i < 12; i++) {
      saver.change(doc(i));
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(server.saves).toEqual([doc(9)]);
  });

  it("waits for a pause, and saves the newest state once", async () => {
    const server = new Server();
    const { saver, seen } = await open(server);
    for (let i = 0; i < 5; i++) {
      saver.change(doc(i));
      await vi.advanceTimersByTimeAsync(50);
    }
    expect([server.saves, saver.unsaved]).toEqual([[], true]);
    await vi.advanceTimersByTimeAsync(100);
    expect([server.saves, saver.unsaved, saver.revision]).toEqual([[doc(4)], false, 1]);
    expect(seen.filter((kind, i) => kind !== seen[i - 1])).toEqual(["unsaved", "saving", "saved"]);
  });

  it("saves what changed while it saved, after that", async () => {
    const server = new Server();
    const { saver } = await open(server);
    const save = server.save.bind(server);
    vi.spyOn(server, "save").mockImplementationOnce(async (...given) => {
      saver.change(doc(2));
      return save(...given);
    });
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(100);
    expect([server.saves, server.draft?.revision]).toEqual([[doc(1), doc(2)], 2]);
  });

  it("saves nothing that was changed back", async () => {
    const server = new Server();
    const { saver } = await open(server);
    saver.change(doc(1));
    saver.change(server.live);
    await vi.advanceTimersByTimeAsync(1000);
    expect([server.saves, saver.state().kind]).toEqual([[], "saved"]);
  });

  it("tries again with the next change what was refused", async () => {
    const server = new Server();
    const { saver } = await open(server);
    server.faults = [new Error("Too large.")];
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(100);
    expect(saver.state()).toEqual({ kind: "refused", why: "Too large." });
    saver.change(doc(2));
    await vi.advanceTimersByTimeAsync(100);
    expect(server.draft?.text).toBe(doc(2));
  });
});

describe("a lost connection", () => {
  it("loses no edit", async () => {
    const server = new Server();
    const { saver } = await open(server);
    server.up = false;
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([saver.state().kind, saver.unsaved]).toEqual(["offline", true]);
    saver.change(doc(2));
    server.comeBack();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([server.draft?.text, saver.state().kind, saver.unsaved]).toEqual([doc(2), "saved", false]);
  });

  it("after the server has saved is no conflict with oneself", async () => {
    const server = new Server();
    const { saver, seen } = await open(server);
    server.faults = ["lost"];
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(100);
    saver.change(doc(2)); // while nobody knows whether 1 arrived
    await vi.advanceTimersByTimeAsync(10_000);
    expect([server.draft, saver.revision]).toEqual([{ text: doc(2), revision: 2 }, 2]);
    expect(server.saves).toEqual([doc(1), doc(1), doc(2)]);
    expect(seen).not.toContain("conflict");
  });

  it("does not ask a server that is away again and again at once", async () => {
    const server = new Server();
    const { saver } = await open(server);
    const save = vi.spyOn(server, "save");
    server.faults = Array.from({ length: 50 }, () => "unreached" as const); // and back() says that it is there
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(save.mock.calls.length).toBeLessThan(8);
    saver.end();
  });
});

describe("somebody else", () => {
  const conflict = async () => {
    const server = new Server();
    server.put(doc(0));
    const { saver } = await open(server);
    server.put(doc(7));
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(100);
    return { server, saver };
  };

  it("is not written over without being asked", async () => {
    const { server, saver } = await conflict();
    expect([saver.state(), server.draft?.text]).toEqual([{ kind: "conflict", theirs: await server.load() }, doc(7)]);
    saver.change(doc(2));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([saver.state().kind, server.draft?.text, saver.unsaved]).toEqual(["conflict", doc(7), true]);
  });

  it("is written over if that is what the person wants", async () => {
    const { server, saver } = await conflict();
    saver.change(doc(2));
    await saver.overwrite();
    expect([server.draft?.text, saver.state().kind]).toEqual([doc(2), "saved"]);
  });

  it("may be given way to, and what comes then is saved over it", async () => {
    const { server, saver } = await conflict();
    expect(saver.giveWay()?.text).toBe(doc(7));
    saver.change(doc(7));
    expect([saver.state().kind, saver.unsaved]).toEqual(["saved", false]);
    saver.change(doc(1)); // undo
    await vi.advanceTimersByTimeAsync(100);
    expect(server.draft?.text).toBe(doc(1));
  });

  it("who saved again meanwhile is asked about again", async () => {
    const { server, saver } = await conflict();
    server.put(doc(8));
    await saver.overwrite();
    expect([saver.state().kind, server.draft?.text]).toEqual(["conflict", doc(8)]);
  });

  it("who saved the very same is no conflict", async () => {
    const server = new Server();
    const { saver } = await open(server);
    server.put('{ "n": 1, "steps": [] }');
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(100);
    expect([saver.state().kind, saver.unsaved]).toEqual(["saved", false]);
  });

  it("is not oneself who has published", async () => {
    const server = new Server();
    const { saver } = await open(server);
    saver.change(doc(1));
    await vi.advanceTimersByTimeAsync(100);
    server.live = doc(1);
    server.draft = undefined;
    saver.change(doc(2));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([saver.state().kind, server.draft]).toEqual(["saved", { text: doc(2), revision: 2 }]);
  });

  it("who has published something else is asked about", async () => {
    const { server, saver } = await conflict();
    server.live = doc(9);
    server.draft = undefined;
    await saver.overwrite();
    expect(saver.state()).toMatchObject({ kind: "conflict", theirs: { text: doc(9), draft: undefined } });
    await saver.overwrite();
    expect(server.draft).toMatchObject({ text: doc(1) });
  });
});

describe("a publication from here", () => {
  it("leaves no draft, and the next change begins one", async () => {
    const server = new Server();
    server.put(doc(1));
    const { saver } = await open(server);
    server.draft = undefined;
    saver.published(1);
    expect(saver.revision).toBeUndefined();
    expect(saver.state()).toEqual({ kind: "saved", at: undefined });
    saver.change(doc(2));
    await vi.runAllTimersAsync();
    expect(saver.state().kind).toBe("saved");
    expect(server.draft).toEqual({ text: doc(2), revision: 2 });
  });

  it("of another draft changes nothing here", async () => {
    const server = new Server();
    server.put(doc(1));
    const { saver } = await open(server);
    saver.published(2);
    expect(saver.revision).toBe(1);
  });
});

describe("saving at once", () => {
  it("waits for what is being saved already, and for what came after it", async () => {
    const server = new Server();
    const { saver } = await open(server);
    saver.change(doc(1));
    const first = saver.flush(); // is on its way
    saver.change(doc(2));
    await saver.flush();
    expect(saver.unsaved).toBe(false);
    expect(server.saves).toEqual([doc(1), doc(2)]);
    await first;
  });
});
