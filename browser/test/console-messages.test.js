// The words of messages in the console, and what people get then, against the
// built binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { check, mail, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 120_000 };

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
  const page = await visitor(t, browser, usher, device, device === "phone" ? {} : { viewport: { width: 1280, height: 900 } });
  await page.goto(`${usher.url}/console/${path}`);
  await page.getByLabel(/^user ?name/i).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("Browser.Admin.26");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
  return page;
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const letter = (page) => page.frameLocator('iframe[title="The mail as it looks"]');

// register goes through a registration as far as the mail with the code, and
// returns that.
async function register(email) {
  const execute = (body) => usher.admin("POST", "/api/server/v1/flow/execute", body);
  const { body: begun } = await execute({ flowType: "REGISTRATION" });
  const username = email.split("@")[0];
  const inputs = { username, emailaddress: email, givenname: "Ada", lastname: "Lovelace", password: "N3w-password" };
  const { body } = await execute({ flowId: begun.flowId, inputs });
  assert.equal(body.flowStatus, "INCOMPLETE", JSON.stringify(body));
  return mail(usher, email);
}

test("somebody writes the mail with a code, and people get it", limit, async (t) => {
  await usher.publish(await usher.template("REGISTRATION", "basic-email-code"));
  const page = await open(t, "messages", "Messages");
  await page.getByRole("table", { name: "Text messages" }).waitFor();
  await check(page, "console-messages");
  await page.getByRole("link", { name: "E-mail code" }).press("Enter");
  await page.getByRole("heading", { name: "E-mail code", level: 1 }).waitFor();
  await letter(page).getByText("123456", { exact: true }).waitFor();
  const drawn = await letter(page).getByText("123456", { exact: true }).evaluate((e) => getComputedStyle(e).fontSize);
  assert.equal(drawn, "28px"); // the styles of mails count in spite of the policy
  await check(page, "console-message");

  // By keyboard alone: what is wrong is said, the placeholder put in its place.
  await page.getByLabel("Subject").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Welcome to Acme");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Here is your <code>:\n\n\n\nSee you soon,\nAcme");
  await page.getByText("Must have {{code}}.").waitFor();
  await check(page, "console-message-mistake");
  await press(page, "Save");
  await page.getByText("Nothing was saved. What has to change is marked.").waitFor();
  await page.getByLabel("Body").focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("button", { name: "Insert {{code}}" }).press("Enter");
  assert.equal(await page.getByLabel("Body").inputValue(), "Here is your <code>:\n\n{{code}}\n\nSee you soon,\nAcme");
  await page.getByText("Must have {{code}}.").waitFor({ state: "detached" });
  await letter(page).getByText("Here is your <code>:").waitFor();
  await press(page, "Phone");
  await press(page, "Dark");
  await letter(page).getByText("123456", { exact: true }).waitFor();
  const back = await letter(page).locator(".sheet").evaluate((e) => getComputedStyle(e).backgroundColor);
  assert.equal(back, "rgb(30, 33, 39)");
  await check(page, "console-message-looks");

  // Whoever writes it gets what is written, before anybody else does.
  await press(page, "Send me a test");
  await page.getByText("The test cannot reach you. Your account has no e-mail address.").waitFor();
  await usher.admin("PATCH", "/scim2/Me", { Operations: [{ op: "add", path: "emails", value: ["admin@example.com"] }] });
  await press(page, "Send me a test");
  await page.getByText("A test is on its way to admin@example.com.").waitFor();
  const tried = await mail(usher, "admin@example.com");
  assert.match(tried, /^Subject: \[Test\] Welcome to Acme\r?$/m);
  assert.match(tried, /Here is your <code>:\r?\n\r?\n123456\r?\n/);
  await check(page, "console-message-tested");

  // Nobody loses what is not saved.
  await page.getByRole("link", { name: "German" }).click();
  await press(page, "Stay");
  await press(page, "Save");
  await page.getByText("Saved. It is said from now on.").waitFor();
  await page.getByRole("link", { name: "English Your own" }).waitFor();

  const first = await register("first@example.com");
  assert.match(first, /^Subject: Welcome to Acme\r?$/m);
  assert.match(first, /Here is your <code>:\r?\n\r?\n\d{6}\r?\n\r?\nSee you soon,\r?\nAcme\r?\n\r?\n-- /);

  await page.getByRole("tab", { name: "Plain text" }).click();
  await page.getByText("See you soon,", { exact: false }).last().waitFor();
  await press(page, "Back to the default…");
  await press(page, "Go back");
  await page.getByText("It says the default.").waitFor();
  assert.match(await register("second@example.com"), /^Subject: Your verification code\r?$/m);
  page.quiet();
});

test("what somebody else has saved meanwhile is not lost", limit, async (t) => {
  const page = await open(t, "messages/invitation/de", "Invitation");
  await page.getByLabel("Subject").fill("Mein Betreff");
  await usher.admin("PUT", "/api/server/v1/message-templates/invitation/de", { subject: "Ihrer", body: "Kommen Sie:\n{{link}}" });
  await press(page, "Save");
  await press(page, "Show theirs");
  assert.equal(await page.getByLabel("Subject").inputValue(), "Ihrer");
  await letter(page).getByRole("link", { name: "Kommen Sie", exact: true }).waitFor();
  page.quiet();
});

test("a text message is shown with what it costs, on a phone", limit, async (t) => {
  const page = await open(t, "messages/sms-otp/en", "Text message code", "phone");
  await page.getByText(/^1 segment\. \d+ characters, \d+ more fit \(GSM-7\)\.$/).waitFor();
  await page.getByLabel("Body").fill("{{code}} 🙂 is your code.");
  await page.getByText(/\(UCS-2\)/).waitFor();
  await check(page, "console-message-text");
  // A phone shows what is too wide smaller, and then says that it is not.
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
  page.quiet();
});

test("mails in the dark, with a tenant's colours", limit, async (t) => {
  await usher.admin("POST", "/api/server/v1/branding-preference", {
    type: "ORG", preference: { organizationDetails: { displayName: "Acme" }, theme: { activeTheme: "LIGHT", LIGHT: { colors: { primary: { main: "#7a1fa2" } } } } },
  });
  const page = await open(t, "messages/magic-link/en", "Magic link", "dark");
  const button = letter(page).getByRole("link", { name: "Continue", exact: true });
  await button.waitFor();
  assert.equal(await button.evaluate((e) => getComputedStyle(e).backgroundColor), "rgb(122, 31, 162)");
  await letter(page).getByText("Acme", { exact: true }).waitFor();
  await check(page, "console-message");
  page.quiet();
});
