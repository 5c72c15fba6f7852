// The builder's walk-throughs in a real browser, against the built binary: from
// an empty canvas or a template to people who go through what was published.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { Designer, openConsole, startEmpty, startFrom, until } from "../designer.js";
import { check, messages, visitor } from "../portal.js";
import { startUsher } from "../usher.js";
import { reach, walk } from "../walker.js";

const limit = { timeout: 120_000 };
const claims = "http://wso2.org/claims/";
let usher, browser;

before(async () => {
  usher = await startUsher({ USHER_RATE_LIMITS: "off" });
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

let people = 0;

function somebody() {
  const name = `walker${++people}`;
  return { name, email: `${name}@example.com`, mobile: `+4477009${String(people).padStart(5, "0")}`, password: "correct horse battery" };
}

// go is one person's way through a flow on the hosted pages.
async function go(t, person, path, options) {
  const page = await visitor(t, browser, usher);
  await page.goto(usher.url + path);
  const heading = await walk(page, usher, person, options);
  page.quiet();
  return heading;
}

// phone is the text message to the person.
async function phone({ mobile }) {
  const folder = join(usher.folder, "data/outbox");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".txt"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.find((text) => text.includes(mobile)) ?? "";
}

// lives tells that the person's account can be signed in to.
async function lives({ name, password }) {
  const { status } = await usher.call("GET", "/scim2/Me", undefined, `${name}:${password}`);
  assert.equal(status, 200);
}

test("registration with an e-mail code, from an empty canvas, with the mouse", limit, async (t) => {
  const page = await openConsole(t, browser, usher);
  const d = new Designer(page, usher, "REGISTRATION");
  const canvas = page.locator(".canvas");
  await startEmpty(page, "Registration");
  const empty = await d.draft();
  await d.check("builder-empty");

  // A page asks for a name, an address and a password.
  await d.drag(d.part("Page"), canvas, { x: 0.03, y: 0.05 });
  const first = d.step("Page New page");
  await first.waitFor();
  for (const [part, identifier, label] of [["Text", `${claims}username`, "User name"], ["E-mail", undefined, "Your address"], ["Password", undefined, "Password"]]) {
    await d.drag(d.field(part), d.piece("Continue, Button"), { y: 0.1 });
    if (identifier) await d.properties().getByLabel("Asks for").selectOption(identifier);
    await d.properties().getByLabel("Label", { exact: true }).fill(label);
  }
  await d.piece("New page, Heading").click();
  await page.getByLabel("Text", { exact: true }).fill("Join us");
  await d.piece("Continue, Button").click();
  await d.properties().getByLabel("When it is pressed").selectOption("PasswordProvisioningExecutor");
  await d.properties().getByLabel("Text", { exact: true }).fill("Join");

  // The code's page and the end stand beside it. One line is drawn; the other
  // is left to the problems, which know what is missing.
  await d.drag(await d.executor("EmailOTPExecutor"), canvas, { x: 0.5, y: 0.08 });
  await d.drag(d.part("End"), canvas, { x: 0.2, y: 0.7 });
  await d.properties().getByLabel("Runs").selectOption("UserProvisioningExecutor");
  await d.piece("Done, Heading").click();
  await d.properties().getByLabel("Text", { exact: true }).fill("You have joined");
  await d.connect("Join, Button", d.step("Page Check your e-mail"));
  await until(async () => (await d.step("Page Join us").getAttribute("aria-label")).includes("Join leads to Check your e-mail"));
  await page.getByRole("tab", { name: /Problems/ }).click();
  await page.locator(".problem").first().waitFor();
  await d.check("builder-problems");
  await d.solve();
  const built = await d.draft();

  // All of it is undone, and done again.
  const steps = await d.goThrough("Undo");
  await page.getByText("Nothing here yet.").waitFor();
  assert.deepEqual(await d.draft(), empty);
  assert.equal(await d.goThrough("Redo"), steps);
  assert.deepEqual(await d.draft(), built);

  await d.publish("Registration", "An e-mail code, at last.");
  const person = somebody();
  assert.equal(await go(t, person, "/accounts/register"), "You have joined");
  await lives(person);
  page.quiet();
});

test("the same by keyboard alone", limit, async (t) => {
  const page = await openConsole(t, browser, usher);
  const d = new Designer(page, usher, "REGISTRATION");
  const { keyboard } = page;
  const card = page.getByRole("region", { name: "Registration" });
  await card.waitFor();
  await d.press(page.getByRole("button", { name: "More about Registration" }));
  await keyboard.press("Enter"); // the first of the menu: start from a template
  const dialog = page.getByRole("dialog");
  await reach(page, dialog.getByRole("radio").first());
  await keyboard.press("ArrowUp"); // round to the last
  await dialog.getByText("Nothing is on it yet.").waitFor();
  await d.press(dialog.getByRole("button", { name: /Make it the draft|Replace the draft/ }));
  await dialog.waitFor({ state: "detached" });
  await d.press(card.getByRole("link", { name: "Design" }));
  await page.getByText("Nothing here yet.").waitFor();

  // The palette is gone through with arrow keys, and searched.
  await reach(page, page.getByRole("searchbox", { name: "Find a part" }));
  await keyboard.press("ArrowDown");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await d.step("Page New page").waitFor();
  await d.find("Text", "Fields");
  await d.choose("Asks for", `${claims}username`);
  await keyboard.press("Tab");
  await d.find("E-mail", "Fields");
  await d.write("Label", "Your address");
  await d.find("Password", "Fields");
  await d.find("New page", "Heading on");
  await d.write("Text", "Join by keyboard");
  await d.find("Continue", "Button on Join by keyboard");
  await d.write("Text", "Join");
  await d.choose("When it is pressed", "PasswordProvisioningExecutor");
  await d.find("Join", "Button on");
  await d.findExecutor("EmailOTPExecutor"); // behind what is selected, and led to from there
  await d.step("Page Check your e-mail").waitFor();
  await d.find("End", "What people see last");
  await d.choose("Runs", "UserProvisioningExecutor");
  await d.find("Done", "Heading on");
  await d.write("Text", "Welcome, keyboard");

  // From step to step with arrow keys, and moved by them.
  await d.find("Join by keyboard", "Page");
  await keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label")?.startsWith("Page Check your e-mail"));
  await keyboard.press("Alt+ArrowDown");
  await keyboard.press("Control+z");

  await d.press(page.getByRole("tab", { name: "Properties" }), "ArrowRight");
  await d.solve(keyboard);
  await d.press(page.getByRole("link", { name: "Flows", exact: true }));
  await d.press(card.getByRole("button", { name: "Publish…" }));
  await reach(page, dialog.getByLabel("Note"));
  await keyboard.type("By keyboard.");
  await d.press(dialog.getByRole("button", { name: "Publish", exact: true }));
  await page.getByText("of Registration is live").waitFor();
  const person = somebody();
  assert.equal(await go(t, person, "/accounts/register", { keyboard: true }), "Welcome, keyboard");
  await lives(person);
  page.quiet();
});

test("recovery from a template, with the password twice and a link back to the application", limit, async (t) => {
  const page = await openConsole(t, browser, usher);
  const d = new Designer(page, usher, "PASSWORD_RECOVERY");
  await startFrom(page, "Password recovery", "Recovery by e-mail code");
  await d.piece("New password, Password field").click();
  await d.properties().getByLabel("Require confirmation").check();
  await d.piece("Confirm password, Password field").waitFor();

  await d.step("Page Forgot your password?").locator(".step-head").click();
  await d.part("Rich text").click();
  const text = d.properties().getByRole("textbox", { name: "Text" });
  await text.fill("Back to application");
  await d.properties().getByRole("button", { name: "Link" }).click();
  await d.check("builder-link");
  await d.properties().getByRole("button", { name: "Back to the application" }).click();
  await d.saved();
  await d.solve();
  await d.publish("Password recovery", "The password twice, and the way back.");

  // Somebody signs in to an application and has forgotten the password.
  const person = somebody();
  await usher.admin("POST", "/scim2/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: person.name, password: "before it all began",
    emails: [{ value: person.email, primary: true }],
  });
  const server = createServer((_, response) => response.end("the shop")).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const callback = `http://localhost:${server.address().port}/callback`;
  const shop = await usher.application({ name: "Walk shop", inboundProtocolConfiguration: { oidc: { callbackURLs: [callback] } } });
  const visit = await visitor(t, browser, usher);
  const { clientId } = shop.inboundProtocolConfiguration.oidc;
  const request = { response_type: "code", client_id: clientId, redirect_uri: callback, scope: "openid", state: "s" };
  const pkce = { code_challenge_method: "S256", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" };
  await visit.goto(`${usher.url}/oauth2/authorize?${new URLSearchParams({ ...request, ...pkce })}`);
  const forgot = visit.getByRole("link", { name: /forgot/i });
  await forgot.click();
  await visit.getByRole("link", { name: "Back to application" }).click();
  await forgot.click();
  // A slip in one of the two is told, and corrected.
  await visit.getByLabel("User name").fill(person.name);
  await visit.getByRole("button", { name: "Send code" }).click();
  await visit.locator("input.code").fill(await messages(usher, person).code());
  await visit.getByRole("button", { name: "Continue" }).click();
  await visit.getByLabel("New password", { exact: true }).fill(person.password);
  await visit.getByLabel("Confirm password", { exact: true }).fill(`${person.password}?`);
  await visit.getByRole("button", { name: "Set password" }).click();
  await visit.getByText("The passwords are not the same.").first().waitFor();
  await check(visit, "recovery-twice");
  for (const label of ["New password", "Confirm password"]) await visit.getByLabel(label, { exact: true }).fill(person.password);
  await visit.getByRole("button", { name: "Set password" }).click();
  await visit.getByLabel("Password", { exact: true }).waitFor(); // the sign-in that waits
  await visit.getByLabel(/^user ?name/i).fill(person.name);
  await visit.getByLabel("Password", { exact: true }).fill(person.password);
  await visit.keyboard.press("Enter");
  await visit.waitForURL(`${callback}**`);
  assert.equal(new URL(visit.url()).searchParams.get("state"), "s");
  visit.quiet();
  page.quiet();
});

test("an invitation from a template, with a code by text message added", limit, async (t) => {
  const page = await openConsole(t, browser, usher);
  const d = new Designer(page, usher, "INVITED_USER_REGISTRATION");
  await startFrom(page, "Invitation", "Invited user sets a password");
  // Behind the check of the invitation, what runs text messages stands in between.
  const sms = await d.executor("SMSOTPExecutor");
  await d.step("Task").first().locator(".step-head").click();
  await sms.click();
  await d.check("builder-invitation");
  await d.solve();
  await page.getByRole("button", { name: "Tidy up" }).click();
  await d.saved();
  await d.check("builder-tidy");
  await d.publish("Invitation", "A text message proves the phone.");

  const person = somebody();
  await usher.admin("POST", "/scim2/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: person.name,
    emails: [{ value: person.email, primary: true }], phoneNumbers: [{ type: "mobile", value: person.mobile }],
    "urn:scim:wso2:schema": { askPassword: true },
  });
  const visit = await visitor(t, browser, usher);
  await visit.goto(`${usher.url}/accounts/accept?confirmation=${await usher.invitation(person.name)}`);
  await visit.locator("input.code").waitFor(); // it comes to the phone, and nowhere else
  await until(async () => /\b\d{6}\b/.test(await phone(person)), "no code went to the phone");
  assert.equal(await walk(visit, usher, person), "You are in");
  visit.quiet();
  await lives(person);
  page.quiet();
});
