import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { drawn } from "./canvas/step-node";
import { button, choose, FakeServer, mockBrowser, node, open, piece } from "./kit";
import { idOf, writeFlow } from "./model/flow";
import { componentAt, flowOf, starters } from "./model/kit";
import { type Outside, useOutside } from "./outside";

beforeEach(mockBrowser);

const text = (name: string) => starters.find((one) => one.name === `${name}.json`)?.text ?? "";
const saved = () => waitFor(() => expect(screen.getByText("Draft saved")).toBeDefined(), { timeout: 3000 });
const press = (keys: string) => userEvent.keyboard(keys);

describe("the canvas", () => {
  it("shows every step with its page, and says where it leads", async () => {
    await open(new FakeServer(text("basic-google")));
    expect(node("Create your account").getAttribute("aria-label")).toBe(
      "Page Create your account, Continue with Google leads to Google, Sign up leads to Welcome aboard",
    );
    expect(piece("User name, Text field")).toBeDefined();
    expect(node("Task Google").getAttribute("aria-label")).toBe("Task Google, then leads to Welcome aboard");
  });

  it("lights up the steps that somebody has gone through", async () => {
    await open(new FakeServer(text("basic-google")), { lit: ["details", "END"] });
    const lit = [...document.querySelectorAll(".step[data-lit] .step-name")].map((one) => one.textContent);
    expect(lit).toEqual(["Create your account", "Welcome aboard"]);
  });

  it("marks the step where a trial is, and tells what is in its slots of the flow", async () => {
    let outside: Outside | undefined;
    const Slot = () => {
      outside = useOutside();
      return null;
    };
    const server = new FakeServer(text("basic-google"));
    await open(server, { at: "google", actions: <Slot />, beside: <input aria-label="Beside" />, besideShown: true });
    expect(document.querySelector(".step[data-at] .step-name")?.textContent).toBe("Google");
    expect(outside?.nameOf("details")).toBe("Create your account");
    expect(outside?.taskOf("LighthouseExecutor")).toBe("Lighthouse");
    act(() => outside?.show("END"));
    await waitFor(() => expect(document.activeElement).toBe(node("End Welcome aboard")));
    // Keys that are pressed beside the canvas mean nothing to it.
    fireEvent.keyDown(screen.getByLabelText("Beside"), { key: "Delete" });
    fireEvent.keyDown(screen.getByLabelText("Beside").parentElement ?? document.body, { key: "Delete" });
    expect(node("End Welcome aboard")).toBeDefined();
    choose(piece("User name, Text field"));
    await userEvent.type(screen.getByLabelText(/^Label/), "!");
    expect(outside?.text()).toContain("User name!");
    expect(await outside?.save()).toBe(true);
    expect(server.text).toBe(outside?.text());
    expect(outside?.revision()).toBe(server.revision);
  });

  it("has an end, and gives it a page", async () => {
    const server = new FakeServer(
      writeFlow(
        flowOf([{ id: "a", type: "VIEW", data: { components: [{ id: "b", type: "BUTTON", action: { type: "NEXT", next: "END" } }] } }]),
      ),
    );
    await open(server);
    choose(node("End"));
    await userEvent.click(button("Give the end a page"));
    await saved();
    expect(server.flow.steps.map(idOf)).toEqual(["a", "END"]);
  });

  it("is walked with arrow keys, one step being reached by Tab", async () => {
    await open(new FakeServer(text("basic-google")));
    const stops = [...document.querySelectorAll(".react-flow__node")].filter((one) => (one as HTMLElement).tabIndex === 0);
    expect(stops).toEqual([node("Create your account")]);
    node("Create your account").focus();
    await press("{ArrowRight}");
    await waitFor(() => expect(document.activeElement).toBe(node("Task Google")));
    await press("{ArrowRight}{ArrowLeft}");
    await waitFor(() => expect(document.activeElement).toBe(node("Task Google")));
    fireEvent.keyDown(node("Task Google"), { key: "Enter" });
    expect(document.activeElement).toBe(screen.getByLabelText("Id")); // at once: the next key is meant for it
  });

  it("lets components be gone through and moved by keys", async () => {
    const server = new FakeServer(text("basic-google"));
    await open(server);
    choose(piece("User name, Text field"));
    piece("User name, Text field").focus();
    await press("{Alt>}{ArrowDown}{/Alt}");
    await saved();
    expect(componentAt(server.flow, "details_form").components?.map(idOf)).toEqual([
      "details_password",
      "details_username",
      "details_submit",
    ]);
    await press("{Escape}");
    await waitFor(() => expect(document.activeElement).toBe(node("Create your account")));
  });

  it("draws only what has changed, also of 60 steps", async () => {
    const steps = Array.from({ length: 60 }, (_, i) => ({
      id: `s${i}`,
      type: "VIEW",
      data: {
        components: [
          { id: `b${i}`, type: "BUTTON", config: { text: `Go ${i}` }, action: { type: "NEXT", next: i < 59 ? `s${i + 1}` : "END" } },
        ],
      },
    }));
    const server = new FakeServer(writeFlow(flowOf(steps)));
    await open(server);
    choose(piece("Go 7, Button"));
    drawn.count = 0;
    await userEvent.type(screen.getByLabelText(/^Text/), "!");
    expect(componentNames()).toContain("Go 7!");
    expect(drawn.count).toBeGreaterThan(0);
    expect(drawn.count).toBeLessThanOrEqual(2);
  });
});

const componentNames = () => [...document.querySelectorAll(".mini-button")].map((one) => one.textContent);

describe("editing", () => {
  it("from an empty flow, with the palette and the fields alone, and undone to the beginning", async () => {
    const empty = '{"flowType":"REGISTRATION","steps":[]}';
    const server = new FakeServer(empty);
    await open(server);
    await userEvent.click(button("Page"));
    await userEvent.click(button("E-mail"));
    await userEvent.click(button("Carrier pigeon"));
    await saved();
    const { flow } = server;
    expect(flow.steps.map(idOf)).toEqual(["page", "carrier_pigeon"]);
    expect(componentAt(flow, "page_emailaddress").config?.label).toBe("E-mail");
    expect(componentAt(flow, "page_button").action).toEqual({ type: "NEXT", next: "carrier_pigeon" });
    const undo = () => document.querySelector<HTMLButtonElement>("button[aria-label^=Undo]:enabled");
    for (let one = undo(); one; one = undo()) fireEvent.click(one);
    await waitFor(() => expect(server.text).toBe(empty), { timeout: 3000 });
    await press("{Control>}y{/Control}");
    expect(node("New page")).toBeDefined();
  });

  it("leads a button elsewhere without dragging", async () => {
    const server = new FakeServer(text("basic-google"));
    await open(server);
    choose(piece("Sign up, Button"));
    await userEvent.selectOptions(screen.getByLabelText("Leads to"), "Google");
    await saved();
    expect(componentAt(server.flow, "details_submit").action?.next).toBe("google");
  });

  it("makes forms of what an executor declares", async () => {
    const server = new FakeServer(text("basic-google"));
    await open(server);
    choose(node("Task Google"));
    await userEvent.selectOptions(screen.getByLabelText("Runs"), "Lighthouse");
    await userEvent.selectOptions(screen.getByLabelText("Tower"), "north");
    await userEvent.selectOptions(screen.getByLabelText("Mode"), "signin");
    await userEvent.click(screen.getByLabelText("Bright"));
    fireEvent.change(screen.getByLabelText("Turns"), { target: { value: "5" } });
    await saved();
    expect(server.flow.steps[1]?.data?.action).toEqual({
      type: "EXECUTOR",
      executor: { name: "LighthouseExecutor", meta: { tower: "north", mode: "signin", bright: false, turns: 5 } },
      next: "END",
    });
  });

  it("asks for an attribute by its name, and labels the field so", async () => {
    const server = new FakeServer(text("basic-google"));
    await open(server);
    choose(piece("User name, Text field"));
    await userEvent.selectOptions(screen.getByLabelText("Asks for"), "Email");
    await saved();
    expect(componentAt(server.flow, "details_username").config).toMatchObject({
      identifier: "http://wso2.org/claims/emailaddress",
      label: "Email",
    });
  });

  it("renames with what leads there, and says when an id is taken", async () => {
    const server = new FakeServer(text("basic-google"));
    await open(server);
    choose(node("Task Google"));
    const id = screen.getByLabelText("Id");
    await userEvent.clear(id);
    expect(screen.getByText("It needs one.")).toBeDefined();
    await userEvent.type(id, "details");
    expect(screen.getByText("Something else has this id too.")).toBeDefined();
    await userEvent.type(id, "_two");
    await saved();
    expect(componentAt(server.flow, "details_google").action?.next).toBe("details_two");
  });

  it("copies, cuts and pastes through the clipboard", async () => {
    const server = new FakeServer(text("basic-google"));
    await open(server);
    choose(node("Task Google"));
    let clip = "";
    const carry = (name: "copy" | "cut" | "paste") => {
      const event = new Event(name, { bubbles: true, cancelable: true });
      Object.assign(event, { clipboardData: { setData: (_: string, given: string) => (clip = given), getData: () => clip } });
      act(() => void document.body.dispatchEvent(event));
    };
    carry("cut");
    expect(() => node("Task Google")).toThrow();
    carry("paste");
    carry("paste");
    await saved();
    expect(server.flow.steps.map(idOf)).toEqual(["details", "google", "google_2", "END"]);
  });

  it("deletes, but not while somebody types", async () => {
    const server = new FakeServer(text("basic-google"));
    await open(server);
    choose(piece("User name, Text field"));
    screen.getByLabelText(/^Label/).focus();
    await press("{Backspace}");
    expect(piece("User nam, Text field")).toBeDefined();
    piece("User nam, Text field").focus();
    await press("{Delete}");
    expect(() => piece("User nam, Text field")).toThrow();
  });

  it("keeps and shows what it does not know", async () => {
    const given =
      '{"flowType":"REGISTRATION","steps":[{"id":"a","type":"VIEW","note":1.50,"data":{"components":[{"id":"b","type":"DIAL","config":{"from":0.10}}]}}],"more":{}}';
    const server = new FakeServer(given);
    await open(server);
    choose(node("Page a"));
    expect(screen.getByText(/"note": 1.50/)).toBeDefined();
    choose(piece("Dial, Dial"));
    expect(screen.getByText(/"from": 0.10/)).toBeDefined();
    await userEvent.type(screen.getByLabelText("Id"), "x");
    await saved();
    expect(server.text).toBe(given.replace('"id":"b"', '"id":"bx"'));
  });

  it("is not for those who may only look", async () => {
    const server = new FakeServer(text("basic-google"));
    await open(server, { readOnly: true });
    choose(node("Task Google"));
    expect((screen.getByLabelText("Runs") as HTMLSelectElement).matches(":disabled")).toBe(true);
    await press("{Delete}");
    expect(node("Task Google")).toBeDefined();
    expect(button("Page").disabled).toBe(true);
  });
});

describe("search", () => {
  it("goes to what is there, and adds what is not", async () => {
    await open(new FakeServer(text("basic-google")));
    await press("{Control>}k{/Control}");
    const field = await screen.findByRole("combobox", { name: /Steps, components/ });
    expect(document.activeElement).toBe(field);
    await userEvent.type(field, "welcome{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(node("End Welcome aboard")));
    await press("{Control>}k{/Control}");
    await userEvent.type(await screen.findByRole("combobox", { name: /Steps, components/ }), "lighthouse{Enter}");
    await waitFor(() => expect(node("Task Lighthouse")).toBeDefined());
  });
});
