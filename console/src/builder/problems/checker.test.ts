import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Offline } from "../api";
import type { Problem } from "../model/problems/problem";
import { Checker } from "./checker";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that answers when it is told to. */
function setup() {
  const asked: { text: string; answer: (problems: Problem[]) => void; fail: (error: Error) => void; signal: AbortSignal }[] = [];
  let back: () => void = () => undefined;
  const api = {
    validate: (text: string, signal: AbortSignal) =>
      new Promise<Problem[]>((answer, fail) => {
        asked.push({ text, answer, fail, signal });
      }),
    back: () => new Promise<void>((resolve) => (back = resolve)),
  };
  return { asked, checker: new Checker(api, 100), comeBack: () => back() };
}
const problem = (message: string): Problem => ({ code: "X", message });

it("asks once, when nothing changes any more", async () => {
  const { asked, checker } = setup();
  for (const text of ["a", "b", "c"]) {
    checker.check(text);
    await vi.advanceTimersByTimeAsync(50);
  }
  expect([asked.length, checker.checked().state]).toEqual([0, "checking"]);
  await vi.advanceTimersByTimeAsync(100);
  asked[0]?.answer([problem("1")]);
  await vi.advanceTimersByTimeAsync(0);
  expect([asked.map((one) => one.text), checker.checked()]).toEqual([["c"], { problems: [problem("1")], state: "current" }]);
});

it("asks now and then while changes do not end, and says that the answer is not about the newest", async () => {
  const { asked, checker } = setup();
  for (let i = 0; i < 12; i++) {
    checker.check(`state ${i}`);
    await vi.advanceTimersByTimeAsync(50);
    asked.at(-1)?.answer([]);
  }
  expect(asked.map((one) => one.text)).toEqual(["state 7"]);
  await vi.advanceTimersByTimeAsync(0);
  expect(checker.checked().state).toBe("checking");
});

it("believes the last question's answer, in whatever order they come", async () => {
  const { asked, checker } = setup();
  checker.check("a");
  await vi.advanceTimersByTimeAsync(100);
  checker.check("b");
  await vi.advanceTimersByTimeAsync(100);
  asked[1]?.answer([problem("b")]);
  asked[0]?.answer([problem("a")]);
  await vi.advanceTimersByTimeAsync(0);
  expect([asked[0]?.signal.aborted, checker.checked().problems]).toEqual([true, [problem("b")]]);
});

it("keeps the last answer while the server is away, and asks again then", async () => {
  const { asked, checker, comeBack } = setup();
  checker.check("a", 0);
  await vi.advanceTimersByTimeAsync(0);
  asked[0]?.answer([problem("a")]);
  await vi.advanceTimersByTimeAsync(0);
  checker.check("b", 0);
  await vi.advanceTimersByTimeAsync(0);
  asked[1]?.fail(new Offline());
  await vi.advanceTimersByTimeAsync(60_000);
  expect([asked.length, checker.checked()]).toEqual([2, { problems: [problem("a")], state: "offline" }]);
  comeBack();
  await vi.advanceTimersByTimeAsync(1000);
  asked[2]?.answer([]);
  await vi.advanceTimersByTimeAsync(0);
  expect([asked[2]?.text, checker.checked()]).toEqual(["b", { problems: [], state: "current" }]);
});

it("says nothing any more once it has ended", async () => {
  const { asked, checker } = setup();
  checker.check("a", 0);
  await vi.advanceTimersByTimeAsync(0);
  checker.end();
  asked[0]?.answer([problem("a")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(checker.checked().problems).toEqual([]);
});
