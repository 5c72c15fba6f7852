// The flow builder in a real browser, against the built binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { check, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 90_000 };
const size = { viewport: { width: 1280, height: 720 } };
let usher, browser;

before(async () => {
  usher = await startUsher();
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

// design opens the builder of a flow from its card.
async function design(t, flow) {
  const page = await visitor(t, browser, usher, "desktop", size);
  await page.goto(`${usher.url}/console/`);
  await page.getByLabel(/^user ?name/i).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("Browser.Admin.26");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: flow }).getByRole("link", { name: "Design" }).click();
  return page;
}

// until waits for what the server comes to know in its own time.
async function until(so) {
  for (let tries = 0; !(await so()); tries++) {
    assert.ok(tries < 100, "it never is");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("a flow is designed, saved, published and run", limit, async (t) => {
  const page = await design(t, "Registration");
  await page.getByRole("button", { name: "Email, Email field" }).click();
  const label = page.getByLabel("Label", { exact: true });
  await label.fill("Your address");
  await page.getByText("Draft saved").waitFor();
  await check(page, "console-builder");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Email, Email field" }).waitFor();
  await page.getByRole("button", { name: "Redo" }).click();
  await page.getByRole("button", { name: "Your address, Email field" }).waitFor();
  await until(async () => JSON.stringify((await usher.admin("GET", "/api/server/v1/flow/draft?flowType=REGISTRATION")).body).includes("Your address"));

  // What runs is what is live, until the draft is published.
  const start = async () => JSON.stringify(await (await fetch(`${usher.url}/api/server/v1/flow/execute`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ flowType: "REGISTRATION" }),
  })).json());
  assert.ok(!(await start()).includes("Your address"));
  await page.getByRole("link", { name: "Back to the flows" }).click();
  await page.getByRole("region", { name: "Registration" }).getByRole("button", { name: "Publish…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Publish/ }).click();
  await page.getByRole("region", { name: "Registration" }).getByText("Version 2").waitFor();
  assert.ok((await start()).includes("Your address"));
  page.quiet();
});
