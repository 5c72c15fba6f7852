import { describe, expect, it } from "vitest";
import { configFlag, configText, NotAFlow, readFlow, type Step, writeFlow } from "./flow";
import { at, componentAt, flowOf, starter, starters } from "./kit";
import { firstOf, linksOf, noEnd, outletsOf } from "./links";
import { noMeta } from "./meta";
import { stepKind, wordsOfComponent, wordsOfStep } from "./words";

describe("a document", () => {
  it.each(starters)("$name comes back as it was", ({ text }) => {
    expect(writeFlow(readFlow(text))).toBe(text);
    expect(writeFlow(readFlow(text), 2)).toBe(JSON.stringify(JSON.parse(text), null, 2));
  });

  it("keeps what nobody here knows", () => {
    const text =
      '{"steps":[{"id":"a","x":{"y":[1.50,null]},"type":"VIEW","data":{"later":1e2,"components":[{"id":"b","version":"0.1.0","deprecated":false,' +
      '"config":{"n":10000000000000000000001,"f":{}},"type":"FORM","components":[]}],"action":null},"size":{"width":350.0}}],"new":true,"flowType":"REGISTRATION"}';
    expect(writeFlow(readFlow(text))).toBe(text);
  });

  it.each([
    ["[]", "no JSON object"],
    ["{", "no JSON"],
    ['{"steps":{}}', "no list of steps"],
    ['{"steps":[1]}', "steps[0] is no object"],
    ['{"steps":[{"id":1}]}', "steps[0].id"],
    ['{"steps":[{"data":[]}]}', "steps[0].data"],
    ['{"steps":[{"data":{"components":{}}}]}', "steps[0].data.components"],
    ['{"steps":[{"data":{"components":[{"config":"x"}]}}]}', "components[0].config"],
    ['{"steps":[{"data":{"components":[{"components":[{"action":{"next":1}}]}]}}]}', "components[0].components[0].action.next"],
    ['{"steps":[{"data":{"action":{"executor":{"meta":3}}}}]}', "action.executor.meta"],
  ])("refuses %s and says where", (text, place) => {
    expect(() => readFlow(text)).toThrow(NotAFlow);
    expect(() => readFlow(text)).toThrow(place);
  });

  it("takes null for nothing, as the server does", () => {
    expect(() => readFlow('{"steps":[{"id":null,"data":null},{"data":{"components":null,"action":{"executor":null}}}]}')).not.toThrow();
  });

  it("refuses components that nest too deep", () => {
    const deep = (n: number): string => (n === 0 ? "{}" : `{"components":[${deep(n - 1)}]}`);
    expect(() => readFlow(`{"steps":[{"data":{"components":[${deep(15)}]}}]}`)).not.toThrow();
    expect(() => readFlow(`{"steps":[{"data":{"components":[${deep(16)}]}}]}`)).toThrow("deeper");
  });
});

describe("links", () => {
  it("begin at buttons and tasks", () => {
    const flow = starter("basic-google");
    expect(linksOf(flow).map(({ label, target }) => [label, target])).toEqual([
      ["Continue with Google", at(flow, "google")],
      ["Sign up", at(flow, "END")],
      ["then", at(flow, "END")],
    ]);
  });

  it("reads every word for the end, whether there is a step for it or not", () => {
    const to = (next: string) => flowOf([{ id: "a", type: "EXECUTION", data: { action: { type: "EXECUTOR", next } } }]);
    for (const next of ["END", "End", "COMPLETE"]) expect(linksOf(to(next)).map((link) => link.target)).toEqual([noEnd]);
    expect(linksOf(to("elsewhere"))).toEqual([]);
  });

  it("knows buttons without an action, and that pages of tasks have none", () => {
    const flow = flowOf([
      { id: "a", type: "VIEW", data: { components: [{ id: "b", type: "button", config: { text: "Go" } }] } },
      { id: "t", type: "WEBAUTHN", data: { components: [{ id: "c", type: "BUTTON" }], action: { type: "EXECUTOR", next: "END" } } },
    ]);
    expect(flow.steps.map((step) => outletsOf(step).map((outlet) => outlet.label))).toEqual([["Go"], ["then"]]);
  });

  it("finds where the flow begins", () => {
    expect(firstOf(starter("recovery-sms-or-email"))?.id).toBe("account");
    const action = (next: string) => ({ action: { type: "EXECUTOR", next } });
    const loop = flowOf([
      { id: "a", type: "EXECUTION", data: action("b") },
      { id: "b", type: "EXECUTION", data: action("a") },
    ]);
    expect(firstOf(loop)?.id).toBe("a");
  });
});

describe("words", () => {
  it("calls steps by their heading, else by what they run", () => {
    expect(starter("basic-google").steps.map((step) => `${stepKind(step)}: ${wordsOfStep(step)}`)).toEqual([
      "Page: Create your account",
      "Task: Google",
      "End: Welcome aboard",
    ]);
  });

  it("calls components by what they say, without markup", () => {
    expect(wordsOfComponent(componentAt(starter("basic-google"), "details_username"))).toBe("User name");
    const rich = flowOf([
      { id: "a", type: "VIEW", data: { components: [{ id: "r", type: "RICH_TEXT", config: { text: "<p>Read&nbsp;<b>this</b></p>" } }] } },
    ]);
    expect(wordsOfComponent(componentAt(rich, "r"))).toBe("Read this");
  });

  it("calls both by what keys say", () => {
    const flow = flowOf([
      { id: "a", type: "VIEW", data: { components: [{ id: "t", type: "TYPOGRAPHY", variant: "H1", config: { text: "{{sign.up}}" } }] } },
    ]);
    const meta = { ...noMeta, texts: { "sign.up": "Join us" } };
    expect([wordsOfStep(flow.steps[0] as Step, meta), wordsOfComponent(componentAt(flow, "t"), meta)]).toEqual(["Join us", "Join us"]);
    expect(wordsOfStep(flow.steps[0] as Step)).toBe("{{sign.up}}");
  });

  it("reads a config as the server does", () => {
    const flow = flowOf([{ id: "a", type: "VIEW", data: { components: [{ id: "c", config: { n: 5, t: "TRUE", f: false } }] } }]);
    const component = componentAt(flow, "c");
    expect([configText(component, "n"), configText(component, "no"), configFlag(component, "t"), configFlag(component, "f")]).toEqual([
      "5",
      "",
      true,
      false,
    ]);
  });
});
