// A user's page of the console in a real browser, against the built binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startChromium } from "../chromium.js";
import { check, mail, visitor } from "../portal.js";
import { startSite } from "../site.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 120_000 };
const size = { viewport: { width: 1280, height: 720 } };
let application, usher, browser;

before(async () => {
  application = await startSite();
  usher = await startUsher({
    USHER_RATE_LIMITS: "off", USHER_CORS_ORIGINS: application.origin, USHER_WEBAUTHN_ORIGINS: application.origin,
  });
  await usher.publish(await usher.template("REGISTRATION", "basic-passkey"));
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, application]) await one?.stop();
});

// open is the list of users, the administrator signed in.
async function open(t, device = "desktop", options = size) {
  const page = await visitor(t, browser, usher, device, options);
  await page.goto(`${usher.url}/console/users`);
  await page.getByLabel(/^user ?name/i).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("Browser.Admin.26");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Users", level: 1 }).waitFor();
  return page;
}

// enrolled is somebody who has signed up with a passkey.
async function enrolled(t, email) {
  const page = await openPage(browser, application.origin, usher.url);
  t.after(() => page.close());
  await page.addAuthenticator("internal");
  await page.start("REGISTRATION", { email, givenname: "Ada", lastname: "Lovelace" });
  await page.submit({ origin: page.origin });
  assert.equal((await page.answer()).flowStatus, "COMPLETE");
  const { body } = await usher.admin("GET", `/scim2/Users?filter=${encodeURIComponent(`emails.value eq "${email}"`)}`);
  return body.Resources[0];
}

const find = async (page, text, name) => {
  await page.getByRole("searchbox").fill(text);
  await page.getByRole("link", { name }).press("Enter");
  await page.getByRole("heading", { name, level: 1 }).waitFor();
};

test("a user is found, changed, loses a passkey, is signed out and deleted, by keyboard", limit, async (t) => {
  const ada = await enrolled(t, "ada@example.com");
  const page = await open(t);
  await find(page, "ada@", ada.userName);
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("User name").press("Tab");
  await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
  await page.getByText("Nothing was saved. What has to change is marked.").waitFor();
  assert.equal(await page.getByLabel("User name").getAttribute("aria-invalid"), "true");
  await check(page, "console-user-conflict");
  await page.getByLabel("User name").fill(ada.userName);
  await page.getByRole("button", { name: "Show all" }).press("Enter");
  await page.getByLabel(/^Title/).fill("Countess");
  await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
  await page.getByText("Saved.", { exact: true }).waitFor();
  assert.equal((await usher.admin("GET", `/scim2/Users/${ada.id}`)).body.title, "Countess");

  // Somebody else is first: nothing of theirs is lost.
  await page.getByLabel(/^Title/).fill("Mine");
  await usher.admin("PATCH", `/scim2/Users/${ada.id}`, { Operations: [{ op: "replace", path: "title", value: "Theirs" }] });
  await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
  await page.getByRole("button", { name: "Show theirs" }).press("Enter");
  assert.equal(await page.getByLabel(/^Title/).inputValue(), "Theirs");

  await page.getByRole("button", { name: "Remove the passkey 1" }).press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).press("Enter");
  await page.getByText("It is gone.").waitFor();
  assert.deepEqual((await usher.admin("GET", `/api/server/v1/users/${ada.id}/proofs`)).body.passkeys, []);

  await page.getByRole("button", { name: "Sign out everywhere…" }).press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).press("Enter");
  await page.getByText("They are signed out everywhere.").waitFor();

  await page.getByRole("button", { name: "Delete…" }).press("Enter");
  await check(page, "console-user-delete");
  await page.getByLabel(`Type ${ada.userName} to go on`).fill(ada.userName);
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByRole("heading", { name: "Users", level: 1 }).waitFor();
  assert.equal((await usher.call("GET", `/scim2/Users/${ada.id}`)).status, 404);
});

test("somebody who lost the invitation, and somebody who lost the password, are sent a mail", limit, async (t) => {
  await usher.admin("PATCH", "/api/server/v1/flow/config", { flowType: "PASSWORD_RECOVERY", isEnabled: true });
  for (const [userName, rest] of [["ivy", { "urn:scim:wso2:schema": { askPassword: true } }], ["rob", { password: "Robs.Password.26" }]]) {
    await usher.admin("POST", "/scim2/Users", { userName, emails: [{ value: `${userName}@example.com` }], ...rest });
  }
  const page = await open(t);
  const linkIn = (text) => /http\S+\/accounts\/\S+/.exec(text)[0];
  const first = linkIn(await mail(usher, "ivy@example.com"));

  await find(page, "ivy", "ivy");
  await page.getByRole("button", { name: "Send the invitation again" }).press("Enter");
  await page.getByText("A mail to ivy@example.com is on its way.").waitFor();
  await check(page, "console-user-invited");
  const second = linkIn(await mail(usher, "ivy@example.com", 2));
  await page.goto(first);
  await page.getByRole("alert").waitFor();
  await page.goto(second);
  await page.locator("[autocomplete=new-password]").waitFor();

  await page.goto(`${usher.url}/console/users`);
  await find(page, "rob", "rob");
  await page.getByRole("button", { name: "Send a recovery mail" }).press("Enter");
  await page.getByText("A mail to rob@example.com is on its way.").waitFor();
  const recovery = linkIn(await mail(usher, "rob@example.com"));
  assert.equal(recovery, `${usher.url}/accounts/recover`);
  await page.goto(recovery);
  await page.getByRole("button").first().waitFor();
  assert.equal((await usher.call("GET", "/scim2/Me", undefined, "rob:Robs.Password.26")).status, 200);
});

for (const [device, options] of [["phone", {}], ["dark", {}]]) {
  test(`a user's page can be used on ${device}`, limit, async (t) => {
    const one = await enrolled(t, `${device}@example.com`);
    const page = await open(t, device, options);
    await find(page, `${device}@`, one.userName);
    await page.getByRole("table", { name: "Passkeys" }).waitFor();
    await page.getByLabel("Administrator").waitFor();
    await check(page, "console-user");
    page.quiet();
  });
}
