import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import type { Extension, Node } from "./api";
import { authTypes, ways } from "./authentication";
import { Component as Detail } from "./detail";
import { Component as List } from "./list";
import { changeOf, pathsOf, type Shown, secretsKept, shownOf } from "./shown";
import { chosenOf, groupsOf, others } from "./tree";

const path = "/api/server/v1/flow/extension";
const checks: Extension = {
  id: "e1",
  name: "Checks",
  description: "",
  iconUrl: "",
  endpoint: { uri: "https://checks.example.com/", authentication: { type: "BASIC" }, allowedHeaders: [] },
  accessConfig: {
    expose: [
      { path: "/user/id", encrypted: true },
      { path: "/gone", encrypted: false },
    ],
    modify: [],
  },
  encryption: {},
  createdAt: "2026-11-20T12:00:00Z",
  updatedAt: "2026-11-20T12:00:00Z",
};
const leaf = (title: string, at: string, ...allowedOperations: Node["allowedOperations"]) =>
  ({ key: at, title, path: at, dataType: "String", nodeType: "LEAF", allowedOperations, children: [] as Node[] }) as Node;
const inner = (title: string, ...children: Node[]) => ({ ...leaf(title, `/${title}`, "EXPOSE"), nodeType: "OBJECT", children }) as Node;
const context = [
  inner(
    "User",
    leaf("Id", "/user/id", "EXPOSE"),
    inner("Claims", leaf("Nick", "/c/nick", "EXPOSE", "MODIFY"), leaf("Made", "/c/made", "EXPOSE")),
  ),
  inner("Flow", leaf("Type", "/flow/type", "EXPOSE")),
];
const serve = () =>
  new FakeServer()
    .on("GET", path, [checks])
    .on("GET", `${path}/e1`, checks, { ETag: '"1"' })
    .on("GET", `${path}/meta`, { flowType: null, context, redirectionEnabled: true, allowReadOnlyClaimsModification: true });
const button = (name: string) => screen.findByRole("button", { name });
const part = (name: string) => within(screen.getByRole("region", { name }));
const open = async (server = serve(), scopes?: string[]) => {
  visit(server, <Detail />, { at: "/e1", path: "/:id", ...(scopes && { scopes }) });
  await screen.findByRole("group", { name: "Flow" });
  return server;
};
const sent = (server: FakeServer) => server.sent("PATCH", `${path}/e1`)[0];

test("the leaves that an operation is allowed on stand under what they are in", () => {
  expect(groupsOf(context, "EXPOSE").map((group) => [group.title, group.options.map((one) => one.label)])).toEqual([
    ["User", ["Id"]],
    ["Claims", ["Nick", "Made"]],
    ["Flow", ["Type"]],
  ]);
  expect(groupsOf(context, "MODIFY")).toEqual([{ title: "Claims", options: [{ value: "/c/nick", label: "Nick" }] }]);
  expect(others(groupsOf(context, "EXPOSE"), shownOf(checks).expose)).toEqual(["/gone"]);
});

test("a choice in one part leaves the other parts, and what is encrypted, as they are", () => {
  const before = [
    { path: "/a", encrypted: true },
    { path: "/b", encrypted: true },
    { path: "/other", encrypted: true },
  ];
  expect(chosenOf(before, ["/a", "/b", "/c"], ["/a", "/c"])).toEqual([
    { path: "/a", encrypted: true },
    { path: "/other", encrypted: true },
    { path: "/c", encrypted: false },
  ]);
});

test("what is sent of a form is what differs, with the secrets as soon as they would go elsewhere", () => {
  const seen = shownOf(checks);
  const change = (part: Partial<Shown>) => changeOf(seen, { ...seen, ...part });
  expect(change({})).toEqual({});
  expect(change({ name: "Other", iconUrl: "" })).toEqual({ name: "Other" });
  expect(change({ allowedHeaders: ["X-Trace"] })).toEqual({ endpoint: { allowedHeaders: ["X-Trace"] } });
  expect(change({ uri: "https://other.example.com/" })).toEqual({
    endpoint: { uri: "https://other.example.com/", authentication: { type: "BASIC", properties: {} } },
  });
  expect(change({ type: "NONE" })).toEqual({ endpoint: { authentication: { type: "NONE", properties: {} } } });
  expect(change({ expose: [] })).toEqual({ accessConfig: { expose: [] } });
  expect(change({ certificate: "" })).toEqual({ encryption: { certificate: "" } });
  expect(change({ certificate: "PEM ü" })).toEqual({ encryption: { certificate: btoa("PEM \u00c3\u00bc") } });
  expect(secretsKept(seen, { ...seen, properties: { username: "x" } })).toBe(false);
});

test("every property of every type of authentication has a place where its faults are said", () => {
  for (const type of authTypes) {
    for (const { name } of ways[type].properties) expect(pathsOf(type)).toContain(`endpoint.authentication.properties.${name}`);
  }
});

test("an extension is made, and what is wrong is said at its fields", async () => {
  const errors = [
    "name is required.",
    "endpoint.uri must be an absolute URL.",
    "endpoint.authentication.properties.accessToken is required for BEARER.",
  ];
  const server = serve().refuse("POST", path, 400, { code: "UE-1", message: "No.", description: errors[0], errors });
  visit(server, <List />);
  await screen.findByRole("link", { name: "Checks" });
  await userEvent.click(await button("New extension"));
  await userEvent.type(screen.getByLabelText("Address"), "nowhere");
  await userEvent.selectOptions(screen.getByLabelText("Authentication"), "Bearer token");
  await userEvent.click(await button("Create"));
  await screen.findByText("Is required for BEARER.");
  expect(screen.getByText("Must be an absolute URL.")).toBeDefined();
  expect(screen.getByLabelText<HTMLInputElement>("Address").value).toBe("nowhere");
  expect(screen.getByLabelText<HTMLInputElement>("Access token").type).toBe("password");
  expect(server.sent("POST", path)[0]?.body).toEqual({
    name: "",
    endpoint: { uri: "nowhere", authentication: { type: "BEARER", properties: {} } },
  });
});

test("a name that something else has is said at the name", async () => {
  const taken = { code: "UE-34409", message: "The name is taken.", description: "Another extension or connection has this name." };
  visit(serve().refuse("POST", path, 409, taken), <List />);
  await userEvent.click(await button("New extension"));
  await userEvent.click(await button("Create"));
  await screen.findByText("Another extension or connection has this name.");
  expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).toBe("true");
});

test("secrets are replaced together, and asked for again where they would go elsewhere", async () => {
  const server = (await open()).on("PATCH", `${path}/e1`, checks, { ETag: '"2"' });
  const password = () => screen.getByLabelText<HTMLInputElement>("Password");
  expect([password().value, password().placeholder]).toEqual(["", "Set. All are replaced together."]);
  await userEvent.type(screen.getByLabelText("Address"), "v2");
  expect(password().placeholder).toBe("");
  await userEvent.type(screen.getByLabelText("Username"), "us");
  await userEvent.type(password(), "new");
  await userEvent.click(await button("Save"));
  await screen.findByText("Saved.");
  expect(sent(server)).toMatchObject({
    ifMatch: '"1"',
    body: {
      endpoint: {
        uri: "https://checks.example.com/v2",
        authentication: { type: "BASIC", properties: { username: "us", password: "new" } },
      },
    },
  });
  expect(password().value).toBe("");
});

test("what it may see and change is ticked, also what there is not any more", async () => {
  const server = (await open()).on("PATCH", `${path}/e1`, checks, { ETag: '"2"' });
  const [sees, changes] = [part("What it may see"), part("What it may change")];
  expect(changes.queryByLabelText("Made")).toBeNull();
  await userEvent.click(changes.getByLabelText("Nick"));
  await userEvent.click(sees.getByLabelText("Made"));
  await userEvent.click(within(sees.getByRole("group", { name: "Not there any more" })).getByLabelText("/gone"));
  await userEvent.click(within(sees.getByRole("group", { name: /^Encrypted/ })).getByLabelText("Made"));
  await userEvent.click(await button("Save"));
  await vi.waitFor(() => expect(server.sent("PATCH", `${path}/e1`)).toHaveLength(1));
  expect(sent(server)?.body).toEqual({
    accessConfig: {
      expose: [
        { path: "/user/id", encrypted: true },
        { path: "/c/made", encrypted: true },
      ],
      modify: [{ path: "/c/nick", encrypted: false }],
    },
  });
});

test("of many it is said which are chosen, and all are shown on demand", async () => {
  const many = Array.from({ length: 9 }, (_, i) => leaf(`C${i}`, `/c/${i}`, "EXPOSE"));
  const accessConfig = { expose: ["/c/2", "/c/7"].map((path) => ({ path, encrypted: false })), modify: [] };
  const server = serve().on("GET", `${path}/e1`, { ...checks, accessConfig });
  await open(
    server.on("GET", `${path}/meta`, { context: [inner("Claims", ...many), inner("Flow", leaf("Type", "/flow/type", "EXPOSE"))] }),
  );
  const summary = screen.getByText(/^Claims, 2 of 9/);
  const details = summary.closest("details");
  if (!details) throw new Error("it is of nothing");
  expect(details.open).toBe(false);
  await userEvent.click(summary);
  await userEvent.click(within(details).getByLabelText("C2"));
  expect(summary.textContent).toBe("Claims, 1 of 9 C7");
});

test("a certificate is taken from a file, or taken away, and a file that is none is not read", async () => {
  await open();
  const file = screen.getByLabelText(/^Or from a file/);
  await userEvent.upload(file, new File(["x".repeat(70_000)], "large.pem"));
  await screen.findByText("This file is too large for a certificate.");
  await userEvent.upload(file, new File(["-----BEGIN"], "c.pem"));
  await vi.waitFor(() => expect(screen.getByLabelText<HTMLTextAreaElement>(/^Certificate/).value).toBe("-----BEGIN"));
  await userEvent.click(await button("Take it away"));
  await screen.findByText(/is taken away when this is saved/);
  await userEvent.click(await button("Keep it"));
  expect(screen.queryByRole("region", { name: "Changes" })).toBeNull();
});

test("why a certificate cannot be taken away is said where it was", async () => {
  const errors = ["encryption.certificate is required for what accessConfig.expose has encrypted."];
  (await open()).refuse("PATCH", `${path}/e1`, 400, { code: "UE-1", message: "No.", description: errors[0], errors });
  await userEvent.click(await button("Take it away"));
  await userEvent.click(await button("Save"));
  await screen.findByText("Is required for what accessConfig.expose has encrypted.");
  expect(screen.getByRole("group", { name: /^Encrypted/ })).toBeDefined();
});

test("one that a live flow asks stays, and it is said why", async () => {
  (await open()).refuse("DELETE", `${path}/e1`, 409, {
    code: "UE-1",
    message: "It is in use.",
    description: "The live registration asks it.",
  });
  await userEvent.click(await button("Delete…"));
  await userEvent.click(await button("Delete"));
  await screen.findByText(/The live registration asks it/);
});

test("whoever may only look changes nothing", async () => {
  await open(serve(), ["internal_flow_extension_view"]);
  const controls = [...document.querySelectorAll<HTMLInputElement>("input, textarea, select")];
  expect(controls.length).toBeGreaterThan(10);
  for (const control of controls) expect(control.disabled).toBe(true);
  expect(screen.queryByRole("button", { name: /Delete|Take it away/ })).toBeNull();
});
