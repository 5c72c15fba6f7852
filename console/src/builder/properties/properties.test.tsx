import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { Editor } from "../model/editor";
import type { Json } from "../model/json";
import { at, componentAt, flowOf, meta } from "../model/kit";
import { connectionsOf } from "../model/meta";
import { Checker } from "../problems/checker";
import { BenchContext, DeclaredContext } from "../state/context";
import { connectionOptions } from "./action";
import { identifiers, listedAs } from "./identifier";
import { Properties } from "./properties";

/** open shows the properties of the one component of a page. */
function open(component: { [name: string]: Json }, step: { [name: string]: Json } = { type: "VIEW" }) {
  const flow = flowOf([
    { id: "page", ...step, data: { components: [{ id: "it", ...component }], ...(step.action ? { action: step.action } : {}) } },
  ]);
  const editor = new Editor(flow);
  editor.select([at(flow, "it")]);
  const nothing = () => undefined;
  const checker = new Checker({ validate: async () => [], back: async () => undefined });
  const bench = { editor, checker, readOnly: false, show: nothing, openProperties: nothing, openSearch: nothing, add: nothing };
  render(
    <DeclaredContext value={{ meta, parts: [], attributes: [] }}>
      <BenchContext value={bench}>
        <Properties />
      </BenchContext>
    </DeclaredContext>,
  );
  return { config: () => componentAt(editor.flow, "it").config, component: () => componentAt(editor.flow, "it"), editor };
}
const set = (label: string | RegExp, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

describe("a field", () => {
  const field = { type: "INPUT", variant: "TEXT", config: { identifier: "x", label: "Name" } };

  it("has the properties of its kind", async () => {
    const { config, component } = open(field);
    set(/^Label/, "Your name");
    set(/^Placeholder/, "Ada");
    set(/^Hint/, "As in your passport");
    await userEvent.click(screen.getByLabelText("Has to be filled in"));
    expect(config()).toEqual({ identifier: "x", label: "Your name", placeholder: "Ada", hint: "As in your passport", required: true });
    set(/^Placeholder/, "");
    expect(config()).not.toHaveProperty("placeholder");
    await userEvent.selectOptions(screen.getByLabelText("Kind"), "E-mail");
    expect(component().variant).toBe("EMAIL");
  });

  it("asks for something of one's own", async () => {
    const { config } = open(field);
    set("Identifier", "shoeSize");
    expect(config()?.identifier).toBe("shoeSize");
    await userEvent.selectOptions(screen.getByLabelText("Asks for"), "User name");
    expect(screen.queryByLabelText("Identifier")).toBeNull();
    expect(config()).toEqual({ identifier: "http://wso2.org/claims/username", label: "Name" }); // a label of one's own stays
  });

  it("has a new password entered twice, or once", async () => {
    const { editor } = open({ type: "INPUT", variant: "PASSWORD", config: { identifier: "password", label: "Password" } });
    const page = () => editor.flow.steps[0]?.data?.components?.map((one) => one.config?.identifier);
    const box = screen.getByLabelText("Require confirmation") as HTMLInputElement;
    await userEvent.click(box);
    expect([page(), box.checked, editor.selection.length]).toEqual([["password", "confirmPassword"], true, 1]);
    await userEvent.click(box);
    expect([page(), box.checked]).toEqual([["password"], false]);
    editor.undo();
    expect(page()).toEqual(["password", "confirmPassword"]);
  });

  it("has choices", async () => {
    const { config } = open({
      type: "INPUT",
      variant: "RADIO",
      config: { options: [{ key: "1", label: "Red", value: "r", colour: "#f00" }] },
    });
    set("Choice 1, what people read", "Crimson");
    await userEvent.click(screen.getByRole("button", { name: "Add a choice" }));
    set("Choice 2, what is sent", "b");
    expect(config()?.options).toEqual([
      { key: "1", label: "Crimson", value: "r", colour: "#f00" },
      { key: "2", label: "Choice 2", value: "b" },
    ]);
    await userEvent.click(screen.getByRole("button", { name: "Delete choice 1" }));
    expect(config()?.options).toEqual([{ key: "2", label: "Choice 2", value: "b" }]);
  });

  it("shows the rules that it is checked by", () => {
    open({
      type: "INPUT",
      variant: "PASSWORD",
      config: { validations: [{ name: "LengthValidator", conditions: [{ key: "min.length", value: "8" }] }, 5] },
    });
    expect(screen.getByText("Length: min.length 8")).toBeDefined();
  });
});

describe("a button", () => {
  it("sends the form or not", async () => {
    const { config } = open({
      type: "BUTTON",
      variant: "TEXT",
      config: { type: "submit", text: "Back" },
      action: { type: "NEXT", next: "page" },
    });
    await userEvent.selectOptions(screen.getByLabelText("Sends the form"), "Without what was entered");
    expect(config()?.type).toBe("button");
  });

  it("says where it leads that there is no such step", () => {
    open({ type: "BUTTON", config: { text: "Go" }, action: { type: "NEXT", next: "gone" } });
    expect(screen.getByText("There is no step “gone”.")).toBeDefined();
    expect((screen.getByLabelText("Leads to") as HTMLSelectElement).selectedOptions[0]?.textContent).toBe("gone (not there)");
  });

  it("of a task leads nowhere by itself", () => {
    open(
      { type: "BUTTON", config: { text: "Go" } },
      { type: "EXECUTION", action: { type: "EXECUTOR", executor: { name: "AskNameExecutor" }, next: "END" } },
    );
    expect(screen.queryByLabelText("Leads to")).toBeNull();
  });

  it("shows an executor that is not there any more, and leaves it", () => {
    const { editor } = open({
      type: "BUTTON",
      config: { text: "Go" },
      action: { type: "EXECUTOR", executor: { name: "OldExecutor", meta: { a: 1 } }, next: "END" },
    });
    expect((screen.getByLabelText("When it is pressed") as HTMLSelectElement).selectedOptions[0]?.textContent).toBe(
      "OldExecutor (not there)",
    );
    expect(editor.undoable).toBeUndefined();
  });
});

describe("an image", () => {
  it("comes from where pages may show one from", () => {
    const { config } = open({ type: "IMAGE", config: {} });
    set("Address", "http://example.com/a.png");
    expect(screen.getByText(/https:\/\/ only/)).toBeDefined();
    set("Address", "https://example.com/a.png");
    expect([screen.queryByText(/https:\/\/ only/), config()?.src]).toEqual([null, "https://example.com/a.png"]);
  });
});

describe("consent", () => {
  it("has purposes, each with what belongs to it", async () => {
    const { config } = open({
      type: "POLICY",
      config: { description: "Read:", purposes: [{ purposeId: "terms", name: "Terms", own: 1 }] },
    });
    set(/^Where it can be read/, "javascript:alert(1)");
    expect(screen.getByText(/Give an address with https/)).toBeDefined();
    set(/^Where it can be read/, "https://example.com/terms");
    await userEvent.click(screen.getByLabelText("Has to be accepted"));
    await userEvent.click(screen.getByRole("button", { name: "Add" }));
    expect(config()?.purposes).toEqual([
      { purposeId: "terms", name: "Terms", own: 1, policyUrl: "https://example.com/terms", mandatory: true },
      { purposeId: "purposeId2", name: "name2" },
    ]);
    await userEvent.click(screen.getByRole("button", { name: "Delete purposes 2" }));
    set(/^Where it can be read/, "");
    expect(config()?.purposes).toEqual([{ purposeId: "terms", name: "Terms", own: 1, mandatory: true }]);
    set(/^Text above/, "Please read:");
    expect(config()?.description).toBe("Please read:");
  });

  it("has no terms to accept where people only say what they would like", () => {
    open({ type: "PREFERENCE", config: { purposes: [{ purposeId: "news", name: "News" }] } });
    expect(screen.queryByLabelText("Has to be accepted")).toBeNull();
    expect(screen.getByLabelText(/^Kept under/)).toBeDefined();
  });
});

it("says of a captcha what it is for", () => {
  open({ type: "CAPTCHA", variant: "RECAPTCHA_V2", config: {} });
  expect(screen.getByText(/^Keeps programs out/)).toBeDefined();
});

describe("a component of an unknown type", () => {
  it("can be renamed, and is shown as it is", () => {
    open({ type: "DIAL", config: { from: 1 }, spin: true });
    expect(screen.getByText(/"from": 1/)).toBeDefined();
    expect(screen.getByText(/"spin": true/)).toBeDefined();
    set(/^Id/, "other");
    expect(screen.queryByText("It needs one.")).toBeNull();
  });
});

it("offers connections for the property that names one", () => {
  const text = { type: "string" };
  const named = { ...text, format: "connection" };
  const options = [{ value: "n", label: "n" }];
  expect(connectionOptions({ properties: { a: named, b: text } }, options)).toEqual({ a: options });
  expect(connectionOptions({ properties: { a: text, b: text } }, options)).toEqual({});
});

it("offers connections by their names, and those that have ids by these", () => {
  const all = { ...meta, flowExtensionConnections: [{ actionId: "x1", name: "Fog horn" }] };
  expect(connectionsOf(all, "LighthouseExecutor").map((one) => one.value)).toEqual(["north", "south"]);
  expect(connectionsOf(all, "FogExecutor")).toEqual([{ value: "x1", label: "Fog horn" }]);
});

it("lists what can be asked for: what is entered for executors, and attributes that people may write", () => {
  const own = [
    { name: "User name", claimURI: "http://wso2.org/claims/username", required: true, readOnly: false },
    { name: "Created", claimURI: "http://wso2.org/claims/created", required: false, readOnly: true },
  ];
  expect(identifiers(own, meta).map((one) => one.label)).toEqual(["Code", "User name"]);
  expect(identifiers([], meta).at(-1)?.label).toBe("Email");
});

it.each([
  ["http://wso2.org/claims/emailaddress", "http://wso2.org/claims/emailaddress"],
  ["email", "http://wso2.org/claims/emailaddress"],
  ["Email", "http://wso2.org/claims/emailaddress"],
  ["emailAddress", "http://wso2.org/claims/emailaddress"],
  ["password", "password"],
  ["pets", undefined],
  ["", undefined],
])("an input that asks for %j stands in the list as %j", (identifier, want) => {
  const uri = "http://wso2.org/claims/emailaddress";
  const attributes = [{ name: "E-mail", claimURI: uri, shortName: "email", required: true, readOnly: false }];
  expect(listedAs(identifier, [{ value: "password" }, { value: uri }], attributes)).toBe(want);
});
