// A flow is tried beside its canvas, in a real browser and against the built
// binary: with the mailbox, the clock, the authenticator and the identity
// provider of a sandbox. Nothing of it reaches the server's users or outbox.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { check, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 120_000 };
const size = { viewport: { width: 1280, height: 720 } };
let usher, browser;

before(async () => {
  usher = await startUsher();
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

// begin makes a draft of a template and tries it: what is returned is the page
// and the parts of its pane.
async function begin(t, flowType, template, device = "desktop", options = size) {
  const draft = `/api/server/v1/flow/draft?flowType=${flowType}`;
  const { body } = await usher.call("GET", draft);
  if (body?.revision) await usher.call("DELETE", draft, undefined);
  await save(draft, await usher.template(flowType, template));
  const page = await visitor(t, browser, usher, device, options);
  await page.goto(`${usher.url}/console/flows/${flowType}/design`);
  await page.getByLabel(/^user ?name/i).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("Browser.Admin.26");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Try it" }).click();
  const pane = page.getByRole("region", { name: "Try it" });
  return { page, pane, screen: pane.getByRole("region", { name: "The person’s screen" }), world: pane.getByRole("region", { name: "Around the person" }) };
}

// save stores a draft over whatever draft there is.
async function save(path, definition) {
  const { body } = await usher.call("GET", path);
  const response = await fetch(usher.url + path, {
    method: "PUT", body: JSON.stringify(definition),
    headers: {
      "Content-Type": "application/json", Authorization: "Basic " + Buffer.from("admin:Browser.Admin.26").toString("base64"),
      ...(body?.revision && { "If-Match": `"${body.revision}"` }),
    },
  });
  assert.equal(response.status, 200, await response.text());
}

const lit = (page) => page.locator(".step[data-lit] .step-name").allTextContents();
const users = async () => (await usher.admin("GET", "/scim2/Users")).body.totalResults;
const sent = async () => (await readdir(join(usher.folder, "data/outbox")).catch(() => [])).length;

test("a registration with a code is tried to its end, and nobody has registered", limit, async (t) => {
  const before = [await users(), await sent()];
  const { page, screen, world } = await begin(t, "REGISTRATION", "basic-email-code");
  await screen.getByRole("heading", { name: "Create your account" }).waitFor();
  await check(page, "console-try-begin");
  // Alex is there already: what is wrong is said at the field, which has the focus.
  await screen.getByLabel("User name").fill("alex");
  await screen.getByLabel("E-mail").fill("ada@example.org");
  await screen.getByLabel("Password", { exact: true }).fill("Long-enough-26");
  await page.keyboard.press("Enter");
  await screen.getByText("taken").waitFor();
  assert.equal(await screen.getByLabel("User name").getAttribute("aria-invalid"), "true");
  await check(page, "console-try-mistake");
  await screen.getByLabel("User name").fill("ada");
  await screen.getByLabel("Password", { exact: true }).fill("Long-enough-26");
  await page.keyboard.press("Enter");
  await screen.getByRole("heading", { name: "Check your e-mail" }).waitFor();
  const mail = world.getByRole("article", { name: "Mail to ada@example.org" });
  await check(page, "console-try-code");
  await screen.getByLabel("Code").fill("000000");
  await screen.getByRole("button", { name: "Continue" }).click();
  await screen.locator("[aria-invalid=true]").waitFor();
  await mail.getByRole("button", { name: /^Enter \d+/ }).click();
  await page.keyboard.press("Enter");
  await screen.getByRole("heading", { name: "The flow is complete" }).waitFor();
  assert.deepEqual(await lit(page), ["Create your account", "Check your e-mail", "Welcome aboard"]);
  await world.getByText("ada", { exact: true }).waitFor();
  await check(page, "console-try-done");
  // An entry of the path shows its step.
  await world.getByRole("button", { name: "Check your e-mail" }).first().click();
  await page.locator(".react-flow__node.selected", { hasText: "Check your e-mail" }).waitFor();
  assert.deepEqual([await users(), await sent()], before);
  page.quiet();
});

test("a recovery goes on by the link in the mail", limit, async (t) => {
  const { page, screen, world } = await begin(t, "PASSWORD_RECOVERY", "recovery-magic-link");
  await screen.getByLabel("User name").fill("alex");
  await page.keyboard.press("Enter");
  const mail = world.getByRole("article", { name: "Mail to alex@example.com" });
  await mail.waitFor();
  await check(page, "console-try-link");
  await mail.getByRole("button", { name: "Open the link" }).click();
  await screen.getByLabel(/password/i).first().fill("Another-horse-2");
  await page.keyboard.press("Enter");
  await screen.getByRole("heading", { name: "The flow is complete" }).waitFor();
  assert.ok(page.url().includes("/console/flows/"), "the link led out of the console");
  page.quiet();
});

test("an account that waits for its address is unlocked by the link in the mail", limit, async (t) => {
  const { page, pane, screen, world } = await begin(t, "REGISTRATION", "basic-details");
  await world.getByRole("button", { name: "Choose what happens at the end…" }).click();
  await page.getByLabel("Send a link that confirms the e-mail address").check();
  await page.getByLabel("Lock the account until the address is confirmed").check();
  await check(page, "console-try-settings");
  await page.getByRole("button", { name: "Start with this" }).click();
  await world.getByText("Chosen for this trial.").waitFor();
  await screen.getByLabel("User name").fill("ada");
  await screen.getByLabel("E-mail").fill("ada@example.org");
  await screen.getByLabel("Password", { exact: true }).fill("Long-enough-26");
  await page.keyboard.press("Enter");
  await screen.getByText("The account is locked for now.").waitFor();
  await world.getByText("Address not confirmed").waitFor();
  await world.getByRole("button", { name: "Open the link" }).click();
  await pane.locator(".trial-stage").getByText("The e-mail address is confirmed").waitFor();
  await world.getByText("Address not confirmed").waitFor({ state: "detached" });
  await check(page, "console-try-confirmed");
  // A link is good once.
  await world.getByRole("button", { name: "Open the link" }).click();
  await pane.getByRole("alert").getByText("The link does not count, or not any more").waitFor();
  const { body } = await usher.admin("GET", "/api/server/v1/flow/config?flowType=REGISTRATION");
  assert.equal(body.flowCompletionConfigs.isEmailVerificationEnabled, "false");
  page.quiet();
});

test("the clock is put beyond the end of a flow", limit, async (t) => {
  const { page, pane, screen, world } = await begin(t, "PASSWORD_RECOVERY", "recovery-email-code");
  await screen.getByRole("textbox").first().fill("alex");
  await page.keyboard.press("Enter");
  await world.getByRole("article").first().waitFor();
  await world.getByRole("button", { name: "Put the clock forward by one day" }).click();
  await world.getByRole("article").getByRole("button", { name: /^Enter/ }).click();
  await page.keyboard.press("Enter");
  await pane.getByRole("alert").waitFor();
  await check(page, "console-try-expired");
  await pane.getByRole("alert").getByRole("button", { name: "Start again" }).click();
  await world.getByText("Nothing yet.").waitFor();
  page.quiet();
});

test("a passkey is refused, answered wrongly, and made", limit, async (t) => {
  const { page, screen } = await begin(t, "REGISTRATION", "basic-passkey");
  await screen.getByLabel("E-mail").fill("ada@example.org");
  await page.keyboard.press("Enter");
  const asked = screen.getByRole("heading", { name: "Create a passkey?" });
  await asked.waitFor();
  await check(page, "console-try-passkey");
  for (const answer of ["Cancel", "Answer wrongly"]) {
    await screen.getByRole("button", { name: answer }).click();
    await screen.getByRole("alert").waitFor();
    const again = screen.getByRole("button", { name: /passkey|again/i });
    if (!(await asked.isVisible())) await again.first().click();
    await asked.waitFor();
  }
  await screen.getByRole("button", { name: "Approve" }).click();
  await screen.getByRole("heading", { name: "The flow is complete" }).waitFor();
  page.quiet();
});

test("an identity provider refuses, and signs somebody in", limit, async (t) => {
  const { page, screen, world } = await begin(t, "REGISTRATION", "basic-google");
  const google = screen.getByRole("button", { name: /Google/ });
  await google.click();
  await screen.getByRole("heading", { name: "Sign in at the identity provider" }).waitFor();
  await check(page, "console-try-provider");
  await screen.getByRole("button", { name: "Refuse" }).click();
  await google.click();
  await screen.getByLabel("Who signs in").selectOption({ label: "Somebody else …" });
  await screen.getByLabel("Email").fill("grace@example.org");
  await screen.getByLabel("First name").fill("Grace");
  await screen.getByRole("button", { name: "Sign in" }).click();
  await screen.getByRole("heading", { name: "The flow is complete" }).waitFor();
  await world.getByText("grace@example.org · has a provider").waitFor();
  page.quiet();
});

test("an invitation begins in the mailbox, with whom one chooses", limit, async (t) => {
  const { page, pane, screen, world } = await begin(t, "INVITED_USER_REGISTRATION", "invited-set-password");
  await screen.getByText("There is one to robin@example.com.").waitFor();
  await world.getByRole("button", { name: "Choose…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("robin", { exact: false }).uncheck();
  await dialog.getByLabel("User name").fill("toni");
  await dialog.getByLabel("Email").fill("toni@example.org");
  await dialog.getByLabel("Was invited").check();
  await check(page, "console-try-people");
  await dialog.getByRole("button", { name: "Start with them" }).click();
  await screen.getByText("There is one to toni@example.org.").waitFor();
  await screen.getByRole("button", { name: "Open the link" }).click();
  await screen.getByLabel(/password/i).first().fill("Another-horse-2");
  await page.keyboard.press("Enter");
  await screen.getByRole("heading", { name: "The flow is complete" }).waitFor();
  await pane.getByRole("button", { name: "Close" }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), "Try it");
  page.quiet();
});

test("what changes on the canvas is tried anew, and published from there", limit, async (t) => {
  const { page, pane, screen } = await begin(t, "REGISTRATION", "basic-details");
  await screen.getByRole("heading").first().waitFor();
  await pane.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "User name, Text field" }).click();
  await page.getByLabel("Label", { exact: true }).fill("Your nickname");
  await page.getByRole("button", { name: "Try it" }).click();
  await pane.getByRole("button", { name: "Start with the newest" }).click();
  await screen.getByLabel("Your nickname").waitFor();
  await page.getByRole("button", { name: "Publish…" }).click();
  const dialog = page.getByRole("dialog", { name: "Publish registration" });
  await dialog.getByLabel(/^Note/).fill("Asks for a nickname");
  await check(page, "console-try-publish");
  await dialog.getByRole("button", { name: /^Publish/ }).click();
  await page.getByText(/^Version \d+ is live$/).waitFor();
  await page.getByText("No changes").waitFor();
  await page.getByRole("button", { name: "Publish…" }).click();
  await page.getByText("There is nothing to publish").waitFor();
  const { body } = await usher.admin("GET", "/api/server/v1/flow?flowType=REGISTRATION");
  assert.ok(JSON.stringify(body).includes("Your nickname"));
  // What cannot run is not asked about.
  await pane.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Sign up, Button" }).click();
  await page.keyboard.press("Delete");
  await page.getByRole("tab", { name: /Problems [1-9]/ }).waitFor();
  await page.getByRole("button", { name: "Publish…" }).click();
  await page.getByText("This flow cannot go live yet").waitFor();
  await page.getByRole("link", { name: "Versions" }).click();
  await page.getByText("Asks for a nickname").waitFor();
  page.quiet();
});

const narrow = { viewport: { width: 800, height: 1000 } };
const wide = { viewport: { width: 1920, height: 1080 }, colorScheme: "dark" };
const phone = { viewport: { width: 390, height: 844 } };
for (const [name, options] of Object.entries({ narrow, wide, phone, dark: { ...size, colorScheme: "dark" } })) {
  test(`the pane is usable: ${name}`, limit, async (t) => {
    const { page, screen, world } = await begin(t, "REGISTRATION", "basic-email-code", name, options);
    await screen.getByLabel("User name").fill("ada");
    await screen.getByLabel("E-mail").fill("ada@example.org");
    await screen.getByLabel("Password", { exact: true }).fill("Long-enough-26");
    await page.keyboard.press("Enter");
    await world.getByRole("article").first().waitFor();
    await check(page, "console-try");
    page.quiet();
  });
}
