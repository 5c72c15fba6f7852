import { describe, expect, it } from "vitest";
import { copy, duplicate, pasteComponents, pasteSteps, readClip } from "../clip";
import { componentsOf, type Flow, idOf, key, writeFlow } from "../flow";
import { at, componentAt, flowOf, keysOf, starter, stepAt } from "../kit";
import { linksOf, noEnd, readNext } from "../links";
import { look } from "../look";
import { connect, disconnect, runs, setMeta } from "./actions";
import { addComponents, moveComponents, newComponent, nudge, setConfig, setMember } from "./components";
import type { Edit } from "./edit";
import { rename } from "./rename";
import { addEnd, addStep, moveSteps, newStep, remove, startWith } from "./steps";

const ids = (flow: Flow, holder: string) =>
  componentsOf(look(flow).steps.get(at(flow, holder))?.step ?? componentAt(flow, holder)).map(idOf);
const json = (flow: Flow, id: string) => JSON.parse(writeFlow(flow)).steps.find((step: { id: string }) => step.id === id);
const button = (flow: Flow, id: string) => componentAt(flow, id).action;

describe("steps", () => {
  it("are added before the end, under ids that are free", () => {
    const flow = starter("basic-google");
    const step = newStep({
      id: "google",
      type: "VIEW",
      data: { components: [{ id: "details_form", type: "FORM", components: [{ type: "BUTTON" }] }] },
    });
    const edit = addStep(step, { x: 10.4, y: 20.6 });
    const after = edit.apply(flow);
    expect(after.steps.map(idOf)).toEqual(["details", "google", "google_2", "END"]);
    expect(json(after, "google_2")).toMatchObject({
      position: { x: 10, y: 21 },
      data: { components: [{ id: "details_form_2", components: [{ id: "google_2_button" }] }] },
    });
    expect(edit.select).toEqual([stepAt(after, "google_2")[key]]);
  });

  it("end a flow once", () => {
    const flow = flowOf([{ id: "a", type: "VIEW" }]);
    const after = addEnd({ x: 0, y: 0 }).apply(flow);
    expect(after.steps.map(idOf)).toEqual(["a", "END"]);
    expect(addEnd({ x: 0, y: 0 }).apply(after)).toBe(after);
  });

  it("keep what is unknown of their position", () => {
    const flow = flowOf([{ id: "a", type: "VIEW", position: { x: 1, y: 2, z: 3 } }]);
    expect(json(moveSteps(new Map([[at(flow, "a"), { x: 5, y: 6 }]])).apply(flow), "a").position).toEqual({ x: 5, y: 6, z: 3 });
    expect(moveSteps(new Map([[at(flow, "a"), { x: 1, y: 2 }]])).apply(flow)).toBe(flow);
  });

  it("leave no link behind that leads nowhere", () => {
    const flow = starter("recovery-sms-or-email");
    const after = remove([at(flow, "sms")]).apply(flow);
    expect(button(after, "channel_sms")).toEqual({ type: "NEXT" });
    expect(button(after, "channel_email")).toEqual({ type: "NEXT", next: "email" });
  });

  it("leave links to the end, and to another step of the same id", () => {
    const flow = starter("basic-google");
    expect(button(remove([at(flow, "END")]).apply(flow), "details_submit")?.next).toBe("END");
    const twice = flowOf([
      { id: "a", type: "EXECUTION", data: { action: { next: "b" } } },
      { id: "b", type: "VIEW" },
      { id: "b", type: "VIEW" },
    ]);
    const last = twice.steps[2]?.[key] ?? "";
    expect(remove([last]).apply(twice).steps[0]?.data?.action?.next).toBe("b");
  });

  it("can be made the first", () => {
    const flow = starter("basic-google");
    expect(startWith(at(flow, "google")).apply(flow).steps.map(idOf)).toEqual(["google", "details", "END"]);
  });
});

describe("components", () => {
  const flow = starter("basic-google");

  it("are added where they are put", () => {
    const field = newComponent({ type: "INPUT", variant: "EMAIL", config: { identifier: "http://wso2.org/claims/emailaddress" } });
    const after = addComponents([field], { holder: at(flow, "details_form"), at: 1 }).apply(flow);
    expect(ids(after, "details_form")).toEqual(["details_username", "details_emailaddress", "details_password", "details_submit"]);
  });

  it("move within a page, into forms and to other pages", () => {
    const down = moveComponents([at(flow, "details_username")], { holder: at(flow, "details_form"), at: 2 }).apply(flow);
    expect(ids(down, "details_form")).toEqual(["details_password", "details_username", "details_submit"]);
    const up = moveComponents([at(flow, "details_submit"), at(flow, "details_google")], { holder: at(flow, "details"), at: 0 }).apply(flow);
    expect(ids(up, "details")).toEqual(["details_submit", "details_google", "details_heading", "details_form"]);
    const away = moveComponents([at(flow, "details_google")], { holder: at(flow, "END"), at: 1 }).apply(flow);
    expect([ids(away, "details"), ids(away, "END")]).toEqual([
      ["details_heading", "details_form"],
      ["done_heading", "details_google", "done_text"],
    ]);
  });

  it("do not move into themselves, nor to where they are", () => {
    expect(moveComponents([at(flow, "details_form")], { holder: at(flow, "details_form"), at: 0 }).apply(flow)).toBe(flow);
    for (const spot of [0, 1]) {
      expect(moveComponents([at(flow, "details_username")], { holder: at(flow, "details_form"), at: spot }).apply(flow)).toBe(flow);
    }
  });

  it("are nudged up and down, to the ends and no further", () => {
    const middle = at(flow, "details_password");
    expect(ids(nudge(flow, middle, -1)?.apply(flow) ?? flow, "details_form")[0]).toBe("details_password");
    expect(ids(nudge(flow, middle, 1)?.apply(flow) ?? flow, "details_form")[2]).toBe("details_password");
    expect(nudge(flow, at(flow, "details_username"), -1)).toBeUndefined();
    expect(nudge(flow, at(flow, "details_submit"), 1)).toBeUndefined();
  });

  it("go with what they are in", () => {
    const after = remove([at(flow, "details_form"), at(flow, "details_username")]).apply(flow);
    expect(ids(after, "details")).toEqual(["details_heading", "details_google"]);
  });

  it("have properties set and taken away", () => {
    const of = at(flow, "details_username");
    const set = setConfig(of, "placeholder", "you").apply(flow);
    expect(componentAt(set, "details_username").config?.placeholder).toBe("you");
    expect(writeFlow(setConfig(of, "placeholder", undefined).apply(set))).toBe(writeFlow(flow));
    expect(setConfig(of, "label", "User name").apply(flow)).toBe(flow);
    expect(componentAt(setMember(of, "variant", "EMAIL").apply(flow), "details_username").variant).toBe("EMAIL");
  });

  it("leave every other step the same object", () => {
    const after = setConfig(at(flow, "details_username"), "label", "Name").apply(flow);
    expect(after.steps[0]).not.toBe(flow.steps[0]);
    expect(after.steps.slice(1)).toEqual(flow.steps.slice(1));
    expect(after.steps[1]).toBe(flow.steps[1]);
    expect(componentsOf(stepAt(after, "details"))[0]).toBe(componentsOf(stepAt(flow, "details"))[0]);
  });
});

describe("actions", () => {
  const flow = starter("basic-google");

  it("connect and disconnect, and keep the rest of the action", () => {
    const submit = at(flow, "details_submit");
    const after = connect(submit, at(flow, "google")).apply(flow);
    expect(button(after, "details_submit")).toEqual({
      type: "EXECUTOR",
      executor: { name: "PasswordProvisioningExecutor" },
      next: "google",
    });
    expect(button(disconnect([submit]).apply(after), "details_submit")).toEqual({
      type: "EXECUTOR",
      executor: { name: "PasswordProvisioningExecutor" },
    });
  });

  it("give a button without an action one, and a step without an id one", () => {
    const bare = flowOf([{ id: "a", type: "VIEW", data: { components: [{ id: "b", type: "BUTTON" }] } }, { type: "VIEW" }]);
    const second = keysOf(bare)[1] ?? "";
    const after = connect(at(bare, "b"), second).apply(bare);
    expect([button(after, "b"), after.steps[1]?.id]).toEqual([{ type: "NEXT", next: "step" }, "step"]);
    expect(readNext(button(connect(at(bare, "b"), noEnd).apply(bare), "b"))).toBe("END");
  });

  it("run another executor without the properties of the one before", () => {
    const of = at(flow, "google");
    const set = setMeta(of, "idpName", "g1").apply(flow);
    expect(json(set, "google").data.action.executor).toEqual({ name: "GoogleExecutor", meta: { idpName: "g1" } });
    expect(writeFlow(setMeta(of, "idpName", undefined).apply(set))).toBe(writeFlow(flow));
    expect(json(runs(of, "Other").apply(set), "google").data.action).toEqual({
      type: "EXECUTOR",
      executor: { name: "Other" },
      next: "END",
    });
    expect(runs(of, "GoogleExecutor").apply(set)).toBe(set);
    expect(button(runs(at(flow, "details_submit"), undefined).apply(flow), "details_submit")).toEqual({ type: "NEXT", next: "END" });
  });
});

describe("renaming", () => {
  it("takes along what leads there", () => {
    const flow = starter("basic-google");
    const after = rename(at(flow, "google"), "provider").apply(flow);
    expect(button(after, "details_google")?.next).toBe("provider");
    expect(linksOf(after)).toEqual(linksOf(flow));
  });

  it("to nothing leaves what led there as it was", () => {
    const flow = starter("basic-google");
    expect(button(rename(at(flow, "google"), "").apply(flow), "details_google")?.next).toBe("google");
  });

  it("of the second of two leaves the links with the first", () => {
    const flow = flowOf([
      { id: "a", type: "EXECUTION", data: { action: { next: "b" } } },
      { id: "b", type: "VIEW" },
      { id: "b", type: "VIEW" },
    ]);
    const [, first = "", second = ""] = keysOf(flow);
    expect(rename(second, "c").apply(flow).steps[0]?.data?.action?.next).toBe("b");
    expect(rename(first, "c").apply(flow).steps[0]?.data?.action?.next).toBe("c");
  });
});

describe("the clipboard", () => {
  const flow = starter("recovery-sms-or-email");
  const paste = (on: Flow, text: string | undefined) => {
    const clip = readClip(text ?? "");
    if (!clip) throw new Error("no clip");
    return pasteSteps(clip, { x: 40, y: 40 }).apply(on);
  };

  it("keeps links among what is copied, and those to what is there", () => {
    const after = paste(flow, copy(flow, [at(flow, "channel"), at(flow, "sms")]));
    expect(after.steps.map(idOf)).toEqual(["account", "channel", "sms", "email", "password", "channel_2", "sms_2", "END"]);
    const copied = new Set([at(after, "channel_2"), at(after, "sms_2")]);
    const targets = linksOf(after).flatMap((link) =>
      copied.has(link.source) ? [idOf(look(after).steps.get(link.target)?.step ?? { [key]: "" })] : [],
    );
    expect(targets).toEqual(["sms_2", "email", "password"]);
    expect(json(after, "sms_2").position).toEqual({ x: 940, y: 140 });
  });

  it("drops links to what is not there", () => {
    const after = paste(flowOf([]), copy(flow, [at(flow, "channel"), at(flow, "sms")]));
    expect([button(after, "channel_sms")?.next, button(after, "channel_email")?.next]).toEqual(["sms", undefined]);
  });

  it("pastes components with what they hold", () => {
    const text = copy(flow, [at(flow, "sms_form"), at(flow, "sms_code")]);
    const clip = readClip(text ?? "");
    if (!clip) throw new Error("no clip");
    const after = pasteComponents(clip, { holder: at(flow, "END"), at: 0 }).apply(flow);
    expect(ids(after, "END")).toEqual(["sms_form_2", "done_heading", "done_text"]);
    expect(ids(after, "sms_form_2")).toEqual(["sms_code_2", "sms_submit_2", "sms_resend_2"]);
  });

  it("duplicates beside", () => {
    const after = duplicate(flow, [at(flow, "sms_code")])?.apply(flow) ?? flow;
    expect(ids(after, "sms_form")).toEqual(["sms_code", "sms_code_2", "sms_submit", "sms_resend"]);
    expect(duplicate(flow, [at(flow, "END")])).toBeUndefined();
  });

  it.each([
    "",
    "hello",
    "{}",
    '{"usher":1}',
    '{"usher":"flow-clip","steps":[{"id":5}]}',
    '{"steps":"x"}',
    "[1]",
    `{${" ".repeat(2 << 20)}`,
  ])("takes no other text for a clip", (text) => {
    expect(readClip(text)).toBeUndefined();
  });

  it("takes a whole flow", () => {
    expect(readClip(writeFlow(flow))?.steps).toHaveLength(5);
  });
});

it("no edit changes anything in place", () => {
  const flow = starter("recovery-email-code");
  const before = writeFlow(flow);
  const frozen = freeze(flow);
  const some = at(frozen, "END");
  const edits: Edit[] = [
    remove([some]),
    rename(some, "x"),
    addEnd({ x: 1, y: 1 }),
    startWith(some),
    disconnect(keysOf(frozen)),
    setConfig(some, "a", 1),
  ];
  for (const edit of edits) edit.apply(frozen);
  expect(writeFlow(flow)).toBe(before);
});

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
