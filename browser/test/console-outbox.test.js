// The console's outbox and settings in a real browser, against the built binary
// and a mail server that refuses at first.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { startMailServer } from "../mailserver.js";
import { check, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 90_000 };

let usher, mail, browser;

before(async () => {
  mail = await startMailServer();
  usher = await startUsher({ USHER_RATE_LIMITS: "off", USHER_SMTP_URL: mail.url, USHER_MAIL_FROM: "no-reply@example.com" });
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, mail]) await one?.stop();
});

// open is the page of the console with the heading, the administrator signed in.
async function open(t, path, heading, device = "desktop") {
  const page = await visitor(t, browser, usher, device);
  await page.goto(`${usher.url}/console/${path}`);
  await page.getByLabel(/^user ?name/i).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("Browser.Admin.26");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
  return page;
}

// invite has the server queue a mail.
const invite = (name) =>
  usher.admin("POST", "/scim2/Users", {
    userName: name,
    emails: [{ value: `${name}@example.org`, primary: true }],
    "urn:scim:wso2:schema": { askPassword: true },
  });

// row is the line of the message to the masked address.
const row = (page, to) => page.getByRole("row").filter({ hasText: to });

test("an empty outbox says where messages go", limit, async (t) => {
  const page = await open(t, "outbox", "Outbox");
  await page.getByRole("heading", { name: "No message was queued lately" }).waitFor();
  await page.getByText("E-mail goes to a mail server. Text messages become files in the folder data/outbox of the server.").waitFor();
  await check(page, "console-outbox-empty");
  page.quiet();
});

test("what the mail server refuses waits, is tried again, and arrives", limit, async (t) => {
  mail.answer = "451 4.7.1 come back later, wanda@example.org";
  const page = await open(t, "outbox", "Outbox");
  await invite("wanda"); // it shows by itself
  const wanda = row(page, "w…@example.org");
  await wanda.getByText("smtp: RCPT answered 451 4.7.1", { exact: true }).waitFor();
  assert.equal(await page.getByText("wanda@example.org").count(), 0);
  await check(page, "console-outbox");
  mail.answer = "250 OK";
  await wanda.getByRole("button", { name: /^Try again now/ }).press("Enter");
  await wanda.getByText("Delivered").waitFor();
  assert.equal(await wanda.getByRole("button").count(), 0);
  assert.equal(mail.received.filter((letter) => letter.includes("wanda@example.org")).length, 1);
  await check(page, "console-outbox-delivered");
  page.quiet();
});

test("what was given up is dropped, by keyboard", limit, async (t) => {
  mail.answer = "550 5.1.1 nobody here";
  await invite("victor");
  const page = await open(t, "outbox?state=given_up", "Outbox", "dark");
  const victor = row(page, "v…@example.org");
  await victor.getByText("Given up").waitFor();
  await victor.getByRole("button", { name: /^Try again now/ }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await check(page, "console-outbox-drop");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await victor.getByRole("button", { name: /^Drop/ }).press("Enter");
  await dialog.getByRole("button", { name: "Drop" }).press("Enter");
  await page.getByText("No message is in the state “Given up”").waitFor();
  await page.getByLabel("State").selectOption("Dropped");
  await victor.getByText("Dropped").waitFor();
  const { body } = await usher.admin("GET", "/api/server/v1/audit-log?kind=message.dropped");
  assert.equal(body.entries.length, 1);
  assert.equal(JSON.stringify(body).includes("victor"), false);
  page.quiet();
});

test("the outbox on a phone", limit, async (t) => {
  mail.answer = "451 later";
  await invite("pia");
  const page = await open(t, "outbox", "Outbox", "phone");
  await row(page, "p…@example.org").getByText("smtp: RCPT answered 451").waitFor();
  await check(page, "console-outbox");
  page.quiet();
});

for (const device of ["desktop", "phone", "dark"]) {
  test(`the settings on the ${device}`, limit, async (t) => {
    const page = await open(t, "settings", "Settings", device);
    const messages = page.getByRole("region", { name: "Messages" });
    await messages.getByText("USHER_SMTP_URL").waitFor();
    await messages.getByText("no-reply@example.com", { exact: true }).waitFor();
    assert.equal((await page.content()).includes("Browser.Admin.26"), false);
    await check(page, "console-settings");
    page.quiet();
  });
}
