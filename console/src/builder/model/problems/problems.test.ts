import { describe, expect, it } from "vitest";
import type { Flow } from "../flow";
import { componentsOf, idOf, key } from "../flow";
import type { Json } from "../json";
import { at, componentAt, flowOf, meta, starter } from "../kit";
import { fixesOf } from "./fixes";
import { type Problem, placeOf } from "./problem";
import { explain } from "./words";

const button = (id: string, action?: Json, text = "Go") => ({
  id,
  type: "BUTTON",
  config: { text },
  ...(action !== undefined && { action }),
});
const view = (id: string, ...components: Json[]) => ({ id, type: "VIEW", data: { components } });
const next = (to: string) => ({ type: "NEXT", next: to });
const task = (id: string, executor: Json, to = "END") => ({
  id,
  type: "EXECUTION",
  data: { action: { type: "EXECUTOR", executor, next: to } },
});

/** fixed is the flow after the first fix, and what its button says. */
function fixed(flow: Flow, problem: Problem, which = 0): { label: string; flow: Flow } {
  const fix = fixesOf(flow, problem, meta)[which];
  if (!fix) throw new Error("there is no fix");
  return { label: fix.label, flow: fix.edit.apply(flow) };
}
const labels = (flow: Flow, problem: Problem) => fixesOf(flow, problem, meta).map((fix) => fix.label);

describe("an unknown next", () => {
  const flow = flowOf([view("a", button("b", next("detials"))), view("details", button("c", next("END")))]);
  const problem = { code: "RFM-600009", message: 'next "detials" is no step of the flow', stepId: "a", componentId: "b" };

  it("is told by the button's words, and leads to the step that was meant", () => {
    expect(explain(flow, problem)).toBe("“Go” leads to “detials”, and there is no such step.");
    const { label, flow: after } = fixed(flow, problem);
    expect([label, componentAt(after, "b").action?.next]).toEqual(["Lead to “details”", "details"]);
    expect(componentAt(fixed(flow, problem, 1).flow, "b").action?.next).toBe("END");
  });
});

describe("ids", () => {
  it("that are missing are made", () => {
    const flow = flowOf([
      view("a", { type: "INPUT", variant: "TEXT", config: { identifier: "http://wso2.org/claims/username" } }, { type: "DIVIDER" }),
      view(""),
    ]);
    const problem = { code: "FM-10011", message: "a step or component has no id", stepId: "a" };
    expect(placeOf(flow, problem).key).toBe(componentsOf(flow.steps[0] ?? { [key]: "" })[0]?.[key]);
    expect(explain(flow, problem)).toBe("Something in “a” has no id.");
    expect(componentsOf(fixed(flow, problem).flow.steps[0] ?? { [key]: "" }).map(idOf)).toEqual(["a_username", "a_divider"]);
    const nameless = { code: "FM-10011", message: "a step or component has no id" };
    expect(fixed(flow, nameless).flow.steps.map(idOf)).toEqual(["a", "step"]);
  });

  it("that are there twice: the later one is the one to change, and links stay", () => {
    const flow = flowOf([view("a", button("x", next("b"))), view("b"), view("b", button("x", next("END")))]);
    const step = { code: "FM-10006", message: 'id "b" is used twice', stepId: "b" };
    expect(placeOf(flow, step).key).toBe(flow.steps[2]?.[key]);
    expect(fixed(flow, step).flow.steps.map(idOf)).toEqual(["a", "b", "b_2"]);
    const component = { code: "FM-10006", message: 'id "x" is used twice', stepId: "b", componentId: "x" };
    expect(explain(flow, component)).toBe("The id “x” is used more than once, here by “Go”.");
    expect(componentsOf(fixed(flow, component).flow.steps[2] ?? { [key]: "" }).map(idOf)).toEqual(["x_2"]);
  });

  it("of one input twice in a form are no matter of ids", () => {
    const input = (id: string) => ({ id, type: "INPUT", config: { identifier: "otp" } });
    const flow = flowOf([view("a", { id: "f", type: "FORM", components: [input("x"), input("y")] })]);
    const problem = { code: "FM-10006", message: 'the form asks for "otp" twice, also in "x"', stepId: "a", componentId: "y" };
    expect(explain(flow, problem)).toBe("“a” asks for “otp” twice in one form.");
    expect(labels(flow, problem)).toEqual([]);
  });
});

describe("a step", () => {
  it("without a way to the end gets one", () => {
    const flow = flowOf([
      view("a", { id: "f", type: "FORM", components: [button("b", next("c"))] }),
      task("c", { name: "AskNameExecutor" }, "a"),
    ]);
    const page = fixed(flow, { code: "RFM-60005", message: "no path leads from this step to END", stepId: "a" });
    const added = componentsOf(componentAt(page.flow, "f"))[1];
    expect([added?.variant, added?.action, idOf(added ?? { [key]: "" })]).toEqual(["SECONDARY", next("END"), "a_button"]);
    expect(fixed(flow, { code: "RFM-60005", message: "", stepId: "c" }).flow.steps[1]?.data?.action?.next).toBe("END");
  });

  it("that nobody gets to is led to by what leads nowhere, or deleted", () => {
    const flow = flowOf([view("a", button("b", { type: "NEXT" })), view("c", button("d", next("END")))]);
    const problem = { code: "RFM-60012", message: 'no path leads from the first step "a" to this one', stepId: "c" };
    expect(explain(flow, problem)).toBe("Nobody gets to “c”: nothing that comes before leads to it.");
    expect(labels(flow, problem)).toEqual(["Let “Go” lead there", "Delete the step"]);
    expect(componentAt(fixed(flow, problem).flow, "b").action?.next).toBe("c");
    expect(fixed(flow, problem, 1).flow.steps.map(idOf)).toEqual(["a"]);
  });

  it("whose buttons do nothing does not lack one", () => {
    const problem = { code: "RFM-60004", message: "the page has no button with an action", stepId: "a" };
    expect(explain(flowOf([view("a", button("b"))]), problem)).toBe("Nobody can go on from “a”: none of its buttons does anything.");
  });

  it("that has nothing at all gets a button", () => {
    const flow = flowOf([{ id: "a", type: "VIEW" }]);
    expect(
      componentsOf(fixed(flow, { code: "RFM-60002", message: "the step has no data", stepId: "a" }).flow.steps[0] ?? { [key]: "" }),
    ).toHaveLength(1);
  });

  it("without an id is found where nothing leads to it", () => {
    const flow = flowOf([view("a", button("b", next("END"))), view("")]);
    expect(placeOf(flow, { code: "RFM-60012", message: "no path" }).step).toBe(flow.steps[1]);
  });

  it("without a button gets one", () => {
    const flow = flowOf([view("a", { id: "t", type: "TYPOGRAPHY", variant: "H3", config: { text: "Hello" } })]);
    const problem = { code: "RFM-60004", message: "the page has no button", stepId: "a" };
    expect(explain(flow, problem)).toBe("Nobody can go on from “Hello”: it has no button.");
    expect(componentsOf(fixed(flow, problem).flow.steps[0] ?? { [key]: "" })[1]?.action).toEqual(next("END"));
  });
});

describe("a button", () => {
  const flow = flowOf([
    view("a", button("b"), button("e", { type: "EXECUTOR", executor: { name: "AskNameExecutor" } })),
    view("c", button("d", next("END"))),
  ]);

  it("without an action gets one, to where nothing leads yet", () => {
    const problem = { code: "RFM-60004", message: "the button has no action", stepId: "a", componentId: "b" };
    expect(labels(flow, problem)).toEqual(["Lead to “c”", "Lead to the end"]);
    expect(componentAt(fixed(flow, problem).flow, "b").action).toEqual(next("c"));
  });

  it("that leads nowhere keeps what it runs", () => {
    const problem = { code: "FM-10011", message: "the action's next cannot be empty", stepId: "a", componentId: "e" };
    expect(explain(flow, problem)).toBe("“Go” leads nowhere yet.");
    expect(componentAt(fixed(flow, problem, 1).flow, "e").action).toEqual({
      type: "EXECUTOR",
      executor: { name: "AskNameExecutor" },
      next: "END",
    });
  });
});

describe("properties", () => {
  const say = (message: string) => ({ code: "FM-10007", message: `LighthouseExecutor: ${message}`, stepId: "t" });
  const executor = (properties: Json) => ({ name: "LighthouseExecutor", meta: properties });
  const metaOf = (flow: Flow) => flow.steps[0]?.data?.action?.executor?.meta;

  it("that are missing are taken from the connections that there are", () => {
    const flow = flowOf([task("t", { name: "LighthouseExecutor" })]);
    const problem = say('property "tower": there are 2 connections of this kind');
    expect(explain(flow, problem)).toBe("The property “tower” of “Lighthouse” is not right: there are 2 connections of this kind.");
    expect(labels(flow, problem)).toEqual(["Use “north”", "Use “south”"]);
    expect(metaOf(fixed(flow, problem, 1).flow)).toEqual({ tower: "south" });
  });

  it("that the executor does not know or take are reset", () => {
    const flow = flowOf([task("t", executor({ tower: "north", mode: "x", turns: "many", lamp: 1, bright: "false" }))]);
    const { label, flow: after } = fixed(flow, say('property "mode": "x" is none of signup, signin; unknown property "lamp"'));
    expect([label, metaOf(after)]).toEqual(["Reset “mode”, “turns”, “lamp”", { tower: "north", bright: "false" }]);
  });
});

describe("what nobody can know here", () => {
  it("is said as the server says it", () => {
    const flow = starter("basic-google");
    const problem = { code: "FM-99999", message: "something is odd" };
    expect([explain(flow, problem), labels(flow, problem), placeOf(flow, problem).key]).toEqual(["Something is odd.", [], undefined]);
  });

  it("is never a fault here, whatever the server says", () => {
    const flow = starter("basic-google");
    const codes = ["RFM-600009", "RFM-60012", "RFM-60005", "RFM-60004", "RFM-60003", "RFM-60002", "RFM-60006", "RFM-60007", "RFM-60010", "RFM-60011", "FM-10011", "FM-10006", "FM-10004", "FM-10007", "FM-10013"]; // biome-ignore format: a list
    for (const code of codes) {
      for (const place of [
        {},
        { stepId: "no" },
        { stepId: "details" },
        { stepId: "details", componentId: "no" },
        { stepId: "google" },
        { stepId: "END" },
      ]) {
        const problem = { code, message: "m", ...place };
        expect(explain(flow, problem)).not.toBe("");
        for (const fix of fixesOf(flow, problem, meta)) expect(() => fix.edit.apply(flow)).not.toThrow();
      }
    }
  });

  it("has its place all the same", () => {
    const flow = starter("basic-google");
    expect(placeOf(flow, { code: "X", message: "", stepId: "details", componentId: "details_submit" }).key).toBe(
      at(flow, "details_submit"),
    );
    expect(placeOf(flow, { code: "X", message: "", stepId: "details", componentId: "gone" }).key).toBe(at(flow, "details"));
  });
});
