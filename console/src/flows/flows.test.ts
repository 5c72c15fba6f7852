import { expect, test } from "vitest";
import type { Change } from "../api/types";
import { describe, groups } from "./describe";
import { fromFile, NotAFlow, toFile } from "./file";
import { spaced } from "./preview";

const definition = {
  steps: [
    {
      data: { components: [{ config: { label: "Email", zeta: 1, alpha: 2 }, type: "INPUT", id: "mail" }] },
      position: { y: 2, x: 1 },
      id: "ask",
      type: "VIEW",
    },
    { id: "END", type: "END" },
  ],
  own: { kept: [1, null] },
  flowType: "REGISTRATION",
};

test("a file holds the canvas apart, in a settled order, and comes back as it was", () => {
  const file = toFile(JSON.stringify(definition));
  expect(JSON.parse(file)).toEqual({
    ...definition,
    steps: [{ id: "ask", type: "VIEW", data: definition.steps[0]?.data }, definition.steps[1]],
    layout: { ask: { position: { x: 1, y: 2 } } },
  });
  expect(file.indexOf('"flowType"')).toBeLessThan(file.indexOf('"steps"'));
  expect(file.indexOf('"label"')).toBeLessThan(file.indexOf('"alpha"'));
  expect(file.endsWith("}\n")).toBe(true);
  expect(JSON.parse(fromFile(file, "REGISTRATION"))).toEqual(definition);
  expect(toFile(fromFile(file, "REGISTRATION"))).toBe(file);
});

test("moving a step about changes the file's layout alone", () => {
  const moved = structuredClone(definition);
  moved.steps[0] = { ...moved.steps[0], position: { x: 9, y: 9 } } as never;
  const [before, after] = [definition, moved].map((one) => toFile(JSON.stringify(one)).split('"layout"')[0]);
  expect(after).toBe(before);
});

test.each([
  ["{", "no JSON"],
  ["[]", "no list of steps"],
  ['{"steps": []}', "which flow"],
  ['{"flowType": "PASSWORD_RECOVERY", "steps": []}', "another kind"],
])("the file %s is refused", (file, why) => {
  expect(() => fromFile(file, "REGISTRATION")).toThrow(NotAFlow);
  expect(() => fromFile(file, "REGISTRATION")).toThrow(why);
});

test("a layout that is none of ours changes nothing", () => {
  const file = '{"flowType":"REGISTRATION","steps":[{"id":"toString","type":"VIEW"}],"layout":{"x":1}}';
  expect(JSON.parse(fromFile(file, "REGISTRATION"))).toEqual({ flowType: "REGISTRATION", steps: [{ id: "toString", type: "VIEW" }] });
});

const at = { stepId: "ask", componentId: "mail" };

test.each<[Change, ReturnType<typeof describe>]>([
  [{ kind: "added", thing: "step", path: "/steps/ask", stepId: "ask", new: { id: "ask" } }, { text: "The step “ask” was added" }],
  [
    {
      kind: "removed",
      thing: "component",
      path: "/steps/ask/data/components/mail",
      ...at,
      old: { type: "INPUT", config: { label: "Email" } },
    },
    { text: "The input “Email” was removed" },
  ],
  [
    { kind: "changed", thing: "property", path: "/steps/ask/data/components/mail/config/label", ...at, old: "Email", new: "E-mail" },
    { text: "The label of “mail” changed", old: "Email", new: "E-mail" },
  ],
  [
    {
      kind: "changed",
      thing: "action",
      path: "/steps/ask/data/components/mail/action/executor/meta/notifyUserExistence",
      ...at,
      old: false,
      new: true,
    },
    { text: "Notify user existence of “mail” changed", old: "false", new: "true" },
  ],
  [
    { kind: "added", thing: "property", path: "/own", new: "" },
    { text: "Own of the flow was added", old: undefined, new: "(empty)" },
  ],
  [
    { kind: "moved", thing: "component", path: "/steps/ask/data/components/mail", ...at, old: "/a", new: "/b" },
    { text: "The “mail” was moved to another place" },
  ],
  [{ kind: "reordered", thing: "step", path: "/steps", old: ["a"], new: ["b"] }, { text: "The steps are in another order" }],
])("$0.kind $0.thing $0.path", (change, want) => {
  expect(describe(change)).toEqual(want);
});

test("what has a key in its place is called by its words", () => {
  const old = { type: "BUTTON", config: { text: "{{sign.up}}" } };
  const change: Change = { kind: "removed", thing: "component", path: "/steps/ask/data/components/mail", ...at, old };
  expect(describe(change, undefined, { "sign.up": "Join us" }).text).toBe("The button “Join us” was removed");
});

test("what is run is called as on the canvas", () => {
  const path = "/steps/ask/data/action/executor/name";
  const change: Change = { kind: "changed", thing: "action", path, stepId: "ask", old: "EmailOTPExecutor", new: "FIDO2Executor" };
  const { old, new: now } = describe(change, new Map([["EmailOTPExecutor", "E-mail code"]]));
  expect([old, now]).toEqual(["E-mail code", "FIDO2"]);
});

test("changes are grouped by the step they are in", () => {
  const change = (stepId: string | undefined, path: string) =>
    ({ kind: "changed", thing: "property", path, ...(stepId && { stepId }) }) as Change;
  const [a, b, c] = [change(undefined, "/own"), change("x", "/steps/x/type"), change("x", "/steps/x/data")];
  expect(groups([a, b, c])).toEqual([
    ["", [a]],
    ["x", [b, c]],
  ]);
});

test.each([
  ["EmailOTPExecutor", "Email OTP"],
  ["FIDO2Executor", "FIDO2"],
  ["UserProvisioningExecutor", "User Provisioning"],
])("%s in words", (name, text) => {
  expect(spaced(name)).toBe(text);
});
