// How the console designs the hosted pages, in a real browser, against the
// built binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { check, visitor } from "../portal.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 90_000 };
const api = "/api/server/v1/branding-preference";

let usher, browser, icon;

before(async () => {
  usher = await startUsher({ USHER_RATE_LIMITS: "off" });
  icon = /href="([^"]+\.svg)"/.exec(await (await fetch(`${usher.url}/accounts/login`)).text())[1];
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

// open is the page of branding, the administrator signed in.
async function open(t, path = "branding", device = "desktop", options = {}) {
  const size = device === "phone" ? {} : { viewport: { width: 1440, height: 900 } };
  const page = await visitor(t, browser, usher, device, { ...size, ...options });
  await page.goto(`${usher.url}/console/${path}`);
  await page.getByLabel(/^user ?name/i).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("Browser.Admin.26");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Branding", level: 1 }).waitFor();
  await seen(page, "h1").waitFor();
  return page;
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const dialog = (page) => page.getByRole("dialog");
const saved = (page) => page.getByText("Saved.", { exact: true }).last().waitFor();
// seen is part of the page in the preview.
const seen = (page, selector) => page.frameLocator("iframe.preview-frame >> visible=true").locator(selector).first();
const styleOf = (locator, name) => locator.evaluate((e, property) => getComputedStyle(e)[property], name);

// becomes waits until the preview's element looks like that, and returns after
// how many milliseconds it did.
async function becomes(page, selector, name, value) {
  const from = performance.now();
  let last;
  while (performance.now() - from < 5000) {
    last = await styleOf(seen(page, selector), name).catch(() => undefined);
    if (last === value) return performance.now() - from;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(last, value);
}

test("colours and a logo are tried, saved and seen by people", limit, async (t) => {
  t.after(() => usher.call("DELETE", api));
  const page = await open(t);
  await check(page, "console-branding");
  const colour = page.getByLabel("Main buttons", { exact: true });
  await colour.fill("#7a1fa2");
  const took = await becomes(page, ".primary", "backgroundColor", "rgb(122, 31, 162)");
  t.diagnostic(`a colour shows ${Math.round(took)} ms after it was typed`);
  assert.equal(await styleOf(seen(page, "html"), "colorScheme"), "light");
  assert.equal((await usher.call("GET", api)).status, 404); // nothing is saved

  await page.getByLabel("Display name").fill("Acme <Corporation>");
  await page.getByLabel("Logo", { exact: true }).fill(icon);
  await page.getByLabel("Corners of buttons").fill("22px");
  await page.getByLabel("Fonts").fill("Georgia, serif");
  await page.getByLabel("Privacy policy").fill("https://acme.example/privacy");
  await becomes(page, ".primary", "borderRadius", "22px");
  const logo = seen(page, ".logo img");
  await logo.waitFor();
  assert.ok(await logo.evaluate((img) => img.decode().then(() => img.naturalWidth > 0)));
  assert.equal(await logo.getAttribute("alt"), "Acme <Corporation>");
  await seen(page, "footer >> text=Privacy").waitFor();

  // What is wrong is said at its field, and the last good page stays.
  await page.getByLabel("Main buttons", { exact: true }).fill("red; } body { background: url(https://evil.example)");
  await page.getByText(/^Must be a colour/).waitFor();
  await page.getByLabel("Privacy policy").fill("javascript:alert(1)");
  await page.getByText(/^Must be an https URL/).waitFor();
  await page.getByText("What is entered cannot be drawn yet").waitFor();
  assert.equal(await styleOf(seen(page, ".primary"), "backgroundColor"), "rgb(122, 31, 162)");
  await check(page, "console-branding-mistake");
  await press(page, "Save");
  await page.getByText("Nothing was saved. What has to change is marked.").waitFor();
  await page.getByLabel("Privacy policy").fill("https://acme.example/privacy");
  await colour.fill("#7a1fa2");
  await page.getByLabel("Text", { exact: true }).fill("#999999");
  await page.getByText(/contrast of 4\.5:1 at least .* has 2\.84:1/).first().waitFor();
  await press(page, "Text: leave it to us");

  for (const [name, heading] of Object.entries({ "Sign-up": "Create your account", Code: "Check your e-mail", "A mistake": "Check your e-mail", "An error": "Something went wrong on our side", "Sign-in": "Sign in" })) {
    await page.locator(".preview").getByLabel("Page").selectOption(name);
    await seen(page, `h1 >> text="${heading}"`).waitFor();
    await check(page, `console-branding-${name.toLowerCase().replace(" ", "-")}`);
  }
  await page.locator(".preview").getByLabel("Language").selectOption("Deutsch");
  await seen(page, 'h1 >> text="Anmelden"').waitFor();
  await press(page, "Phone");
  await check(page, "console-branding-as-phone");

  await press(page, "Save");
  await saved(page);
  const person = await visitor(t, browser, usher);
  await person.goto(`${usher.url}/accounts/register`);
  assert.match(await person.title(), / – Acme <Corporation>$/);
  assert.equal(await styleOf(person.locator(".primary").first(), "backgroundColor"), "rgb(122, 31, 162)");
  assert.equal(await person.locator(".logo img").getAttribute("src"), icon);
  person.quiet();
  page.quiet(); // no violation of the policy either
});

test("a dark theme, seen in the light", limit, async (t) => {
  t.after(() => usher.call("DELETE", api));
  await usher.admin("POST", api, { preference: { unknown: [1], theme: { LIGHT: { colors: { primary: { main: "#7a1fa2" } } } } } });
  const page = await open(t);
  await page.locator(".preview").getByRole("button", { name: "Dark" }).click();
  await page.getByText("There is no dark theme: everybody sees the light one.").waitFor();
  await press(page, "Add a dark theme");
  await becomes(page, "html", "colorScheme", "dark");
  await page.getByLabel("Main buttons", { exact: true }).fill("#ce93d8");
  await becomes(page, ".primary", "backgroundColor", "rgb(206, 147, 216)");
  await page.getByLabel("Where the box is").selectOption("Beside an image at the end");
  await page.getByLabel("Image beside the box").fill(icon);
  await becomes(page, "body", "paddingInlineEnd", "560px");
  await check(page, "console-branding-dark-theme");
  await press(page, "Save");
  await saved(page);
  const { body } = await usher.admin("GET", api);
  assert.deepEqual(body.preference, {
    unknown: [1], theme: { LIGHT: { colors: { primary: { main: "#7a1fa2" } } }, DARK: { colors: { primary: { main: "#ce93d8" } } } },
    layout: { activeLayout: "right-image", sideImg: { imgURL: icon } },
  });
  await press(page, "Reset…");
  await dialog(page).getByRole("button", { name: "Reset" }).click();
  await becomes(page, ".primary", "backgroundColor", "rgb(138, 180, 255)");
  assert.equal((await usher.call("GET", api)).status, 404);
  page.quiet();
});

test("of two administrators nobody loses anything unseen", limit, async (t) => {
  t.after(() => usher.call("DELETE", api));
  await usher.admin("POST", api, { preference: { organizationDetails: { displayName: "First" } } });
  const page = await open(t);
  await page.getByLabel("Display name").fill("Mine");
  await usher.admin("PUT", api, { preference: { organizationDetails: { displayName: "Theirs" } } });
  await press(page, "Save");
  await press(page, "Compare…");
  await dialog(page).getByRole("row", { name: "organizationDetails.displayName Theirs Mine" }).waitFor();
  await check(page, "console-branding-conflict");
  assert.equal((await usher.admin("GET", api)).body.preference.organizationDetails.displayName, "Theirs");
  await press(page, "Save mine over it");
  await saved(page);
  assert.equal((await usher.admin("GET", api)).body.preference.organizationDetails.displayName, "Mine");
  await usher.admin("PUT", api, { preference: { organizationDetails: { displayName: "Again" } } });
  await page.getByLabel("Display name").fill("Mine again");
  await press(page, "Save");
  await press(page, "Compare…");
  await press(page, "Take theirs");
  assert.equal(await page.getByLabel("Display name").inputValue(), "Again");

  // Who leaves is asked.
  await page.getByLabel("Display name").fill("Nearly lost");
  await page.getByRole("link", { name: "Users" }).click();
  await press(page, "Stay");
  assert.equal(await page.getByLabel("Display name").inputValue(), "Nearly lost");
  await page.getByRole("tab", { name: "Texts" }).click();
  await dialog(page).getByText("What you have changed here is lost.").waitFor();
  await page.keyboard.press("Escape");
  await press(page, "Discard");
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByRole("heading", { name: "Users", level: 1 }).waitFor();
  page.quiet();
});

test("an application takes over what the organisation has until it has its own", limit, async (t) => {
  t.after(() => usher.call("DELETE", api));
  await usher.admin("POST", api, { preference: { organizationDetails: { displayName: "Acme" } } });
  const shop = await usher.application({ name: "Shop", inboundProtocolConfiguration: { oidc: { callbackURLs: ["https://shop.example.com/"] } } });
  const page = await open(t);
  await page.getByLabel("Branding of").selectOption("Shop");
  await page.getByText("This application looks as the organisation does").waitFor();
  assert.equal(await page.getByLabel("Display name").inputValue(), "Acme");
  await page.getByLabel("Display name").fill("The Shop");
  await press(page, "Save");
  await saved(page);
  await page.getByText("This application has branding of its own").waitFor();
  await page.getByText("Organisation: Acme").waitFor();
  await check(page, "console-branding-application");
  const own = `${api}?type=APP&name=${shop.id}`;
  assert.equal((await usher.admin("GET", own)).body.preference.organizationDetails.displayName, "The Shop");
  await press(page, "Reset…");
  await dialog(page).getByRole("button", { name: "Reset" }).click();
  await page.getByText("This application looks as the organisation does").waitFor();
  assert.equal(await page.getByLabel("Display name").inputValue(), "Acme");
  assert.equal((await usher.call("GET", own)).status, 404);
  page.quiet();
});

test("texts are found, changed and put back, one language and screen at a time", limit, async (t) => {
  const texts = `${api}/text?locale=de&screen=login`;
  const page = await open(t, "branding?show=texts&screen=login");
  await page.locator(".preview").getByLabel("Language").selectOption("Deutsch");
  await seen(page, 'h1 >> text="Anmelden"').waitFor();
  await page.getByLabel("Search").fill("anmelden title");
  await page.getByLabel("login.title", { exact: true }).fill("Schön, dass Sie da sind");
  await seen(page, 'h1 >> text="Schön, dass Sie da sind"').waitFor();
  await page.getByLabel("login.title", { exact: true }).fill("{nobody}");
  await page.getByText("Must have no {placeholder}, because our own text has none.").waitFor();
  await page.getByLabel("login.title", { exact: true }).fill("Schön, dass Sie da sind");
  await page.getByLabel("Search").fill("");
  await check(page, "console-branding-texts");
  await press(page, "Save");
  await saved(page);
  assert.deepEqual((await usher.admin("GET", texts)).body.preference, { text: { "login.title": "Schön, dass Sie da sind" } });
  await press(page, "login.title: back to what it says by itself");
  const answered = page.waitForResponse((answer) => answer.request().method() === "DELETE");
  await press(page, "Save");
  assert.ok((await answered).ok());
  await seen(page, 'h1 >> text="Anmelden"').waitFor();
  await page.getByText(/0 changed$/).waitFor();
  assert.equal((await usher.call("GET", texts)).status, 404);
  page.quiet();
});

test("branding on a phone, in the dark, and by keyboard alone", limit, async (t) => {
  t.after(() => usher.call("DELETE", api));
  const phone = await open(t, "branding", "phone");
  await check(phone, "console-branding");
  phone.quiet();
  const page = await open(t, "branding", "dark");
  await becomes(page, "html", "colorScheme", "light"); // of whom it is for, not of who designs it
  await check(page, "console-branding");
  await page.getByLabel("Branding of").focus();
  const reach = async (name) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.labels?.[0]?.textContent.trim() ?? document.activeElement.textContent);
      assert.notEqual(at, "Preview");
      if (at === name) return;
    }
    assert.fail(`Tab does not lead to ${name}`);
  };
  await reach("Main buttons");
  await page.keyboard.type("#0b6e4f");
  await becomes(page, ".primary", "backgroundColor", "rgb(11, 110, 79)");
  await reach("Save");
  await page.keyboard.press("Enter");
  await saved(page);
  assert.equal((await usher.admin("GET", api)).body.preference.theme.LIGHT.colors.primary.main, "#0b6e4f");
  page.quiet();
});
