// What people see who have asked for too much, on the hosted pages and in the
// console, in a real browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { check, devices, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 120_000 };
let strict, usher, browser;

before(async () => {
  strict = await startUsher({ USHER_LIMIT_STARTS: "1" });
  usher = await startUsher();
  browser = await startChromium();
  const { body } = await usher.admin("GET", "/scim2/Me");
  await usher.admin("PATCH", `/scim2/Users/${body.id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "add", path: "emails", value: [{ value: "admin@example.com", primary: true }] }],
  });
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, strict]) await one?.stop();
});

for (const device of Object.keys(devices)) {
  test(`a page says when to come back, on a ${device}`, limit, async (t) => {
    const page = await visitor(t, browser, strict, device);
    await fetch(`${strict.url}/accounts/register`); // the one that may be in a minute
    const answer = await page.goto(`${strict.url}/accounts/register`);
    assert.equal(answer.status(), 429);
    const seconds = Number(answer.headers()["retry-after"]);
    assert.ok(seconds >= 1 && seconds <= 60, `Retry-After ${seconds}`);
    await page.getByRole("heading", { name: "Too many requests", level: 1 }).waitFor();
    assert.match(await page.locator("main").textContent(), /You can try again in \d+ (s|min)\b/);
    await check(page, "too-many");
    page.quiet();
  });

  test(`the console says when to come back, on a ${device}`, limit, async (t) => {
    const page = await visitor(t, browser, usher, device);
    const template = { desktop: "email-otp", phone: "magic-link", dark: "invitation" }[device];
    await page.goto(`${usher.url}/console/messages/${template}/en`);
    await page.getByLabel(/^user ?name/i).fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("Browser.Admin.26");
    await page.keyboard.press("Enter");
    const send = page.getByRole("button", { name: "Send me a test" });
    await send.click();
    await page.getByText("A test is on its way to admin@example.com.").waitFor();
    await send.click();
    const said = page.getByText(/^Too many requests. Try again in \d+ seconds.$/);
    await said.waitFor();
    await check(page, "console-too-many");
    page.quiet();
  });
}
