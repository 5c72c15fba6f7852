// The example application as `make example` starts it, used with the keyboard
// only.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { startExample } from "../example.js";

const password = "correct horse battery";
let example, browser;

before(async () => {
  example = await startExample();
  browser = await startChromium();
}, { timeout: 120_000 });

after(async () => {
  await browser?.close();
  await example?.remove();
});

const limit = { timeout: 60_000 };

async function visit(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && page.faults.push(message.text()));
  await page.goto(example.shop);
  return page;
}

// tabTo moves on with the tabulator until what has the focus has the name.
async function tabTo(page, role, name) {
  const target = page.getByRole(role, { name, exact: true });
  await target.waitFor();
  for (let i = 0; i < 20; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the tabulator does not lead to ${name}`);
}

async function enter(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    await tabTo(page, "textbox", name);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(value);
  }
  await page.keyboard.press("Enter");
}

async function press(page, name) {
  await tabTo(page, "button", name);
  await page.keyboard.press("Enter");
}

const heading = (page, name) => page.getByRole("heading", { name }).waitFor();

test("somebody joins, signs out and signs in again", limit, async (t) => {
  const page = await visit(t);
  await enter(page, { Email: "ada@example.com", Password: "short" });
  const wrong = page.getByRole("textbox", { name: "Password" });
  await page.getByText("at least 8 characters").waitFor();
  assert.equal(await wrong.getAttribute("aria-invalid"), "true");
  assert.ok(await wrong.evaluate((input) => input === document.activeElement && input.ariaDescribedByElements[0].textContent.includes("8")));
  assert.equal(await page.getByRole("textbox", { name: "Email" }).inputValue(), "ada@example.com");
  await enter(page, { Password: password });
  await heading(page, "Hello, ada@example.com");
  await page.getByText("BasicAuthenticator").waitFor();

  const cookies = await page.context().cookies(example.shop);
  const session = cookies.find((cookie) => cookie.name === "shop_session");
  assert.deepEqual([session.httpOnly, session.sameSite], [true, "Lax"]);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
  assert.ok(!/eyJ/.test(await page.content())); // as every JWT begins

  await press(page, "Sign out");
  await page.getByText("You are signed out.").waitFor();
  await press(page, "Sign in");
  await page.waitForURL(`${example.usher}/accounts/login?*`);
  await enter(page, { Username: "ada@example.com", Password: password });
  await page.waitForURL(`${example.shop}/`);
  await heading(page, "Hello, ada@example.com");

  // Usher knows the person now, until they sign out.
  await page.context().clearCookies({ name: "shop_session" });
  await page.goto(example.shop);
  await press(page, "Sign in");
  await heading(page, "Hello, ada@example.com");
  await press(page, "Sign out");
  await page.getByText("You are signed out.").waitFor();
  await press(page, "Sign in");
  await page.waitForURL(`${example.usher}/accounts/login?*`);
  assert.deepEqual(page.faults, []);
});

test("an answer that nobody asked for signs nobody in", limit, async (t) => {
  const page = await visit(t);
  await page.goto(`${example.shop}/callback?code=x&state=y&iss=${encodeURIComponent(example.usher)}`);
  await page.getByText("That did not work.").waitFor();
  const response = await fetch(`${example.shop}/joined`, {
    method: "POST", headers: { Origin: "https://evil.example" }, body: new URLSearchParams({ assertion: "x" }), redirect: "manual",
  });
  assert.equal(response.status, 403);
});

test("it is started again with everybody it knows", limit, async (t) => {
  const first = await visit(t);
  await enter(first, { Email: "grace@example.com", Password: password });
  await heading(first, "Hello, grace@example.com");
  await example.stop();
  for (const address of [example.shop, example.usher]) await assert.rejects(fetch(address));
  await example.start();
  const page = await visit(t);
  await press(page, "Sign in");
  await enter(page, { Username: "grace@example.com", Password: password });
  await heading(page, "Hello, grace@example.com");
});
