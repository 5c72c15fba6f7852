// A person who goes through a flow on the hosted pages, whatever its pages ask.
import assert from "node:assert/strict";
import { check, messages } from "./portal.js";

const mostPages = 12;
const mostTabs = 60;

// walk goes on from the page that is shown to the end of the flow, and returns
// what its heading says. The person has a name, an email, a mobile and a
// password. The options are
//   name      of the pictures; without one, pages are not looked at
//   press     the text of the button to press where there are several
//   keyboard  whether there is no mouse
//   provider  whose pages may come between
//   device    the authenticator, see portal.js
export async function walk(page, usher, person, { name, press, keyboard = false, provider, device } = {}) {
  const box = messages(usher, person);
  for (let n = 1; n <= mostPages; n++) {
    await page.locator("form[data-auto]").waitFor({ state: "detached" });
    const look = (state = "") => (name ? check(page, `${name}-${n}${state}`) : undefined);
    const code = page.locator("input.code");
    const ceremony = page.locator("form#ceremony");
    if (!await page.locator(".limit").count()) {
      await look();
      return page.getByRole("heading", { level: 1 }).or(page.getByRole("heading", { level: 2 })).first().textContent();
    }
    if (await ceremony.count()) {
      await ceremony.locator("button:enabled").waitFor(); // the device did not know the person
      await look();
      await device.verified(true);
      await leave(page, () => ceremony.locator("button").click());
      continue;
    }
    await look();
    const button = await next(page, press);
    if (!button) {
      await page.goto(await box.link());
      continue;
    }
    if (await code.count()) {
      const right = await box.code();
      if (name) await mistake(page, button, right, look);
      await type(page, code, right, keyboard);
    } else if (!await button.evaluate((b) => b.formNoValidate)) {
      await fill(page, button, person, keyboard);
    }
    const away = await button.evaluate((b) => b.classList.contains("social"));
    await leave(page, () => activate(page, button, keyboard));
    if (away) await signIn(page, usher, person, provider);
  }
  throw new Error(`no end after ${mostPages} pages, at ${page.url()}`);
}

// next is the button that leads on, null where there is none.
async function next(page, press) {
  const chosen = press && page.getByRole("button", { name: press, exact: true });
  for (const button of [chosen, page.locator("main button.primary[name=':press']"), page.locator("main button.primary")]) {
    if (button && await button.count()) return button.first();
  }
  return null;
}

// leave does what leads to another page, and waits for it. What scripts do on
// it is done as well.
async function leave(page, act) {
  const left = page.waitForEvent("domcontentloaded");
  await act();
  await left;
}

// mistake enters a code that is not the right one: that is announced, and the
// cursor is where it has to be corrected.
async function mistake(page, button, right, look) {
  await page.locator("input.code").fill(String((Number(right) + 1) % 1_000_000).padStart(right.length, "0"));
  await leave(page, () => button.click());
  await page.getByRole("alert").waitFor();
  assert.equal(await page.locator("[autofocus]").count(), 1);
  assert.ok(await page.locator("[autofocus]").evaluate((e) => e === document.activeElement));
  await look("-mistake");
}

// fill enters into the form of the button what its fields ask for.
async function fill(page, button, person, keyboard) {
  const form = await button.evaluate((b) => b.form.id);
  for (const field of await page.locator(`input:not([type=hidden])[form="${form}"]`).all()) {
    const { kind, token, label } = await field.evaluate((e) => ({ kind: e.type, token: e.autocomplete, label: e.labels[0]?.textContent }));
    assert.ok(label, "every field has a label");
    const text = { "new-password": person.password, username: person.name, email: person.email, "given-name": "Ada", "family-name": "Lovelace" }[token];
    assert.ok(text, `${label} (${kind}, ${token}) is nothing that a person knows`);
    await type(page, field, text, keyboard);
  }
}

async function type(page, field, text, keyboard) {
  if (!keyboard) return field.fill(text);
  await reach(page, field);
  await page.keyboard.type(text);
}

async function activate(page, button, keyboard) {
  if (!keyboard) return button.click();
  await reach(page, button);
  await page.keyboard.press("Enter");
}

// reach moves to the element by the tabulator key. Whatever is passed on the
// way can be seen to have the focus.
export async function reach(page, element) {
  for (let n = 0; n < mostTabs; n++) {
    if (await element.evaluate((e) => e === document.activeElement)) {
      return assert.notEqual(await element.evaluate((e) => getComputedStyle(e).outlineStyle), "none");
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${element} cannot be reached by keyboard`);
}

// signIn is the person at the provider.
async function signIn(page, usher, person, provider) {
  await page.waitForURL((url) => url.href.startsWith(provider.issuer));
  await page.locator("input[name=login]").fill(person.name);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.locator("button[type=submit]", { hasText: "Continue" }).click();
  await page.waitForURL((url) => url.href.startsWith(usher.url));
}
