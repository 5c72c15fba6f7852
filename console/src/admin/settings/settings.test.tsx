import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import { lasting } from "./lasting";
import { Component } from "./sign-in";

const path = "/api/server/v1/sign-in/config";
const settings = {
  sessionLifetimeSeconds: 43200,
  sessionIdleSeconds: 7200,
  offlineLifetimeSeconds: 2592000,
  userAssertionLifetimeMillis: 2000,
};
const button = (name: string) => screen.findByRole("button", { name });

test.each([
  [43200, "12 hours"],
  [5400, "1 hour 30 minutes"],
  [0.5, "0.5 seconds"],
  [90061, "1 day 1 hour 1 minute 1 second"],
  [0, "no time"],
])("%d seconds are %s", (seconds, words) => {
  expect(lasting(seconds)).toBe(words);
});

async function type(label: string, text: string) {
  const input = await screen.findByLabelText(label);
  await userEvent.clear(input);
  await userEvent.type(input, text);
}

test("what is out of bounds is said at its field, and what is not is saved alone", async () => {
  const errors = ["sessionIdleSeconds must be at most sessionLifetimeSeconds."];
  const server = new FakeServer()
    .on("GET", path, settings)
    .refuse("PATCH", path, 400, { code: "UE-24002", message: "No.", description: errors[0], errors });
  visit(server, <Component />);
  await type("An unused session lasts", "90000");
  await userEvent.click(await button("Save"));
  await screen.findByText("Must be at most sessionLifetimeSeconds.");
  server.on("PATCH", path, { ...settings, sessionIdleSeconds: 600 });
  await type("An unused session lasts", "600");
  await userEvent.click(await button("Save"));
  await screen.findByText(/Now 10 minutes/);
  expect(server.sent("PATCH", path).map((one) => one.body)).toEqual([{ sessionIdleSeconds: 90000 }, { sessionIdleSeconds: 600 }]);
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
});

test("the defaults are the server's", async () => {
  const server = new FakeServer().on("GET", path, { ...settings, sessionIdleSeconds: 600 }).on("PATCH", path, settings);
  visit(server, <Component />);
  await userEvent.click(await button("Back to the defaults…"));
  await userEvent.click(await button("Go back"));
  await vi.waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("An unused session lasts").value).toBe("7200"));
  expect(server.sent("PATCH", path)[0]?.body).toEqual({
    sessionLifetimeSeconds: null,
    sessionIdleSeconds: null,
    offlineLifetimeSeconds: null,
    userAssertionLifetimeMillis: null,
  });
});

test("who may not change it sees it", async () => {
  visit(new FakeServer().on("GET", path, settings), <Component />, { scopes: [] });
  expect((await screen.findByLabelText("A session lasts at most")).hasAttribute("disabled")).toBe(true);
  expect(screen.queryByRole("button")).toBeNull();
});

test("what somebody else has changed meanwhile is not saved over", async () => {
  const server = new FakeServer()
    .on("GET", path, settings, { ETag: '"1"' })
    .refuse("PATCH", path, 412, { code: "UE-24412", message: "The settings have changed.", description: "" });
  visit(server, <Component />);
  await type("An unused session lasts", "600");
  server.on("GET", path, { ...settings, sessionIdleSeconds: 900 }, { ETag: '"2"' });
  await userEvent.click(await button("Save"));
  expect(server.sent("PATCH", path)[0]?.ifMatch).toBe('"1"');
  await userEvent.click(await button("Show theirs"));
  expect(screen.getByLabelText<HTMLInputElement>("An unused session lasts").value).toBe("900");
});
