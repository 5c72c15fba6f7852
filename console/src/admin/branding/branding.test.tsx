import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import { contrastOf, pickable } from "./color";
import { at, chosen, differences, textAt, withAt } from "./document";
import { Component } from "./page";
import { found, screensOf } from "./words";

const path = "/api/server/v1/branding-preference";
const apps = "/api/server/v1/applications";

const themes = {
  LIGHT: { colors: { brand: "#1a56db", "on-brand": "#ffffff" }, contrasts: [{ on: "on-brand", under: "brand", ratio: 6.17, least: 4.5 }] },
  DARK: { colors: { brand: "#8ab4ff" }, contrasts: [] },
};
const meta = {
  pages: ["code", "login"],
  languages: [
    { tag: "en", name: "English" },
    { tag: "de", name: "Deutsch" },
  ],
  locale: "en",
  text: { "login.title": "Sign in", "login.to": "Sign in to {application}", "page.retry": "Try again" },
};

class Observer {
  observe() {}
  disconnect() {}
}

beforeEach(() => {
  vi.stubGlobal("ResizeObserver", Observer);
  return () => vi.unstubAllGlobals();
});

const none = { code: "BPM-60002", message: "There is no such branding.", description: "Nothing is configured." };

function newServer() {
  return new FakeServer()
    .on("GET", apps, {
      totalResults: 1,
      startIndex: 1,
      count: 1,
      applications: [{ id: "a1", name: "Shop", description: "", clientId: "c" }],
    })
    .on("GET", `${path}/meta`, meta)
    .refuse("GET", path, 404, none)
    .refuse("GET", `${path}/text`, 404, none)
    .refuse("GET", `${path}/text/resolve`, 404, none)
    .on("POST", `${path}/preview`, { page: "<!doctype html><h1>Sign in</h1>", style: ":root{}", themes });
}

const previews = (server: FakeServer) => server.sent("POST", `${path}/preview`).map(({ body }) => body as Record<string, unknown>);
/** A form of this size takes long to search on a machine that has other things to do. */
const patience = { timeout: 10_000 };
vi.setConfig({ testTimeout: 30_000 });

const press = async (name: string) => userEvent.click(await screen.findByRole("button", { name }, patience));

async function type(label: string, text: string) {
  const input = await screen.findByLabelText(label, {}, patience);
  await userEvent.clear(input);
  await userEvent.click(input);
  await userEvent.paste(text);
}

test("a document keeps what is not known", () => {
  const document = { a: { b: 1, c: [2] }, d: null };
  expect(withAt(document, "a.e.f", "x")).toEqual({ a: { b: 1, c: [2], e: { f: "x" } }, d: null });
  expect(withAt(document, "a.b", undefined)).toEqual({ a: { c: [2] }, d: null });
  expect(withAt(document, "d.e", "x")).toEqual({ a: { b: 1, c: [2] }, d: { e: "x" } });
  expect(withAt(document, "x.y", undefined)).toBe(document);
  expect(document).toEqual({ a: { b: 1, c: [2] }, d: null });
  expect([at(document, "a.b"), at(document, "a.c.0"), at(document, "constructor.name"), textAt(document, "a.b")]).toEqual([
    1,
    undefined,
    undefined,
    "",
  ]);
  expect(chosen({ x: { y: "2" } }, ["x.z", "x.y"])).toBe("x.y");
  expect(chosen({}, ["x.z", "x.y"])).toBe("x.z");
});

test("two documents are compared member by member", () => {
  expect(differences({ a: { b: 1, c: 2 }, l: [1] }, { a: { b: 1, c: 3 }, l: [1, 2], n: "x" })).toEqual([
    { path: "a.c", mine: 2, theirs: 3 },
    { path: "l", mine: [1], theirs: [1, 2] },
    { path: "n", mine: undefined, theirs: "x" },
  ]);
  expect(differences({ a: {} }, { a: {} })).toEqual([]);
});

test("the contrast that counts is the one that is hardest to read, for what it needs", () => {
  const pairs = [
    { on: "text", under: "card", ratio: 8, least: 4.5 },
    { on: "line", under: "card", ratio: 3.3, least: 3 },
    { on: "foot", under: "back", ratio: 2, least: 4.5 },
  ];
  expect(contrastOf("card", pairs)).toEqual({ ratio: 3.3, least: 3, other: "line" });
  expect(contrastOf("text", pairs)?.other).toBe("card");
  expect(contrastOf("brand", pairs)).toBeUndefined();
});

test.each([
  ["#ABCDEF", "#abcdef"],
  [" #abc ", "#aabbcc"],
  ["rgb(1, 2, 3)", "#000001"],
  ["", "#000001"],
  ["#12345", "#000001"],
])("a picker takes %j as %s", (text, color) => {
  expect(pickable(text, "#000001")).toBe(color);
});

test("texts are found by what they say, by what is said instead, and by key", () => {
  const says = { "page.retry": "Once more" };
  expect(found(meta.text, says, "common", "sign  IN application")).toEqual(["login.to"]);
  expect(found(meta.text, says, "common", "once")).toEqual(["page.retry"]);
  expect(found(meta.text, says, "login", "retry")).toEqual([]);
  expect(found(meta.text, says, "login", "")).toEqual(["login.title", "login.to"]);
  expect(screensOf(Object.keys(meta.text))).toEqual(["login", "page"]);
});

test("what is entered is drawn, and saved where nothing was", async () => {
  const server = newServer();
  visit(server, <Component />);
  await type("Main buttons", "#7a1fa2");
  await vi.waitFor(() =>
    expect(previews(server).at(-1)).toEqual({
      type: "ORG",
      page: "login",
      scheme: "LIGHT",
      locale: "en-US",
      preference: { theme: { LIGHT: { colors: { primary: { main: "#7a1fa2" } } } } },
    }),
  );
  const frame = screen.getByTitle("Preview");
  expect(frame.getAttribute("sandbox")).toBe("allow-same-origin"); // nothing runs
  expect(frame.hasAttribute("inert")).toBe(true);
  expect(frame.getAttribute("srcdoc")).toContain("<h1>Sign in</h1>");
  expect((await screen.findAllByText("6.2 : 1")).length).toBe(2);
  server.on("POST", path, { preference: { saved: true } }, { ETag: '"1-a"' });
  server.on("GET", path, { preference: { saved: true } }, { ETag: '"1-a"' });
  await press("Save");
  await screen.findByText("Saved.", {}, patience);
  expect(server.sent("POST", path)[0]).toMatchObject({
    body: { type: "ORG", preference: { theme: { LIGHT: { colors: { primary: { main: "#7a1fa2" } } } } } },
    ifMatch: null,
  });
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  await screen.findByRole("button", { name: "Reset…" });
});

test("what cannot be drawn is said at its field, and the last page stays", async () => {
  const server = newServer();
  visit(server, <Component />);
  await screen.findByTitle("Preview");
  const errors = ["preference.theme.LIGHT.colors.primary.main must be a colour.", "preference.urls.termsOfUseURL must be an https URL."];
  server.refuse("POST", `${path}/preview`, 400, {
    code: "BPM-60001",
    message: "The branding is not valid.",
    description: errors[0],
    errors,
  });
  await type("Main buttons", "red");
  await screen.findByText("Must be a colour.");
  await screen.findByText("Must be an https URL.");
  expect(screen.getByLabelText("Main buttons").getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByTitle("Preview").getAttribute("srcdoc")).toContain("Sign in");
  server.on("POST", `${path}/preview`, { page: "<!doctype html><h1>Good</h1>", style: "", themes });
  await type("Main buttons", "#111111");
  await waitFor(() => expect(screen.queryByText("Must be a colour.")).toBeNull());
});

test("who was not first sees what differs, and decides", async () => {
  const mine = { organizationDetails: { displayName: "Mine" } };
  const server = newServer().on("GET", path, { preference: { organizationDetails: { displayName: "First" } } }, { ETag: '"1-a"' });
  visit(server, <Component />);
  await type("Display name", "Mine");
  server.on("GET", path, { preference: { organizationDetails: { displayName: "Theirs" } } }, { ETag: '"2-b"' });
  server.refuse("PUT", path, 412, { code: "BPM-60412", message: "The branding has changed.", description: "Read it again." });
  await press("Save");
  await press("Compare…");
  const row = await screen.findByRole("row", { name: "organizationDetails.displayName Theirs Mine" }, patience);
  expect(within(row).getByText("Theirs")).toBeTruthy();
  server.on("PUT", path, { preference: mine }, { ETag: '"3-c"' }).on("GET", path, { preference: mine }, { ETag: '"3-c"' });
  await press("Save mine over it");
  await screen.findByText("Saved.", {}, patience);
  expect(server.sent("PUT", path).map(({ ifMatch }) => ifMatch)).toEqual(['"1-a"', '"2-b"']);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("leaving with changes is asked about", async () => {
  const { router } = visit(newServer(), <Component />, { path: "/" });
  await type("Display name", "Acme");
  void router.navigate("/elsewhere");
  await press("Stay");
  expect(screen.getByLabelText<HTMLInputElement>("Display name").value).toBe("Acme");
  const leaving = new Event("beforeunload", { cancelable: true });
  dispatchEvent(leaving);
  expect(leaving.defaultPrevented).toBe(true);
  void router.navigate("/elsewhere");
  await press("Leave");
  await vi.waitFor(() => expect(router.state.location.pathname).toBe("/elsewhere"));
});

test("an application begins with what it takes over", async () => {
  const server = newServer();
  visit(server, <Component />, { at: "/?application=a1" });
  await screen.findByText(/looks as the organisation does/);
  expect(server.sent("GET", path).map(({ query }) => query.toString())).toContain("type=APP&name=a1");
  await waitFor(() => expect(screen.getByLabelText<HTMLSelectElement>("Branding of").selectedOptions[0]?.textContent).toBe("Shop"));
});

test("only texts that were changed are stored, none where none is left", async () => {
  const server = newServer();
  visit(server, <Component />, { at: "/?show=texts&screen=login&language=de" });
  await type("login.title", "Hallo");
  await vi.waitFor(() =>
    expect(previews(server).at(-1)).toMatchObject({ locale: "de", screen: "login", text: { text: { "login.title": "Hallo" } } }),
  );
  const saved = { preference: { text: { "login.title": "Hallo" } } };
  server.on("POST", `${path}/text`, saved, { ETag: '"1-a"' }).on("GET", `${path}/text`, saved, { ETag: '"1-a"' });
  await press("Save");
  await screen.findByText("Saved.", {}, patience);
  expect(server.sent("POST", `${path}/text`)[0]?.body).toEqual({ type: "ORG", locale: "de", screen: "login", ...saved });
  server.on("DELETE", `${path}/text`, null).refuse("GET", `${path}/text`, 404, none);
  await press("login.title: back to what it says by itself");
  await press("Save");
  await vi.waitFor(() => expect(server.sent("DELETE", `${path}/text`)[0]?.ifMatch).toBe('"1-a"'));
});

test("who may not change it sees it", async () => {
  visit(newServer(), <Component />, { scopes: ["internal_branding_preference_view"] });
  expect((await screen.findByLabelText("Main buttons")).hasAttribute("disabled")).toBe(true);
  expect(screen.getByLabelText("Main buttons: pick a colour").hasAttribute("disabled")).toBe(true);
  expect(screen.queryByRole("button", { name: "Reset…" })).toBeNull();
});
