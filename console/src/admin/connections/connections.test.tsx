import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import type { Connection, Kind } from "./api";
import { Component as Detail } from "./detail";
import { Component as List } from "./list";
import { changesOf, mappedOf, pathsOf, withValue } from "./values";

const path = "/api/server/v1/identity-providers";
const kind: Kind = {
  kind: "HubExecutor",
  label: "Hub",
  settings: [
    { name: "issuer", description: "Where it is.", fixed: true, default: "https://hub.example.com" },
    { name: "client_id", description: "Ours.", required: true },
    { name: "client_secret", description: "Secret.", required: true, secret: true },
    { name: "mode", description: "How.", options: ["a", "b"], default: "a" },
    { name: "claim.", description: "From where.", claim: true },
  ],
};
const hub: Connection = {
  id: "h1",
  name: "Hub",
  description: "",
  isEnabled: true,
  kind: "HubExecutor",
  settings: { client_id: "us", "claim.email": "mail" },
  secretsSet: ["client_secret"],
};
const claims = [
  { shortName: "email", displayName: "E-mail", readOnly: false },
  { shortName: "nick", displayName: "Nickname", readOnly: false },
  { shortName: "made", displayName: "Made", readOnly: true },
];
const serve = () =>
  new FakeServer()
    .on("GET", path, { totalResults: 1, startIndex: 1, count: 1, identityProviders: [hub] })
    .on("GET", `${path}/h1`, hub)
    .on("GET", `${path}/meta/kinds`, [kind])
    .on("GET", "/api/server/v1/claim-dialects/local/claims", claims);
const button = (name: string) => screen.findByRole("button", { name });

test("what is sent of values is what differs", () => {
  expect(changesOf({ a: "1", b: "2", c: "3" }, { a: "1", b: "4", d: "" })).toEqual({ b: "4", c: null, d: "" });
  expect(changesOf({ a: "1" }, { a: "1" })).toBeUndefined();
});

test("an empty setting is none, an empty attribute says that it is not taken", () => {
  const [setting, claim] = [kind.settings[0], kind.settings[4]];
  if (!setting || !claim) throw new Error("both are expected");
  expect(withValue({ issuer: "x" }, setting, "issuer", "")).toEqual({});
  expect(withValue({}, claim, "claim.email", "")).toEqual({ "claim.email": "" });
  expect(mappedOf({ "claim.email": "", "claim.": "x", issuer: "y" }, claim)).toEqual(["email"]);
  expect(pathsOf(kind, { "claim.email": "" })).toContain("settings.claim.email");
});

test("the form is what the kind declares, and says what is wrong at its fields", async () => {
  const errors = ["secrets.client_secret is required.", "settings.client_id is required."];
  const server = serve().refuse("POST", path, 400, { code: "UE-22002", message: "No.", description: errors[0], errors });
  visit(server, <List />);
  await userEvent.click(await button("New connection"));
  await userEvent.selectOptions(await screen.findByLabelText("Mode"), "b");
  await userEvent.click(await button("Create"));
  expect(await screen.findAllByText("Is required.")).toHaveLength(2);
  expect(screen.getByLabelText<HTMLInputElement>("Client secret").type).toBe("password");
  expect(server.sent("POST", path)).toMatchObject([
    { body: { name: "Hub", kind: "HubExecutor", isEnabled: true, settings: { mode: "b" }, secrets: {} } },
  ]);
});

test("what is fixed stays, secrets are only set, and attributes are mapped", async () => {
  const server = serve().on("PATCH", `${path}/h1`, hub);
  visit(server, <Detail />, { at: "/h1", path: "/:id" });
  expect((await screen.findByLabelText(/^Issuer/)).hasAttribute("disabled")).toBe(true);
  const secret = screen.getByLabelText<HTMLInputElement>("Client secret");
  expect([secret.value, secret.placeholder]).toEqual(["", "Set. What is entered replaces it."]);
  await userEvent.type(secret, "new");
  await userEvent.click(await button("Leave E-mail to the kind"));
  await userEvent.selectOptions(screen.getByLabelText("Another attribute"), "Nickname");
  await userEvent.type(screen.getByLabelText("Nickname"), "nick");
  expect(screen.queryByRole("option", { name: "Made" })).toBeNull();
  await userEvent.click(await button("Save"));
  await vi.waitFor(() => expect(server.sent("PATCH", `${path}/h1`)).toHaveLength(1));
  expect(server.sent("PATCH", `${path}/h1`)[0]?.body).toEqual({
    settings: { "claim.email": null, "claim.nick": "nick" },
    secrets: { client_secret: "new" },
  });
  expect(screen.getByLabelText<HTMLInputElement>("Client secret").value).toBe("");
});

test("a connection is switched off where it is listed", async () => {
  const server = serve().on("PATCH", `${path}/h1`, { ...hub, isEnabled: false });
  visit(server, <List />);
  await userEvent.click(await screen.findByRole("switch", { name: "Hub enabled" }));
  await screen.findByText(/Hub is switched off/);
  expect(server.sent("PATCH", `${path}/h1`)[0]?.body).toEqual({ isEnabled: false });
});

test("what somebody else has changed meanwhile is not saved over", async () => {
  const server = serve()
    .on("GET", `${path}/h1`, hub, { ETag: '"1"' })
    .refuse("PATCH", `${path}/h1`, 412, { code: "UE-22412", message: "The connection has changed.", description: "" });
  visit(server, <Detail />, { at: "/h1", path: "/:id" });
  await userEvent.type(await screen.findByLabelText(/^Description/), "mine");
  server.on("GET", `${path}/h1`, { ...hub, description: "theirs" }, { ETag: '"2"' });
  await userEvent.click(await button("Save"));
  expect(server.sent("PATCH", `${path}/h1`)[0]?.ifMatch).toBe('"1"');
  await userEvent.click(await button("Show theirs"));
  expect(screen.getByLabelText<HTMLTextAreaElement>(/^Description/).value).toBe("theirs");
});
