// The console in a real browser, against the built binary, signed in by our
// own provider.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startChromium } from "../chromium.js";
import { check, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

const binary = process.env.USHER_BINARY ?? fileURLToPath(new URL("../../build/usher", import.meta.url));
const adminPassword = "Browser.Admin.26";
const password = "correct horse battery";
const limit = { timeout: 90_000 };
const size = { viewport: { width: 1280, height: 720 } };

let usher, browser;

before(async () => {
  usher = await startUsher({ USHER_RATE_LIMITS: "off" });
  for (const role of ["viewer", "editor"]) await addUser("--role", role, role);
  await command("tenant", "add", "acme");
  await addUser("--tenant", "acme", "--role", "admin", "boss");
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

// command runs one of the binary's own beside the server.
function command(...args) {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, HOME: usher.folder, USHER_PASSWORD_HASH_MEMORY_KIB: "8", USHER_PASSWORD_HASH_TIME: "1" };
    const child = execFile(binary, args, { cwd: usher.folder, env }, (error, out, err) => (error ? reject(new Error(`${args}: ${out}${err}`)) : resolve(out)));
    child.stdin.end(`${password}\n`);
  });
}

const addUser = (...args) => command("user", "add", ...args);

// open is a window of the console in which the person is signed in. Its bearer
// is the header of its last call of an API.
async function open(t, name, secret, { path = "/console/", device = "desktop" } = {}) {
  const page = await visitor(t, browser, usher, device, size);
  page.on("request", (request) => (page.bearer = request.headers().authorization ?? page.bearer));
  await page.goto(usher.url + path);
  await signIn(page, name, secret);
  return page;
}

async function signIn(page, name, secret) {
  await page.getByLabel(/^user ?name/i).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.keyboard.press("Enter");
}

const card = (page, name) => page.getByRole("region", { name });
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const choose = async (page, menu, item) => {
  await page.getByRole("button", { name: menu }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

for (const device of ["desktop", "dark"]) {
  test(`the overview, ${device}`, limit, async (t) => {
    const page = await open(t, "admin", adminPassword, { device });
    await page.getByRole("heading", { name: "Flows", level: 1 }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/console/flows");
    await page.getByRole("switch").first().waitFor();
    await check(page, "console-flows");
    page.quiet();
  });
}

test("signing in, switching a flow off and on, signing out", limit, async (t) => {
  const page = await open(t, "admin", adminPassword);
  const registration = card(page, "Registration");
  await registration.getByText("Enabled", { exact: true }).waitFor();
  const config = async () => (await usher.admin("GET", "/api/server/v1/flow/config?flowType=REGISTRATION")).body.isEnabled;
  await registration.getByRole("switch").click();
  await registration.getByText("Switched off").waitFor();
  assert.equal(await config(), false);
  await registration.getByRole("switch").press("Space");
  await registration.getByText("Enabled", { exact: true }).waitFor();
  assert.equal(await config(), true);

  // Nothing that a thief could use is kept in the browser.
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.equal(kept, "[{},{}]");

  await choose(page, /admin/, "Sign out");
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  await check(page, "console-signed-out");
  await press(page, "Sign in");
  await page.getByLabel(/^user ?name/i).waitFor(); // again: the session is over
  page.quiet();
});

test("a viewer looks and changes nothing, and neither does the server let them", limit, async (t) => {
  const page = await open(t, "viewer", password);
  const registration = card(page, "Registration");
  await registration.getByRole("switch").waitFor();
  assert.ok(await registration.getByRole("switch").isDisabled());
  await card(page, "Registration").getByRole("button", { name: /More/ }).click();
  assert.deepEqual(await page.getByRole("menuitem").allTextContents(), ["See the templates…", "Export the live version"]);
  const call = async (method, path, body) =>
    (await fetch(usher.url + path, { method, headers: { Authorization: page.bearer, "Content-Type": "application/json" }, body: body && JSON.stringify(body) })).status;
  assert.equal(await call("GET", "/api/server/v1/flow/overview"), 200);
  assert.equal(await call("PATCH", "/api/server/v1/flow/config", { flowType: "REGISTRATION", isEnabled: false }), 403);
  assert.equal(await call("DELETE", "/api/server/v1/flow?flowType=REGISTRATION"), 403);
  assert.equal(await call("POST", "/scim2/Users", { userName: "mallory" }), 403);
  assert.equal((await usher.admin("GET", "/api/server/v1/flow/config?flowType=REGISTRATION")).body.isEnabled, true);
  page.quiet();
});

test("from a template to a version and back", limit, async (t) => {
  const page = await open(t, "editor", password);
  const recovery = card(page, "Password recovery");
  await choose(recovery.page(), "More about Password recovery", "Start from a template…");
  await page.getByText("Recovery by text message", { exact: true }).click();
  await page.getByRole("list", { name: "Steps" }).waitFor();
  await check(page, "console-templates");
  await press(page, "Make it the draft");
  await recovery.getByText("Draft pending").waitFor();
  await check(page, "console-draft");

  await recovery.getByRole("button", { name: "Publish…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/was added|was removed|changed/).first().waitFor();
  await check(page, "console-publish");
  await dialog.getByLabel("Note").fill("Codes by SMS now.");
  await press(page, "Publish");
  await recovery.getByText("Version 2").waitFor();
  await recovery.getByText(/by editor/).waitFor();

  await recovery.getByRole("link", { name: "Versions" }).click();
  await page.getByRole("heading", { name: "Versions of password recovery" }).waitFor();
  await page.getByText("Codes by SMS now.").waitFor();
  await check(page, "console-versions");
  await choose(page, "More about version 1", "Restore…");
  await dialog.getByText(/was added|was removed|changed/).first().waitFor();
  await press(page, "Restore");
  await page.getByRole("cell", { name: "3 Live" }).waitFor();
  const file = page.waitForEvent("download");
  await choose(page, "More about version 2", "Export");
  const exported = JSON.parse(await readFile(await (await file).path(), "utf8"));
  assert.equal(exported.flowType, "PASSWORD_RECOVERY");
  assert.ok(exported.layout, "the canvas stands apart");
  page.quiet();
});

test("a session that is over is taken up again, and nothing is lost", limit, async (t) => {
  const page = await open(t, "admin", adminPassword);
  await card(page, "Invitation").getByRole("switch").waitFor();
  await choose(page, "More about Invitation", "Start from a template…");
  await press(page, "Make it the draft");
  await card(page, "Invitation").getByRole("button", { name: "Publish…" }).click();
  const note = page.getByRole("dialog").getByLabel("Note");
  await note.fill("Half a sentence");

  // The grant is revoked: neither the access token nor the refresh token counts any more.
  const token = page.bearer.replace("Bearer ", "");
  await fetch(`${usher.url}/oauth2/revoke`, { method: "POST", body: new URLSearchParams({ token, client_id: "console" }) });
  await page.context().clearCookies();
  await page.getByRole("heading", { name: "Please sign in again" }).waitFor(); // the overview is read again every 15 s
  await check(page, "console-again");
  const popup = page.waitForEvent("popup");
  await press(page, "Sign in");
  await signIn(await popup, "admin", adminPassword);
  await page.getByRole("heading", { name: "Please sign in again" }).waitFor({ state: "detached" });
  assert.equal(await note.inputValue(), "Half a sentence");
  await press(page, "Publish");
  await page.getByText(/of Invitation is live/).waitFor();
});

test("a lost connection is said, and made good", limit, async (t) => {
  const page = await open(t, "admin", adminPassword);
  await card(page, "Registration").getByRole("switch").waitFor();
  await page.context().setOffline(true);
  await card(page, "Registration").getByRole("switch").click();
  await page.getByText("The server cannot be reached. Trying again…").waitFor();
  await page.context().setOffline(false);
  await card(page, "Registration").getByText("Switched off").waitFor();
  await page.getByText("The server cannot be reached. Trying again…").waitFor({ state: "detached" });
  await card(page, "Registration").getByRole("switch").click();
  await card(page, "Registration").getByText("Enabled", { exact: true }).waitFor();
});

test("a tenant's console is its own", limit, async (t) => {
  const page = await open(t, "boss", password, { path: "/t/acme/console/flows/REGISTRATION/versions" });
  await page.getByRole("heading", { name: "Versions of registration" }).waitFor();
  await page.getByText("acme", { exact: true }).waitFor();
  await page.goto(`${usher.url}/t/acme/console/nowhere`);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await check(page, "console-lost");
  page.quiet();
});
