import { describe, expect, it } from "vitest";
import { compare } from "./compare";
import { setConfig } from "./edit/components";
import { rename } from "./edit/rename";
import { addStep, moveSteps, remove } from "./edit/steps";
import { componentsOf, type Flow, idOf, key, writeFlow } from "./flow";
import type { Json, Members } from "./json";
import { at, componentAt, flowOf, keysOf, meta, starter, starters } from "./kit";
import { linksOf } from "./links";
import { allows, type Meta } from "./meta";
import { addTo, componentFrom, executorsOf, type Part, partsOf, stepFrom } from "./parts";
import { find } from "./search";

const templates = starters.map(({ name, text }) => ({ label: name, definition: JSON.parse(text) }));
const parts = partsOf(meta, templates);
function part(label: string, from: Part[] = parts): Part {
  const found = from.find((one) => one.label === label);
  if (!found) throw new Error(`there is no part ${label}`);
  return found;
}

describe("the palette", () => {
  it("holds what the server declares, by groups", () => {
    expect([...new Set(parts.map((one) => one.group))]).toEqual([
      "Steps",
      "Executors",
      "Ready-made",
      "Fields",
      "Consent and protection",
      "Buttons",
      "Text and pictures",
    ]);
    expect(parts.filter((one) => one.group === "Executors").map((one) => one.label)).toEqual(["Carrier pigeon", "Lighthouse", "Ask name"]);
    expect(new Set(parts.map((one) => one.id)).size).toBe(parts.length);
  });

  it("makes of an executor the page that it reads from, else a task", () => {
    const pigeon = stepFrom(part("Carrier pigeon"));
    const [, form] = componentsOf(pigeon);
    expect([pigeon.type, executorsOf(pigeon), form && componentsOf(form).map((one) => one.variant)]).toEqual([
      "VIEW",
      ["CarrierPigeonExecutor"],
      ["OTP", "PRIMARY"],
    ]);
    expect(stepFrom(part("Lighthouse"))).toMatchObject({
      type: "EXECUTION",
      data: { action: { executor: { name: "LighthouseExecutor" } } },
    });
  });

  it("takes an executor's page from the smallest template that has one", () => {
    const known: Meta = { ...meta, executors: [{ name: "EmailOTPExecutor", summary: "", inputs: [], metaSchema: {} }] };
    const step = stepFrom(part("Email OTP", partsOf(known, templates)));
    expect(executorsOf(step)).toEqual(["EmailOTPExecutor"]);
    expect(linksOf(addStep(step, { x: 1, y: 1 }).apply(flowOf([])))).toEqual([]);
  });

  it("believes a server that declares components and widgets of its own", () => {
    const dial = { variant: "", label: "Dial", icon: "dial", config: { from: 1 }, configSchema: {} };
    const own = partsOf(
      {
        ...meta,
        components: [
          {
            category: "FIELD",
            type: "DIAL",
            group: "Odd",
            form: true,
            kinds: [
              { ...dial, listed: true },
              { ...dial, variant: "OLD", listed: false },
            ],
          },
        ],
        widgets: [{ label: "Gate", summary: "Opens.", icon: "gate", value: { id: "g", type: "VIEW", data: {} } }],
      },
      templates,
    );
    expect(own.map((one) => [one.group, one.label, one.kind, one.icon]).slice(5)).toEqual([
      ["Ready-made", "Gate", "step", "gate"],
      ["Odd", "Dial", "component", "dial"],
    ]);
    expect(own.at(-1)?.value).toEqual({ category: "FIELD", type: "DIAL", config: { from: 1 } });
  });

  it("takes an executor's page from a widget before a template", () => {
    const action = { type: "EXECUTOR", executor: { name: "EmailOTPExecutor" } };
    const page = (id: string, more: Json[]): Json => ({
      id,
      type: "VIEW",
      data: { components: [...more, { type: "BUTTON", config: { text: id }, action }] },
    });
    const widget = (id: string, more: Json[] = []) => ({ label: id, summary: "", icon: "", value: page(id, more) as Members });
    const known: Meta = {
      ...meta,
      executors: [{ name: "EmailOTPExecutor", label: "E-mail code", summary: "", inputs: [], metaSchema: {} }],
      widgets: [widget("long", [{ type: "DIVIDER", config: {} }]), widget("short")],
    };
    expect(idOf(stepFrom(part("E-mail code", partsOf(known, templates))))).toBe("short");
  });

  it("gives the same part anew each time", () => {
    let flow = flowOf([]);
    for (let i = 0; i < 2; i++) flow = addStep(stepFrom(part("Page")), { x: 0, y: 0 }).apply(flow);
    expect(flow.steps.map(idOf)).toEqual(["page", "page_2"]);
    expect(new Set(keysOf(flow)).size).toBe(2);
  });

  it("passes over templates that are none", () => {
    expect(() => partsOf(meta, [{ label: "odd", definition: { steps: [1] } }])).not.toThrow();
  });
});

describe("adding to a page", () => {
  const flow = starter("basic-google");
  const add = (label: string, of: string, to: Flow = flow) => addTo(to, at(to, of), componentFrom(part(label)), meta)?.apply(to) ?? to;

  it("puts fields into its form, before the button", () => {
    expect(componentsOf(componentAt(add("Date", "details"), "details_form")).map(idOf)).toEqual([
      "details_username",
      "details_password",
      "details_date",
      "details_submit",
    ]);
  });

  it("puts them behind what is selected", () => {
    expect(componentsOf(componentAt(add("Code", "details_username"), "details_form")).map(idOf)[1]).toBe("details_otp");
    expect(componentsOf(componentAt(add("Button", "details_submit"), "details_form")).map(idOf)[3]).toBe("details_button");
  });

  it("makes a form where there is none", () => {
    const bare = flowOf([{ id: "a", type: "VIEW" }]);
    const [form] = componentsOf(add("Text", "a", bare).steps[0] ?? { [key]: "" });
    expect([form?.type, form && componentsOf(form)[0]?.variant]).toEqual(["FORM", "TEXT"]);
  });

  it("puts everything else on the page", () => {
    expect(writeFlow(add("Divider", "details_google"))).toContain('"id":"details_divider"');
    expect(addTo(flow, "nothing", componentFrom(part("Divider")), meta)).toBeUndefined();
  });
});

it("knows what a property may be", () => {
  expect(allows({ type: "boolean" }, "true") && allows({ type: "boolean" }, false) && allows({ type: "integer" }, "5")).toBe(true);
  expect(allows({ type: "boolean" }, "yes") || allows({ type: "integer" }, 1.5) || allows({ enum: ["a"] }, "b")).toBe(false);
});

describe("searching", () => {
  const flow = starter("basic-google");
  const labels = (text: string) => find(flow, parts, text).map((hit) => hit.label);

  it("finds steps, components and what can be added, places first", () => {
    expect(labels("sign")[0]).toBe("Sign up");
    expect(labels("lighthouse")).toContain("Lighthouse");
    expect(labels("google")).toEqual(expect.arrayContaining(["Google", "Continue with Google"]));
    expect(labels("zebra")).toEqual([]);
  });

  it("wants all words, in any order", () => {
    expect(labels("google with")[0]).toBe("Continue with Google");
  });
});

describe("comparing", () => {
  const flow = starter("basic-google");

  it("tells what the other has done, but not where things stand", () => {
    expect(compare(flow, moveSteps(new Map([[at(flow, "google"), { x: 1, y: 1 }]])).apply(flow))).toEqual([]);
    const changed = setConfig(at(flow, "details_username"), "label", "Name").apply(remove([at(flow, "google")]).apply(flow));
    expect(compare(flow, changed)).toEqual([
      { kind: "removed", what: "Step “Google”" },
      { kind: "changed", what: "“Continue with Google” on “Create your account”" },
      { kind: "changed", what: "“Name” on “Create your account”" },
    ]);
  });

  it("calls what is run as the server does", () => {
    const step = flow.steps.find((one) => idOf(one) === "google");
    const name = step?.data?.action?.executor?.name ?? "";
    const said: Meta = { ...meta, executors: [{ name, label: "Their Google account", summary: "", inputs: [], metaSchema: {} }] };
    expect(compare(flow, remove([at(flow, "google")]).apply(flow), said)[0]?.what).toBe("Step “Their Google account”");
  });

  it("takes a renamed thing for another one", () => {
    const kinds = compare(flow, rename(at(flow, "done_text"), "bye").apply(flow)).map((one) => one.kind);
    expect(kinds).toEqual(["changed", "removed", "added"]);
  });
});
