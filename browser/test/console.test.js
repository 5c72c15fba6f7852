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

// open is a window of the console in which the person is signed in.
async function open(t, name, secret, { path = "/console/", device = "desktop" } = {}) {
  const page = await visitor(t, browser, usher, device, size);
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

// bearer waits for the page's next call of an API and returns what it shows.
async function bearer(page) {
  const call = page.waitForRequest((request) => request.url().includes("/api/server/"));
  await page.getByRole("link", { name: "Flows", exact: true }).click();
  await page.reload();
  return (await call).headers().authorization;
}

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
