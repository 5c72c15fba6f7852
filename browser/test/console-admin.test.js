// The console's pages beside the flows in a real browser, against the built
// binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { check, mail, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 90_000 };
const size = { viewport: { width: 1280, height: 720 } };

let usher, browser;

before(async () => {
  usher = await startUsher({ USHER_RATE_LIMITS: "off" });
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

// open is the page of the console with the heading, the administrator signed in.
async function open(t, path, heading, device = "desktop") {
  const page = await visitor(t, browser, usher, device, size);
  await page.goto(`${usher.url}/console/${path}`);
  await page.getByLabel(/^user ?name/i).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("Browser.Admin.26");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
  return page;
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const dialog = (page) => page.getByRole("dialog");

test("an application is made, told its secret, changed and deleted", limit, async (t) => {
  const page = await open(t, "applications", "Applications");
  await page.getByRole("link", { name: "Console" }).waitFor();
  await check(page, "console-applications");
  await press(page, "New application");
  await dialog(page).getByLabel("Name").fill("Shop");
  await dialog(page).getByLabel("Kind of client").selectOption("Confidential");
  await dialog(page).getByLabel("Redirect URIs").fill("not an address");
  await page.keyboard.press("Tab");
  await press(page, "Create");
  await dialog(page).getByText(/^Line 1 must/).waitFor();
  await check(page, "console-application-mistake");
  await dialog(page).getByLabel("Redirect URIs").fill("https://shop.example.com/callback");
  await press(page, "Create");
  const first = await dialog(page).getByRole("textbox", { name: "Client secret" }).inputValue();
  assert.ok(first.length > 30);
  await check(page, "console-application-secret");
  await press(page, "Done");

  await page.getByRole("heading", { name: "Shop", level: 1 }).waitFor();
  await page.getByLabel("Add a step").selectOption("Sign in with a passkey");
  await page.getByLabel("Access tokens last").fill("600");
  await page.getByLabel("Description").fill("Where we sell.");
  await check(page, "console-application");
  await press(page, "Save");
  await page.getByText("Saved.", { exact: true }).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const { body: saved } = await usher.admin("GET", `/api/server/v1/applications/${id}`);
  assert.equal(saved.description, "Where we sell.");
  assert.equal(saved.inboundProtocolConfiguration.oidc.accessToken.userAccessTokenExpiryInSeconds, 600);
  assert.deepEqual(saved.authenticationSequence.steps[1].options, [{ idp: "LOCAL", authenticator: "FIDOAuthenticator" }]);

  // Somebody else is first: nothing of theirs is lost.
  await page.getByLabel("Description").fill("Mine");
  await usher.admin("PATCH", `/api/server/v1/applications/${id}`, { description: "Theirs" });
  await press(page, "Save");
  await press(page, "Show theirs");
  assert.equal(await page.getByLabel("Description").inputValue(), "Theirs");

  await press(page, "New secret…");
  await press(page, "Make it");
  assert.notEqual(await dialog(page).getByRole("textbox", { name: "Client secret" }).inputValue(), first);
  await press(page, "Done");
  await press(page, "Delete…");
  await dialog(page).getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByRole("heading", { name: "Applications", level: 1 }).waitFor();
  assert.equal((await usher.call("GET", `/api/server/v1/applications/${id}`)).status, 404);
  page.quiet();
});

test("an application in the dark", limit, async (t) => {
  const made = await usher.application({ name: "Night", inboundProtocolConfiguration: { oidc: { callbackURLs: ["https://night.example.com/"] } } });
  const page = await open(t, `applications/${made.id}`, "Night", "dark");
  await page.getByLabel("Add a step").waitFor();
  await check(page, "console-application");
  page.quiet();
});

test("the audit log says who changed what", limit, async (t) => {
  const made = await usher.application({ name: "Audited", inboundProtocolConfiguration: { oidc: { callbackURLs: ["https://audited.example.com/"] } } });
  await usher.admin("PATCH", `/api/server/v1/applications/${made.id}`, { description: "Looked at" });
  const page = await open(t, "audit-log", "Audit log");
  await page.getByRole("cell", { name: "Application changed", exact: true }).first().waitFor();
  await check(page, "console-audit");
  await page.getByLabel("To what").fill(made.id);
  await page.getByLabel("Who").fill("admin");
  await page.getByLabel("From").fill("2020-01-01T00:00");
  await page.getByLabel("What was done").fill("application.changed");
  const rows = page.getByRole("row");
  await page.getByRole("cell", { name: "Application created", exact: true }).first().waitFor({ state: "detached" });
  assert.equal(await rows.count(), 2); // the head, and the change
  await page.getByRole("button", { name: /^Detail: Application changed/ }).press("Enter");
  await dialog(page).getByRole("row", { name: "description “” Looked at" }).waitFor();
  await check(page, "console-audit-detail");
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });

  await page.reload(); // the address has the filter
  await page.getByRole("cell", { name: "Application changed", exact: true }).waitFor();
  assert.equal(await page.getByLabel("To what").inputValue(), made.id);
  await page.getByLabel("Who").fill("nobody");
  await page.getByText("No change is like this").waitFor();
  await press(page, "Show all");
  await page.getByRole("cell", { name: "Application created", exact: true }).first().waitFor();
  page.quiet();
});

test("somebody is invited, found, locked, unlocked and deleted", limit, async (t) => {
  const page = await open(t, "users", "Users");
  await page.getByRole("link", { name: "admin", exact: true }).waitFor();
  await press(page, "Invite");
  await dialog(page).getByLabel("User name").fill("grace");
  await dialog(page).getByLabel("E-mail address").fill("grace@example.com");
  await dialog(page).getByLabel("First name").fill("Grace");
  await check(page, "console-invite");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "grace", level: 1 }).waitFor();
  await page.getByText("The invitation is not accepted yet.").waitFor();
  assert.match(await mail(usher, "grace@example.com"), /accept\?confirmation=/);
  await press(page, "Make an invitation link");
  assert.match(await dialog(page).getByRole("textbox", { name: "Link" }).inputValue(), /^http:.*confirmation=/);
  await check(page, "console-invitation-link");
  await press(page, "Done");

  await page.getByRole("link", { name: "Users" }).first().click();
  await page.getByLabel("Search by name or e-mail address").fill("GRACE@");
  await page.getByText("1 user", { exact: true }).waitFor();
  await check(page, "console-users");
  await page.getByLabel("As a SCIM filter").check();
  await page.getByLabel("SCIM filter", { exact: true }).fill("userName is grace");
  await page.getByRole("textbox", { name: "SCIM filter" }).or(page.getByRole("searchbox")).and(page.locator("[aria-invalid=true]")).waitFor();
  await page.getByLabel("SCIM filter", { exact: true }).fill('userName eq "grace"');
  await page.getByRole("link", { name: "grace", exact: true }).click();
  await press(page, "Disable");
  await page.getByText("An administrator has disabled it.").waitFor();
  await check(page, "console-user");
  await press(page, "Enable");
  await press(page, "Unlock");
  await page.getByText("Active", { exact: true }).waitFor();
  await press(page, "Lock");
  await page.getByText("An administrator has locked it.").waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  assert.equal((await usher.admin("GET", `/scim2/Users/${id}`)).body["urn:scim:wso2:schema"].accountState, "LOCKED");
  await press(page, "Delete…");
  await dialog(page).getByLabel("Type grace to go on").fill("grace");
  await dialog(page).getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByRole("heading", { name: "Users", level: 1 }).waitFor();
  assert.equal((await usher.call("GET", `/scim2/Users/${id}`)).status, 404);
  page.quiet();
});

test("a connection is made from what its kind declares, switched off, changed and deleted", limit, async (t) => {
  const page = await open(t, "connections", "Connections");
  await page.getByText("There is no connection yet").waitFor();
  await press(page, "New connection");
  await dialog(page).getByLabel("Kind").selectOption("Google");
  assert.equal(await dialog(page).getByLabel("Name").inputValue(), "Google");
  await press(page, "Create");
  await dialog(page).getByText("Is required.").first().waitFor();
  await check(page, "console-connection-mistake");
  await dialog(page).getByLabel("Client id").fill("shop.example.com");
  await dialog(page).getByLabel("Client secret").fill("not told again");
  await press(page, "Create");
  await page.getByRole("heading", { name: "Google", level: 1 }).waitFor();
  await page.getByLabel("Another attribute").selectOption({ index: 1 });
  await page.getByLabel("Description").fill("People of ours");
  await check(page, "console-connection");
  await press(page, "Save");
  await page.getByText("Saved.", { exact: true }).waitFor();
  await page.getByRole("switch").press("Space");
  await page.getByText("Switched off", { exact: true }).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const { body } = await usher.admin("GET", `/api/server/v1/identity-providers/${id}`);
  assert.deepEqual([body.isEnabled, body.description, body.secretsSet], [false, "People of ours", ["client_secret"]]);
  assert.ok(!(await page.content()).includes("not told again"));
  await page.getByRole("link", { name: "Connections" }).first().click();
  await page.getByRole("switch", { name: "Google enabled" }).waitFor();
  await check(page, "console-connections");
  await page.getByRole("link", { name: "Google" }).click();
  await press(page, "Delete…");
  await dialog(page).getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByText("There is no connection yet").waitFor();
  page.quiet();
});

test("how long sessions last is decided, and goes back to the default", limit, async (t) => {
  const page = await open(t, "sign-in", "Sign-in");
  const settings = async () => (await usher.admin("GET", "/api/server/v1/sign-in/config")).body;
  const before = await settings();
  await page.getByLabel("An unused session lasts").fill("999999");
  await press(page, "Save");
  await page.getByText(/^Must be at most/).waitFor();
  await check(page, "console-sign-in");
  await page.getByLabel("An unused session lasts").fill("600");
  await press(page, "Save");
  await page.getByText("Saved.", { exact: true }).waitFor();
  assert.deepEqual(await settings(), { ...before, sessionIdleSeconds: 600 });
  await press(page, "Back to the defaults…");
  await press(page, "Go back");
  await page.getByText(/Now 2 hours\./).waitFor();
  assert.deepEqual(await settings(), before);
  page.quiet();
});

test("an attribute is added, changed and deleted, a standard one stays", limit, async (t) => {
  const page = await open(t, "attributes", "Attributes");
  await press(page, "New attribute");
  await dialog(page).getByLabel("Name").fill("Shoe size");
  await dialog(page).getByLabel("Claim URI").fill("http://wso2.org/claims/shoeSize");
  await dialog(page).getByLabel("Type").selectOption("Integer");
  await dialog(page).getByLabel("Pattern").fill("(");
  await press(page, "Create");
  await dialog(page).getByText(/^Is not a regular expression/).waitFor();
  await check(page, "console-attribute");
  await dialog(page).getByLabel("Pattern").fill("^[0-9]+$");
  await press(page, "Create");
  await dialog(page).waitFor({ state: "detached" });
  await page.getByLabel("Search").fill("shoe");
  await press(page, "Change Shoe size (shoeSize)");
  await dialog(page).getByLabel("Required").check();
  await press(page, "Save");
  await page.getByRole("cell", { name: "Required" }).waitFor();
  await press(page, "Change Shoe size (shoeSize)");
  await press(page, "Delete…");
  await press(page, "Delete");
  await page.getByText("No attribute is like this").waitFor();
  await page.getByLabel("Search").fill("");
  await check(page, "console-attributes");
  await page.getByRole("button", { name: /\(username\)$/ }).click();
  await press(page, "Delete…");
  await press(page, "Delete");
  await dialog(page).getByText(/can be changed but not deleted/).waitFor();
  page.quiet();
});
