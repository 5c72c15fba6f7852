// Whatever the builder has can be reached by keyboard, and seen, at 1280 by 720.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { Designer, openConsole, size } from "../designer.js";
import { startUsher } from "../usher.js";
import { reach } from "../walker.js";

const limit = { timeout: 90_000 };
const path = "/console/flows/PASSWORD_RECOVERY/design";
let usher, browser;

before(async () => {
  usher = await startUsher({ USHER_RATE_LIMITS: "off" });
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

async function open(t, device) {
  const page = await openConsole(t, browser, usher, { path, device });
  await page.locator(".canvas .piece").first().waitFor();
  return new Designer(page, usher, "PASSWORD_RECOVERY");
}

// stops goes round the page by the tabulator key, and returns what it stops at:
// everything it does is in sight.
async function stops(page) {
  const names = [];
  for (let n = 0; n < 120; n++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return undefined;
      const { left, top, right, bottom } = e.getBoundingClientRect();
      const name = e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? e.textContent;
      return { name: name.trim(), seen: right > 0 && bottom > 0 && left < innerWidth && top < innerHeight && bottom - top > 0 };
    });
    if (!at) return names; // round to the browser's own
    assert.ok(at.seen, `${at.name} is out of sight`);
    names.push(at.name);
  }
  throw new Error(`there is no end of stops: ${names.join(", ")}`);
}

const has = (names, wanted) => names.some((name) => name.startsWith(wanted));

test("all of the builder is a few stops by keyboard, and in sight", limit, async (t) => {
  const d = await open(t, "desktop");
  const { page } = d;
  const { executors } = await d.meta();
  await d.step("Page Forgot your password?").locator(".step-head").click();
  await page.locator(".bar-title").evaluate((e) => { e.tabIndex = -1; e.focus(); });
  const names = await stops(page);
  for (const wanted of ["Tidy up", "Search", "Find a part", "Steps", "Fields", "Page Forgot your password?", "User name, Text field", "Zoom in", "Show all", "Properties", "Id", "Duplicate", "Delete"]) {
    assert.ok(has(names, wanted), `${wanted} is no stop: ${names.join(", ")}`);
  }
  assert.ok(names.length <= 45, `${names.length} stops: ${names.join(", ")}`);

  // What is not a stop of its own is reached from one by arrow keys.
  const parts = page.getByRole("region", { name: "Add", exact: true });
  await reach(page, parts.getByRole("searchbox"));
  const reached = new Set();
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press("ArrowDown");
    reached.add(await page.evaluate(() => document.activeElement.textContent.trim()));
  }
  for (const { label } of executors) assert.ok(reached.has(label), `${label} cannot be reached`);
  await page.getByRole("tab", { name: "Properties" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Problems/);
  const wider = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
  assert.deepEqual(wider.map((n) => Math.max(n, 0)), [0, 0], "the builder fits the window");
  page.quiet();
});

for (const device of ["desktop", "dark"]) {
  test(`every state of the builder is accessible, ${device}`, limit, async (t) => {
    const d = await open(t, device);
    const { page } = d;
    await d.check("builder-nothing-selected");
    await d.piece("User name, Text field").click();
    await d.check("builder-field");
    await page.locator(".canvas .piece[aria-label$=', Button']").first().click();
    await d.check("builder-button");
    await d.step("Page Check your e-mail").locator(".step-head").click();
    await d.check("builder-step");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Search" }).getByRole("combobox").fill("code");
    await d.check("builder-search");
    await page.keyboard.press("Escape");
    await page.locator(".canvas").press("Control+a");
    await page.keyboard.press("Delete");
    await page.getByRole("tab", { name: /Problems/ }).click();
    await page.locator(".problem").first().waitFor();
    await d.check("builder-emptied");
    await page.getByRole("button", { name: /^Undo: / }).click();
    await page.getByText("Nothing keeps this flow from running.").waitFor();
    await d.check("builder-no-problems");
    assert.deepEqual(page.viewportSize(), size.viewport);
    page.quiet();
  });
}
