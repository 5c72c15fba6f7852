// A person in front of the hosted pages.
import assert from "node:assert/strict";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const axe = await readFile(fileURLToPath(new URL("node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");
const pictures = fileURLToPath(new URL("../build/screenshots", import.meta.url));

export const devices = {
  desktop: { viewport: { width: 1100, height: 900 } },
  phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  dark: { viewport: { width: 1100, height: 900 }, colorScheme: "dark" },
};

// visitor opens a browser window of its own. Whatever the pages complain about
// on the console makes its test fail: that is where violations of the policy
// are reported.
export async function visitor(t, browser, usher, device = "desktop", options = {}) {
  const context = await browser.newContext({ ...devices[device], locale: "en-GB", ...options });
  const complaints = [];
  context.on("console", (message) => {
    // Providers' pages have complaints of their own.
    const ours = message.location().url.startsWith(usher.url) || message.text().includes("Content Security Policy");
    if (message.type() === "error" && ours) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  t.after(() => context.close());
  return Object.assign(page, {
    complaints,
    device,
    scriptless: options.javaScriptEnabled === false,
    // quiet checks that nothing went wrong in the browser; expected answers of
    // 4xx are not wrong.
    quiet: () => assert.deepEqual(complaints.filter((text) => !/status of 4\d\d/.test(text)), []),
  });
}

// check holds the page to WCAG 2.2 AA as far as axe-core can, and keeps a
// picture of it. What equivalent selects may be smaller than a target has to be
// because the page offers the same elsewhere (WCAG 2.2, 2.5.8, Equivalent).
export async function check(page, name, equivalent = ":not(*)") {
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}-${page.device}.png`), fullPage: true });
  const seen = page.scriptless ? await copy(page) : page;
  const cdp = await sessionOf(seen);
  const run = `${axe};axe.run({resultTypes:["violations"],runOnly:["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]})
    .then((r) => JSON.stringify(r.violations.map((v) => [v.id, ...v.nodes
      .filter((n) => v.id !== "target-size" || !document.querySelector(n.target[0]).matches(${JSON.stringify(equivalent)})).map((n) => n.html)])
      .filter(([, ...nodes]) => nodes.length > 0)))`;
  const { result } = await cdp.send("Runtime.evaluate", { expression: run, awaitPromise: true, returnByValue: true });
  assert.equal(result.value, "[]", `${name} on ${page.device}`);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${name} on ${page.device} is ${wider} px too wide`);
}

// copy is what somebody without scripts sees, in a window that has them, for
// axe-core needs some; those of the page are left out.
async function copy(page) {
  if (!page.twin) {
    const context = await page.context().browser().newContext(devices[page.device]);
    page.once("close", () => context.close());
    page.twin = await context.newPage();
  }
  const { twin } = page;
  const body = (await page.content()).replaceAll(/<script[\s\S]*?<\/script>/g, "").replaceAll(/<(\/?)noscript>/g, "<$1div>");
  await twin.unrouteAll();
  await twin.route((url) => url.href === page.url(), (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body }));
  await twin.goto(page.url());
  return twin;
}

// cost is how many bytes the page takes at first, how many milliseconds after
// the response something is painted, the best of some times because machines
// have other things to do, and how much of it moves (layout shift).
export async function cost(page) {
  const first = await measure(page);
  // The best of a few; of more on a machine that has other things to do.
  for (let i = 0; i < 4 || (i < 20 && first.paint >= 100); i++) {
    await page.reload();
    const { paint, shift } = await measure(page);
    first.paint = Math.min(first.paint, paint);
    first.shift = Math.max(first.shift, shift);
  }
  return first;
}

function measure(page) {
  return page.evaluate(() => new Promise((resolve) => {
    let shift = 0;
    new PerformanceObserver((list) => { for (const e of list.getEntries()) shift += e.value; }).observe({ type: "layout-shift", buffered: true });
    const done = () => {
      const [nav] = performance.getEntriesByType("navigation");
      const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
      if (paint === undefined) return setTimeout(done, 50);
      const all = [nav, ...performance.getEntriesByType("resource")];
      resolve({ bytes: all.reduce((n, e) => n + e.transferSize, 0), paint: paint - nav.responseEnd, shift });
    };
    setTimeout(done, 300);
  }));
}

// sessionOf is the page's one session of the DevTools protocol: ending another
// would unplug its authenticators.
async function sessionOf(page) {
  page.devtools ??= await page.context().newCDPSession(page);
  return page.devtools;
}

// mail returns the text of the last mail to the address, once there are at
// least as many as seen.
export async function mail(usher, address, seen = 1) {
  const folder = join(usher.folder, "data/outbox");
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const letters = [];
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.endsWith(".eml")) continue;
      const text = await readFile(join(folder, name), "utf8").catch(() => "");
      if (text.includes(address)) letters.push({ text: decode(text), at: Date.parse(/^Date: (.*)$/m.exec(text)?.[1] ?? "") });
    }
    letters.sort((a, b) => a.at - b.at);
    if (letters.length >= seen) return letters.at(-1).text;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`no mail to ${address}`);
}

// messages are those to the person, who reads each once: the next with a code,
// or with a link.
export function messages(usher, { email, mobile }) {
  const folder = join(usher.folder, "data/outbox");
  const read = new Set();
  async function next(patterns) {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
      for (const name of await readdir(folder).catch(() => [])) {
        const pattern = patterns[name.split(".").at(-1)];
        if (!pattern || read.has(name)) continue;
        const text = await readFile(join(folder, name), "utf8");
        const found = (text.includes(email) || text.includes(mobile)) && pattern.exec(decode(text));
        if (!found) continue;
        read.add(name);
        return found[1];
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`no message to ${email}`);
  }
  return {
    code: () => next({ eml: /^\s*(\d{6})\s*$/m, txt: /\b(\d{6})\b/ }),
    link: () => next({ eml: /(http:\/\/\S+mlt=[\w-]+)/ }),
  };
}

// decode reads quoted-printable (RFC 2045, 6.7), as far as ASCII goes.
const decode = (text) => text.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

// authenticator plugs a passkey device into the page's browser.
export async function authenticator(page) {
  const cdp = await sessionOf(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal",
      hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  return {
    touched: (enabled) => cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    verified: (isUserVerified) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    credentials: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}
