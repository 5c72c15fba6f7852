// How soon the console can be used, how much it loads, and how smooth a large
// flow stays, in a browser whose processor is four times slower than it is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { Designer, openConsole } from "../designer.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 120_000 };
/** Milliseconds to the first control that can be used, and bytes of the first load. */
const soon = 2_000;
const most = 400_000;
/** Milliseconds between frames while something is dragged: the middle one, and all but one in twenty. */
const smooth = { middle: 34, most: 100 };
/** A busy machine gets more tries; the best of them counts. */
const tries = 12;
let usher, browser;

before(async () => {
  usher = await startUsher({ USHER_RATE_LIMITS: "off" });
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

// slow makes the page's processor four times slower.
async function slow(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  return cdp;
}

const pages = {
  "the overview": ["/console/flows", (page) => page.getByRole("switch").first()],
  "the builder": ["/console/flows/REGISTRATION/design", (page) => page.locator(".canvas .piece").first()],
};

for (const [name, [path, control]] of Object.entries(pages)) {
  test(`${name} can be used soon, by somebody who is signed in`, limit, async (t) => {
    const page = await openConsole(t, browser, usher, { path });
    await control(page).waitFor();
    await slow(page);
    let best = Infinity;
    for (let n = 0; n < tries && best > soon; n++) {
      const begun = performance.now();
      await page.goto(usher.url + path, { waitUntil: "commit" });
      await control(page).waitFor();
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))); // it answers
      best = Math.min(best, performance.now() - begun);
    }
    t.diagnostic(`${Math.round(best)} ms`);
    assert.ok(best <= soon, `${Math.round(best)} ms`);
    page.quiet();
  });

  test(`${name} takes less than ${most / 1000} kB at first`, limit, async (t) => {
    const page = await openConsole(t, browser, usher, { path });
    await control(page).waitFor();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Network.enable");
    await cdp.send("Network.clearBrowserCache"); // what the round trip of the sign-in loads is not loaded again
    let bytes = 0;
    cdp.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(usher.url + path);
    await control(page).waitFor();
    await page.waitForLoadState("networkidle");
    t.diagnostic(`${Math.round(bytes / 1000)} kB`);
    assert.ok(bytes > 50_000 && bytes <= most, `${bytes} bytes`);
  });
}

// chain is a flow of sixty pages, each with a field and a button to the next.
function chain(length) {
  const steps = Array.from({ length }, (_, i) => ({
    id: `page${i}`, type: "VIEW", size: { width: 280, height: 200 }, position: { x: (i % 10) * 400, y: Math.floor(i / 10) * 320 },
    data: { components: [
      { id: `page${i}_heading`, category: "DISPLAY", type: "TYPOGRAPHY", variant: "H3", config: { text: `Page ${i}` } },
      { id: `page${i}_form`, category: "BLOCK", type: "FORM", config: {}, components: [
        { id: `page${i}_input`, category: "FIELD", type: "INPUT", variant: "TEXT", config: { identifier: `http://wso2.org/claims/givenname`, label: "Name" } },
        { id: `page${i}_go`, category: "ACTION", type: "BUTTON", variant: "PRIMARY", config: { type: "submit", text: "On" }, action: { type: "NEXT", next: i < length - 1 ? `page${i + 1}` : "END" } },
      ] },
    ] },
  }));
  return { flowType: "REGISTRATION", steps };
}

test("sixty steps stay smooth", limit, async (t) => {
  await usher.admin("PUT", "/api/server/v1/flow/draft?flowType=REGISTRATION", chain(60));
  const page = await openConsole(t, browser, usher, { path: "/console/flows/REGISTRATION/design" });
  const d = new Designer(page, usher, "REGISTRATION");
  await d.step("Page Page 31").waitFor();
  await page.waitForLoadState("networkidle");
  const ways = {
    "dragging a step": () => center(d.step("Page Page 31").locator(".step-head")),
    "moving the view": async () => ({ x: 640, y: 705 }),
  };
  for (const [name, from] of Object.entries(ways)) {
    let best = { middle: Infinity, most: Infinity };
    for (let n = 0; n < tries && (best.middle > smooth.middle || best.most > smooth.most); n++) {
      const frames = await moved(page, await from());
      if (frames.middle + frames.most < best.middle + best.most) best = frames;
    }
    t.diagnostic(`${name}: ${best.middle.toFixed(1)} ms, at most ${best.most.toFixed(1)} ms a frame`);
    assert.ok(best.middle <= smooth.middle && best.most <= smooth.most, `${name}: ${JSON.stringify(best)}`);
  }
  page.quiet();
});

async function center(one) {
  const box = await one.boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

// moved drags from a place to and fro, and measures the frames meanwhile.
async function moved(page, { x, y }) {
  await page.evaluate(() => {
    const times = [];
    globalThis.frames_ = times;
    const frame = (at) => {
      times.push(at);
      if (globalThis.frames_ === times) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const [dx, dy] of [[60, -20], [-60, -40], [0, 0]]) await page.mouse.move(x + dx, y + dy, { steps: 15 });
  await page.mouse.up();
  return page.evaluate(() => {
    const times = globalThis.frames_;
    globalThis.frames_ = undefined;
    const gaps = times.slice(1).map((at, i) => at - times[i]).sort((a, b) => a - b);
    return { middle: gaps[Math.floor(gaps.length / 2)], most: gaps[Math.floor(gaps.length * 0.95)] };
  });
}
