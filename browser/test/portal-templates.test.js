// Every template of every flow type, to its end, on the hosted pages in a real
// browser, against the built binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { authenticator, visitor } from "../portal.js";
import { startProvider } from "../provider.js";
import { startUsher } from "../usher.js";
import { walk } from "../walker.js";

let usher, browser, provider;

before(async () => {
  usher = await startUsher({ USHER_OUTBOUND_ALLOW: "127.0.0.0/8,::1/128", USHER_RATE_LIMITS: "off" });
  provider = await startProvider(`${usher.url}/accounts/register`);
  const { client_id, client_secret } = provider.client;
  await usher.admin("POST", "/api/server/v1/identity-providers", {
    name: "Google", kind: "GoogleExecutor", secrets: { client_secret }, settings: { client_id, issuer: provider.issuer },
  });
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, provider]) await one?.stop();
});

// types are where the flows of each begin, and which of their templates is
// gone through by keyboard.
const types = {
  REGISTRATION: { begin: () => "/accounts/register", byKeyboard: "basic-email-code" },
  PASSWORD_RECOVERY: { begin: () => "/accounts/recover", byKeyboard: "recovery-sms-or-email", known: true },
  INVITED_USER_REGISTRATION: {
    begin: async (person) => `/accounts/accept?confirmation=${await usher.invitation(person.name)}`, byKeyboard: "invited-sms-code", known: true,
  },
};

// turns are the buttons to press in templates that have more than one way.
const turns = { "basic-google": [undefined, "Continue with Google"], "recovery-sms-or-email": ["Text message", "E-mail"] };

let people = 0;

// somebody has an account where the flow wants one.
async function somebody(known) {
  const name = `person${++people}`;
  const person = { name, email: `${name}@example.com`, mobile: `+4477009${String(people).padStart(5, "0")}`, password: "correct horse battery" };
  if (known) {
    await usher.admin("POST", "/scim2/Users", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: name, password: "before it all began",
      emails: [{ value: person.email, primary: true }], phoneNumbers: [{ type: "mobile", value: person.mobile }],
    });
  }
  return person;
}

// go is one person's way through the flow, which has to end as the definition
// says, with an account that can be signed in to.
async function go(t, flowType, { name, definition }, { device = "desktop", scripts = true, press, keyboard = false }) {
  const { begin, known } = types[flowType];
  const person = await somebody(known);
  const page = await visitor(t, browser, usher, device, { javaScriptEnabled: scripts });
  page.setDefaultTimeout(20_000);
  const passkeys = scripts ? await authenticator(page) : undefined;
  await passkeys?.verified(false);
  await page.goto(usher.url + await begin(person));
  if (!scripts && flowType === "INVITED_USER_REGISTRATION") await page.getByRole("button", { name: "Continue" }).click(); // which the script does by itself
  const picture = keyboard ? undefined : `${name}${press ? `-${press.toLowerCase().replaceAll(" ", "-")}` : ""}`;
  const heading = await walk(page, usher, person, { name: picture, press, keyboard, provider, device: passkeys });
  const end = definition.steps.find((step) => step.type === "END").data.components.find((c) => c.type === "TYPOGRAPHY");
  assert.equal(heading, end.config.text);
  page.quiet();
  if (press === "Continue with Google") {
    const { body } = await usher.admin("GET", `/scim2/Users?filter=${encodeURIComponent(`userName eq "${person.email}"`)}`);
    assert.equal(body.totalResults, 1);
  } else if (name === "basic-passkey") {
    assert.equal((await passkeys.credentials()).length, 1);
  } else {
    const answers = await Promise.all([person.name, person.email].map((user) => usher.call("GET", "/scim2/Me", undefined, `${user}:${person.password}`)));
    assert.ok(answers.some(({ status }) => status === 200), "nobody can sign in");
  }
  await page.context().close();
}

for (const [flowType, { byKeyboard }] of Object.entries(types)) {
  test(`every template of ${flowType}, to its end`, { timeout: 120_000 }, async (t) => {
    const { body: templates } = await usher.admin("GET", `/api/server/v1/flow/templates?flowType=${flowType}`);
    assert.ok(templates.length > 1);
    for (const template of templates) {
      await usher.publish(template.definition);
      const ways = (turns[template.name] ?? [undefined]).map((press) => ({ press }));
      const noScripts = ways.map((way) => ({ ...way, device: "phone", scripts: false }));
      const all = [...ways, ...(template.name === "basic-passkey" ? [] : noScripts), ...(template.name === byKeyboard ? [{ keyboard: true }] : [])];
      await t.test(template.name, () => Promise.all(all.map((way) => go(t, flowType, template, way))));
    }
  });
}
