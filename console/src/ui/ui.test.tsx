import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Input, Switch } from "./field";
import { type Item, Menu } from "./menu";
import { SchemaForm, type Values, words } from "./schema";
import { ago } from "./shown";
import { Table } from "./table";
import { Tabs } from "./tabs";
import { Toaster, useToasts } from "./toast";

afterEach(() => {
  vi.useRealTimers();
});

test("a button that runs cannot be pressed again, and keeps the focus", async () => {
  const press = vi.fn();
  const { rerender } = render(<Button onClick={press}>Save</Button>);
  await userEvent.click(screen.getByRole("button"));
  rerender(
    <Button running onClick={press}>
      Save
    </Button>,
  );
  await userEvent.click(screen.getByRole("button"));
  expect(press).toHaveBeenCalledTimes(1);
  expect(document.activeElement).toBe(screen.getByRole("button"));
});

test("an input has its label, and what there is to say about it", () => {
  render(<Input label="Name" hint="As people see it." mistake="It is taken." />);
  const input = screen.getByLabelText("Name");
  const described = input
    .getAttribute("aria-describedby")
    ?.split(" ")
    .map((id) => document.getElementById(id)?.textContent);
  expect(described).toEqual(["As people see it.", "It is taken."]);
  expect(input.getAttribute("aria-invalid")).toBe("true");
});

test("a switch goes the other way", async () => {
  const change = vi.fn();
  render(<Switch label="Enabled" on onChange={change} />);
  const button = screen.getByRole("switch", { name: "Enabled", checked: true });
  button.focus();
  await userEvent.keyboard(" ");
  expect(change).toHaveBeenCalledExactlyOnceWith(false);
});

test("a dialog is open, and closes when Escape is pressed or its cross", async () => {
  const close = vi.fn();
  render(
    <Dialog title="Sure?" onClose={close}>
      Text
    </Dialog>,
  );
  const dialog = screen.getByRole<HTMLDialogElement>("dialog", { name: "Sure?" });
  expect(dialog.open).toBe(true);
  const pressed = new Event("cancel", { cancelable: true });
  dialog.dispatchEvent(pressed);
  expect(pressed.defaultPrevented).toBe(true); // whoever shows it takes it away
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(close).toHaveBeenCalledTimes(2);
});

test("a dialog that has to be answered does not close", () => {
  render(<Dialog title="Sign in">Text</Dialog>);
  const pressed = new Event("cancel", { cancelable: true });
  screen.getByRole("dialog").dispatchEvent(pressed);
  expect(pressed.defaultPrevented).toBe(true);
  expect(screen.queryByRole("button", { name: "Close" })).toBeNull();
});

test("a menu by keyboard", async () => {
  const chosen = vi.fn();
  const items: Item[] = ["Alter", "Burn", "Copy"].map((label) => ({ label, disabled: label === "Burn", onSelect: () => chosen(label) }));
  render(<Menu label="More" items={items} />);
  const button = screen.getByRole("button", { name: "More", expanded: false });
  button.focus();
  await userEvent.keyboard("{ArrowDown}");
  const entry = (name: string) => screen.getByRole("menuitem", { name });
  const focused = () => document.activeElement?.textContent;
  expect(focused()).toBe("Alter");
  await userEvent.keyboard("{ArrowUp}");
  expect(focused()).toBe("Copy");
  await userEvent.keyboard("{ArrowDown}");
  expect(focused()).toBe("Alter");
  await userEvent.keyboard("b");
  expect(focused()).toBe("Burn");
  expect(entry("Burn").getAttribute("aria-disabled")).toBe("true");
  await userEvent.keyboard("{Enter}");
  expect(chosen).not.toHaveBeenCalled();
  await userEvent.keyboard("{End}{Enter}");
  expect(chosen).toHaveBeenCalledExactlyOnceWith("Copy");
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(button);
  await userEvent.keyboard("{Enter}{Escape}");
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(button);
});

test("a menu closes when something else is pressed", async () => {
  render(
    <>
      <Menu label="More" items={[{ label: "Alter", onSelect: () => {} }]} />
      <p>Elsewhere</p>
    </>,
  );
  await userEvent.click(screen.getByRole("button", { name: "More" }));
  await userEvent.click(screen.getByText("Elsewhere"));
  expect(screen.queryByRole("menu")).toBeNull();
});

test("tabs by keyboard", async () => {
  function Example() {
    const [chosen, choose] = useState("a");
    const tabs = ["a", "b", "c"].map((key) => ({ key, label: `Tab ${key}`, content: `Content ${key}` }));
    return <Tabs label="Parts" tabs={tabs} chosen={chosen} onChoose={choose} />;
  }
  render(<Example />);
  await userEvent.tab();
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: "Tab a", selected: true }));
  await userEvent.keyboard("{ArrowLeft}");
  expect(screen.getByRole("tabpanel", { name: "Tab c" }).textContent).toBe("Content c");
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: "Tab c", selected: true }));
  await userEvent.keyboard("{ArrowRight}");
  expect(screen.getByRole("tabpanel").textContent).toBe("Content a");
});

test("a table says what it is about and what its columns are", () => {
  const columns = [
    { label: "Name", cell: (row: { name: string }) => row.name },
    { label: "Length", cell: (row: { name: string }) => row.name.length, end: true },
  ];
  render(<Table label="People" rows={[{ name: "Ada" }, { name: "Grace" }]} rowKey={(row) => row.name} columns={columns} />);
  const table = screen.getByRole("table", { name: "People" });
  expect(
    within(table)
      .getAllByRole("columnheader")
      .map((one) => one.textContent),
  ).toEqual(["Name", "Length"]);
  expect(
    within(table)
      .getAllByRole("cell")
      .map((one) => one.textContent),
  ).toEqual(["Ada", "3", "Grace", "5"]);
});

test("good news passes, bad news stays until it is put away", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  function Example() {
    const toasts = useToasts();
    return (
      <>
        <button type="button" onClick={() => toasts.say("Saved.")}>
          good
        </button>
        <button type="button" onClick={() => toasts.complain("Lost.")}>
          bad
        </button>
      </>
    );
  }
  render(
    <Toaster>
      <Example />
    </Toaster>,
  );
  await user.click(screen.getByText("good"));
  await user.click(screen.getByText("bad"));
  const hidden = { hidden: true }; // jsdom shows no popovers
  expect(screen.getByRole("status", hidden).textContent).toBe("Saved.");
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(screen.queryByRole("status", hidden)).toBeNull();
  await user.click(within(screen.getByRole("alert", hidden)).getByRole("button", { name: "Dismiss", ...hidden }));
  expect(screen.queryByRole("alert", hidden)).toBeNull();
});

test("a form of a schema", async () => {
  const schema = {
    properties: {
      notifyUserExistence: { type: "boolean", description: "Tell the person.", default: false },
      mode: { type: "string", enum: ["create", "get"], default: "create" },
      idpName: { type: "string", default: "" },
      length: { type: "integer", default: 6, minimum: 4 },
      text: { type: "string" },
    },
  };
  let value: Values = { unknown: [1], notifyUserExistence: "true", idpName: "Gone" };
  function Example() {
    const [now, set] = useState(value);
    value = now;
    return <SchemaForm schema={schema} value={now} onChange={set} options={{ idpName: [{ value: "Google", label: "Google" }] }} />;
  }
  render(<Example />);
  const tick = screen.getByRole<HTMLInputElement>("checkbox", { name: "Notify user existence" });
  expect(tick.checked).toBe(true);
  await userEvent.click(tick);
  await userEvent.selectOptions(screen.getByLabelText("Mode"), "get");
  expect(screen.getByRole("option", { name: "Gone (not there)", selected: true })).toBeTruthy();
  await userEvent.selectOptions(screen.getByLabelText("Idp name"), "Google");
  const length = screen.getByLabelText<HTMLInputElement>("Length");
  expect(length.placeholder).toBe("6");
  await userEvent.type(length, "8");
  await userEvent.type(screen.getByLabelText("Text (optional)"), "x");
  expect(value).toEqual({ unknown: [1], notifyUserExistence: false, mode: "get", idpName: "Google", length: 8, text: "x" });
  await userEvent.clear(length);
  await userEvent.clear(screen.getByLabelText("Text (optional)"));
  expect(value).toEqual({ unknown: [1], notifyUserExistence: false, mode: "get", idpName: "Google" });
});

test.each([
  ["idpName", "Idp name"],
  ["notifyUserExistence", "Notify user existence"],
  ["user_verification", "User verification"],
  ["URLPath", "URLPath"],
])("%s in words", (name, label) => {
  expect(words(name)).toBe(label);
});

test.each([
  [-5, "just now"],
  [-90, "1 minute ago"],
  [-7_300, "2 hours ago"],
  [-86_400, "yesterday"],
  [-15 * 86_400, undefined],
])("%d seconds from now is said as", (seconds, text) => {
  expect(ago(seconds)).toBe(text);
});
