import { describe, expect, it } from "vitest";
import { copy, duplicate, pasteComponents, pasteSteps, readClip } from "./clip";
import { connect, disconnect, runs, setMeta } from "./edit/actions";
import { moveComponents, nudge, setConfig, setMember } from "./edit/components";
import type { Edit } from "./edit/edit";
import { rename } from "./edit/rename";
import { addStep, moveSteps, newStep, remove, startWith } from "./edit/steps";
import { Editor } from "./editor";
import { type Flow, type Key, readFlow, writeFlow } from "./flow";
import { meta, starters } from "./kit";
import { tidy } from "./layout";
import { noEnd, outletsOf } from "./links";
import { look } from "./look";
import { addTo, componentFrom, partsOf, stepFrom } from "./parts";

/** random returns numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const parts = partsOf(
  meta,
  starters.slice(0, 3).map(({ name, text }) => ({ label: name, definition: JSON.parse(text) })),
);

/** someEdit is any edit, of anything there is. */
function someEdit(flow: Flow, next: () => number): Edit | undefined {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
  const components = [...look(flow).components.keys()];
  const steps = [...look(flow).steps.keys()];
  const any: Key[] = [...components, ...steps];
  const outlets = flow.steps.flatMap(outletsOf).map((outlet) => outlet.key);
  const one = pick(any) ?? noEnd;
  const part = pick(parts);
  const clip = readClip(copy(flow, [one, pick(any) ?? one]) ?? "");
  const spot = { holder: pick(any) ?? noEnd, at: Math.floor(next() * 5) };
  const edits: (() => Edit | undefined)[] = [
    () => (part?.kind === "step" ? addStep(stepFrom(part), { x: next() * 900, y: next() * 900 }) : undefined),
    () => (part?.kind === "component" ? addTo(flow, one, componentFrom(part), meta) : undefined),
    () => remove([one, ...(next() > 0.5 ? [pick(any) ?? one] : [])]),
    () => moveComponents([pick(components) ?? one, pick(components) ?? one], spot),
    () => nudge(flow, one, next() > 0.5 ? 1 : -1),
    () => connect(pick(outlets) ?? one, pick([...steps, noEnd]) ?? noEnd),
    () => disconnect([pick(outlets) ?? one]),
    () => runs(pick(outlets) ?? one, pick(["LighthouseExecutor", undefined])),
    () => setMeta(pick(outlets) ?? one, "tower", pick(["north", undefined])),
    () => setConfig(one, pick(["label", "text", "new"]) ?? "", pick(["x", true, 3, undefined])),
    () => setMember(one, "variant", pick(["H1", "TEXT", undefined])),
    () => rename(one, pick(["", "a", "END", "details"]) ?? ""),
    () => moveSteps(new Map([[pick(steps) ?? one, { x: next() * 99, y: next() * 99 }]])),
    () => tidy(flow),
    () => startWith(one),
    () => duplicate(flow, [one]),
    () => clip && (clip.steps.length > 0 ? pasteSteps(clip, { x: 9, y: 9 }) : pasteComponents(clip, spot)),
  ];
  return pick(edits)?.();
}

describe("any edits", () => {
  it.each(starters.flatMap((starter) => [1, 2, 3].map((seed) => ({ ...starter, seed }))))(
    "of $name are undone and done again ($seed)",
    ({ text, seed }) => {
      const next = random(seed * 7919 + text.length);
      const editor = new Editor(readFlow(text), () => 0);
      const states = [text];
      for (let i = 0; i < 120; i++) {
        const depth = depthOf(editor);
        if (editor.do(someEdit(editor.flow, next)) && depthOf(editor) > depth) states.push(editor.text());
        else states[states.length - 1] = editor.text(); // joined the one before, or changed nothing
        expect(() => readFlow(editor.text())).not.toThrow();
      }
      const last = states.at(-1);
      expect(states.length).toBeGreaterThan(10);
      for (const state of states.slice(0, -1).reverse()) {
        editor.undo();
        expect(editor.text()).toBe(state);
      }
      expect(editor.undoable).toBeUndefined();
      expect(editor.text()).toBe(text);
      while (editor.redoable !== undefined) editor.redo();
      expect(editor.text()).toBe(last);
    },
  );

  it("leave the tree of each state whole: every key once, every id that was made free", () => {
    const next = random(4711);
    const editor = new Editor(readFlow(starters[0]?.text ?? ""), () => 0);
    for (let i = 0; i < 300; i++) {
      editor.do(someEdit(editor.flow, next));
      const index = look(editor.flow);
      const count = (list: readonly unknown[]): number => list.length;
      expect(count([...index.steps.keys(), ...index.components.keys()])).toBe(count([...index.ids.values()].flat()));
    }
  });
});

/** depthOf counts how often the editor can undo, without changing anything. */
function depthOf(editor: Editor): number {
  return (editor as unknown as { history: { past: unknown[] } }).history.past.length;
}

describe("typing", () => {
  const setup = () => {
    let now = 0;
    const editor = new Editor(readFlow(starters[0]?.text ?? ""), () => now);
    const [of = ""] = look(editor.flow).components.keys();
    const type = (text: string, after = 100) => {
      now += after;
      editor.do(setConfig(of, "text", text));
    };
    return { editor, type, of };
  };

  it("is undone as a whole", () => {
    const { editor, type } = setup();
    const before = editor.text();
    for (const text of ["H", "He", "Hel"]) type(text);
    editor.undo();
    expect(editor.text()).toBe(before);
    expect(editor.undoable).toBeUndefined();
  });

  it("is undone in parts after a pause, another edit, or another selection", () => {
    const { editor, type, of } = setup();
    type("a");
    type("ab", 5000);
    editor.do(setConfig(of, "label", "x"));
    type("abc");
    editor.select([of]);
    type("abcd");
    let count = 0;
    for (; editor.undoable !== undefined; count++) editor.undo();
    expect(count).toBe(5);
  });
});

describe("an editor", () => {
  it("says what happened, and tells those who listen", () => {
    const editor = new Editor(readFlow(starters[0]?.text ?? ""));
    const heard: string[] = [];
    const end = editor.subscribe(() => heard.push(editor.announcement));
    editor.do(addStep(newStep({ id: "x", type: "VIEW" }), { x: 0, y: 0 }));
    editor.undo();
    editor.redo();
    editor.undo();
    end();
    editor.redo();
    expect(heard).toEqual(["Add step", "Undone: Add step", "Done again: Add step", "Undone: Add step"]);
  });

  it("selects nothing that is not there", () => {
    const editor = new Editor(readFlow(starters[0]?.text ?? ""));
    const step = newStep({ id: "x", type: "VIEW" });
    editor.do(addStep(step, { x: 0, y: 0 }));
    expect(editor.selection).toHaveLength(1);
    editor.undo();
    expect(editor.selection).toEqual([]);
    editor.select(["no such key"]);
    expect(editor.selection).toEqual([]);
  });

  it("does not tell of edits that change nothing", () => {
    const editor = new Editor(readFlow(starters[0]?.text ?? ""));
    let calls = 0;
    editor.subscribe(() => calls++);
    expect(editor.do(rename("nothing", "x"))).toBe(false);
    expect(editor.do(undefined)).toBe(false);
    editor.undo();
    editor.select([]);
    expect(calls).toBe(0);
  });

  it("writes what it has read", () => {
    for (const { text } of starters) expect(writeFlow(new Editor(readFlow(text)).flow)).toBe(text);
  });
});
