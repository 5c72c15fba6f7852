import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { button, choose, FakeServer, findButton, mockBrowser, node, open, piece } from "./kit";
import { idOf } from "./model/flow";
import { componentAt, starters } from "./model/kit";
import { outletsOf } from "./model/links";

beforeEach(mockBrowser);

const text = starters.find((one) => one.name === "basic-google.json")?.text ?? "";
const long = { timeout: 4000 };

describe("problems", () => {
  const lost = async () => {
    const server = new FakeServer(text);
    server.wrong = (flow) =>
      flow.steps.flatMap((step) =>
        outletsOf(step)
          .filter((outlet) => !outlet.action?.next)
          .map(() => ({
            code: "FM-10011",
            message: "the action's next cannot be empty",
            stepId: idOf(step),
            componentId: "details_google",
          })),
      );
    await open(server);
    choose(node("Task Google"));
    await userEvent.click(button("Delete"));
    await userEvent.click(await findButton("Problems 1"));
    return server;
  };

  it("are said in words, shown at their place and put right", async () => {
    const server = await lost();
    const group = screen.getByRole("tabpanel");
    expect(within(group).getByText("“Continue with Google” leads nowhere yet.")).toBeDefined();
    expect(node("Create your account").textContent).toContain("1 problem");
    await userEvent.click(button("Show: “Continue with Google” leads nowhere yet.", group));
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Continue with Google, Button, has problems"));
    await userEvent.click(button("Lead to the end", group));
    await screen.findByText("Nothing keeps this flow from running.", undefined, long);
    await waitFor(() => expect(componentAt(server.flow, "details_google").action?.next).toBe("END"), long);
  });

  it("stay while the server is away", async () => {
    const server = await lost();
    server.up = false;
    await userEvent.click(button("Undo: Delete step"));
    await screen.findByText(/The server cannot be asked now/, undefined, long);
    server.comeBack();
    await screen.findByText("Nothing keeps this flow from running.", undefined, long);
  });
});

describe("saving", () => {
  const change = async (label: string) => {
    choose(piece("User name, Text field"));
    const field = screen.getByLabelText(/^Label/);
    await userEvent.clear(field);
    await userEvent.type(field, label);
  };
  const labelOn = (server: FakeServer) => componentAt(server.flow, "details_username").config?.label;

  it("goes on when the connection is back, and says so meanwhile", async () => {
    const server = new FakeServer(text);
    await open(server);
    server.up = false;
    await change("Name");
    await screen.findByText(/Your changes are kept here/, undefined, long);
    server.comeBack();
    await waitFor(() => expect(labelOn(server)).toBe("Name"), long);
  });

  it("asks before it writes over somebody else, tells what differs, and can be undone", async () => {
    const server = new FakeServer(text);
    await open(server);
    server.put(text.replace("First", "Given").replace("Welcome aboard", "Welcome on board"));
    await change("Name");
    const dialog = await screen.findByRole("dialog", { name: "Somebody else has changed this draft" }, long);
    expect(within(dialog).getByText(/^“Name” on “Create your account”/).textContent).toContain("changed");
    expect(within(dialog).getByText(/ada/)).toBeDefined();
    await userEvent.click(button("Take theirs", dialog));
    expect(node("Welcome on board")).toBeDefined();
    expect(piece("User name, Text field")).toBeDefined();
    await userEvent.click(button("Undo: Take over the other draft"));
    await waitFor(() => expect(labelOn(server)).toBe("Name"), long);
  });

  it("keeps one's own where one wants that", async () => {
    const server = new FakeServer(text);
    await open(server);
    server.put(text.replace("Welcome aboard", "Welcome on board"));
    await change("Name");
    await userEvent.click(await findButton("Keep mine"));
    await waitFor(() => expect([labelOn(server), server.text.includes("Welcome aboard")]).toEqual(["Name", true]), long);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("does not lose what was typed just before the page is left", async () => {
    const server = new FakeServer(text);
    const { unmount } = await open(server);
    await change("Name");
    unmount();
    await waitFor(() => expect(labelOn(server)).toBe("Name"), long);
  });
});

describe("reading", () => {
  it("can be tried again", async () => {
    const server = new FakeServer(text);
    server.up = false;
    const opening = open(server);
    await userEvent.click(await findButton("Try again"));
    expect(screen.getByText("The server cannot be reached.")).toBeDefined();
    server.comeBack();
    await userEvent.click(await findButton("Try again"));
    await opening;
  });

  it("of what is no flow shows where, and changes nothing", async () => {
    const server = new FakeServer('{"flowType":"REGISTRATION","steps":[{"id":7}]}');
    const opening = open(server).catch(() => undefined);
    await screen.findByText(/steps\[0\]\.id has a value of the wrong type/);
    expect(server.revision).toBeUndefined();
    await opening;
  });
});
