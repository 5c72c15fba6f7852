// The hosted pages as a tenant and an application want them, in a real browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { check, cost, devices, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

let usher, browser, icon, shop;

const password = "correct horse battery";
const limit = { timeout: 90_000 };
const api = "/api/server/v1/branding-preference";

before(async () => {
  usher = await startUsher({ USHER_RATE_LIMITS: "off" });
  await usher.publish(await usher.template("REGISTRATION", "email-and-password"));
  shop = await usher.application({
    name: "Shop", accessUrl: "http://localhost:1/",
    inboundProtocolConfiguration: { oidc: { callbackURLs: ["http://localhost:1/callback"], publicClient: true } },
  });
  const page = await (await fetch(`${usher.url}/accounts/register`, { redirect: "manual" })).headers.get("location");
  assert.ok(page);
  icon = /href="([^"]+\.svg)"/.exec(await (await fetch(`${usher.url}/accounts/login`)).text())[1];
  await save("POST", acme());
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

const open = (page, path) => page.goto(usher.url + path);
const save = (method, preference, more = {}) => usher.admin(method, api, { type: "ORG", ...more, preference });

// acme is a brand whose images are on this server.
const acme = (more = {}) => ({
  organizationDetails: { displayName: "Acme Corporation", supportEmail: "help@acme.example" },
  urls: { privacyPolicyURL: "https://acme.example/privacy", termsOfUseURL: "https://acme.example/terms", cookiePolicyURL: "https://acme.example/cookies" },
  theme: {
    LIGHT: {
      colors: { primary: { main: "#7a1fa2" }, background: { body: { main: "#f3e5f5" } } },
      buttons: { primary: { base: { border: { borderRadius: "22px" } } } }, typography: { font: { fontFamily: "Georgia, serif" } },
      images: { logo: { imgURL: icon, altText: "Acme" }, favicon: { imgURL: icon } },
    },
    DARK: { colors: { primary: { main: "#ce93d8" } }, images: { logo: { imgURL: `${icon}?dark`, altText: "Acme" } } },
  },
  customCSS: "h1 { letter-spacing: 1px; }\n.primary { text-transform: uppercase; }",
  ...more,
});

const styleOf = (page, selector, name) => page.locator(selector).first().evaluate((e, property) => getComputedStyle(e)[property], name);

// places are where the browser asks for something.
function places(page) {
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  return asked;
}

for (const device of Object.keys(devices)) {
  test(`a branded page on a ${device}`, limit, async (t) => {
    const page = await visitor(t, browser, usher, device);
    const asked = places(page);
    const dark = device === "dark";
    await open(page, "/accounts/register");
    await check(page, "branded-register");
    assert.equal(await page.title(), "Create your account – Acme Corporation");
    assert.equal(await styleOf(page, ".primary", "backgroundColor"), dark ? "rgb(206, 147, 216)" : "rgb(122, 31, 162)");
    assert.equal(await styleOf(page, ".primary", "borderRadius"), "22px");
    assert.equal(await styleOf(page, ".primary", "textTransform"), "uppercase");
    assert.equal(await styleOf(page, "h1", "letterSpacing"), "1px");
    assert.match(await styleOf(page, "h1", "fontFamily"), /^"?Georgia"?, serif/);
    const logo = page.getByRole("img", { name: "Acme" });
    assert.equal(await logo.evaluate((img) => img.currentSrc), usher.url + icon + (dark ? "?dark" : ""));
    assert.ok(await logo.evaluate((img) => img.complete && img.naturalWidth > 0));
    for (const [name, href] of Object.entries({ Privacy: "https://acme.example/privacy", "Terms of use": "https://acme.example/terms", Help: "mailto:help@acme.example" })) {
      assert.equal(await page.getByRole("link", { name, exact: true }).getAttribute("href"), href);
    }
    await page.getByLabel("Email").fill("someone@localhost");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await check(page, "branded-register-mistake");
    for (const [name, path] of Object.entries({
      "branded-login-none": "/accounts/login", "branded-login-over": "/accounts/login?sessionDataKey=none", "branded-logout": "/accounts/logout",
    })) {
      await open(page, path);
      await check(page, name);
      assert.match(await page.title(), / – Acme Corporation$/);
    }
    assert.deepEqual(asked.filter((url) => !url.startsWith(`${usher.url}/`)), []);
    page.quiet();
  });
}

test("a branded page without scripts, by keyboard", limit, async (t) => {
  const page = await visitor(t, browser, usher, "desktop", { javaScriptEnabled: false });
  await open(page, "/accounts/register");
  for (const text of ["quiet@example.com", password]) {
    await page.keyboard.press("Tab");
    await page.keyboard.type(text);
  }
  assert.match(await page.locator(".limit").textContent(), /Time left to finish: 14 min/);
  assert.equal(await styleOf(page, ".primary", "backgroundColor"), "rgb(122, 31, 162)");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Welcome aboard" }).waitFor();
});

test("an application's brand and texts win", limit, async (t) => {
  const of = { type: "APP", name: shop.id };
  await save("POST", { organizationDetails: { displayName: "The Shop" }, theme: { activeTheme: "DARK", DARK: {} } }, of);
  await usher.admin("POST", `${api}/text`, { ...of, locale: "en-US", screen: "login", preference: { text: { "login.forgot": "Lost your <key>?", "login.title": "Come in" } } });
  await usher.admin("POST", `${api}/text`, { type: "ORG", locale: "en-US", screen: "common", preference: { text: { "login.title": "Not this", "word.password": "Secret word", "word.email": "Work e-mail" } } });
  const page = await visitor(t, browser, usher);
  const query = new URLSearchParams({
    response_type: "code", client_id: shop.clientId ?? shop.inboundProtocolConfiguration.oidc.clientId, scope: "openid", state: "s",
    redirect_uri: "http://localhost:1/callback", code_challenge_method: "S256", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeGGtFBfiU_t3i-Zh2hk",
  });
  await open(page, `/oauth2/authorize?${query}`);
  await page.getByRole("link", { name: "Lost your <key>?" }).waitFor();
  await page.getByRole("heading", { name: "Come in" }).waitFor();
  await page.getByLabel("Secret word", { exact: true }).waitFor();
  assert.equal(await page.title(), "Come in – The Shop");
  assert.equal(await styleOf(page, "html", "colorScheme"), "dark");
  await check(page, "branded-login-of-application");
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Work e-mail").waitFor();
  assert.match(await page.title(), / – The Shop$/);
  page.quiet();

  const german = await visitor(t, browser, usher, "phone", { locale: "de-DE" });
  await open(german, "/accounts/register");
  await german.getByLabel("E-Mail").waitFor();
  assert.match(await german.title(), / – Acme Corporation$/);
  await check(german, "branded-register-german");
  for (const [screen, whose] of [["login", of], ["common", { type: "ORG" }]]) {
    await usher.admin("DELETE", `${api}/text?${new URLSearchParams({ ...whose, locale: "en-US", screen })}`);
  }
  await open(page, "/accounts/register");
  await page.getByLabel("Email").waitFor();
});

test("layouts, from left to right and from right to left", limit, async (t) => {
  t.after(() => save("PUT", acme()));
  for (const layout of ["left-aligned", "right-aligned", "left-image", "right-image"]) {
    await save("PUT", acme({ layout: { activeLayout: layout, sideImg: { imgURL: icon } } }));
    for (const dir of ["ltr", "rtl"]) {
      const page = await visitor(t, browser, usher);
      await open(page, "/accounts/register");
      // No language that we speak is written from right to left.
      await page.route(page.url(), async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replace('dir="ltr"', `dir="${dir}"`) });
      });
      await page.reload();
      assert.equal(await page.locator("html").getAttribute("dir"), dir);
      await check(page, `${layout}-${dir}`);
      const [card, reveal, label, logo] = await Promise.all(["main", ".reveal", "label >> nth=0", ".logo img"].map((s) => page.locator(s).boundingBox()));
      const middle = (box) => box.x + box.width / 2;
      // A left-aligned box is at the beginning of lines, a left image as well.
      const atStart = layout === "left-aligned" || layout === "right-image";
      assert.equal(middle(card) < 550, atStart === (dir === "ltr"), `${layout} ${dir}: the box is at ${middle(card)}`);
      assert.equal(middle(reveal) > middle(card), dir === "ltr");
      assert.ok(dir === "ltr" ? logo.x - label.x < 1 : label.x + label.width - logo.x - logo.width < 1, `${layout} ${dir}: the logo`);
      page.quiet();
      await page.context().close();
    }
  }
});

test("how long is left", limit, async (t) => {
  const hasty = await startUsher({ USHER_EXECUTION_LIFE: "8s" });
  t.after(() => hasty.stop());
  const page = await visitor(t, browser, hasty);
  await page.goto(`${hasty.url}/accounts/register`);
  await page.getByText(/^Please finish by \d\d:\d\d\.$/).waitFor();
  const warning = page.locator(".limit").getByRole("status");
  assert.equal(await warning.textContent(), "");
  await page.getByText(/^Only 3 s left\. .* What you have sent is kept/).waitFor({ timeout: 6000 });
  await check(page, "time-is-short");
  page.quiet();
});

test("what a branded page costs", limit, async (t) => {
  const page = await visitor(t, browser, usher);
  await open(page, "/accounts/register");
  const { bytes, paint, shift } = await cost(page);
  t.diagnostic(`${bytes} bytes, first contentful paint ${Math.round(paint)} ms after the response, layout shift ${shift}`);
  assert.ok(bytes > 1000 && bytes < 30_000, `${bytes} bytes`);
  assert.ok(paint < 100, `${paint} ms`);
  assert.equal(shift, 0);
});
