// The hosted pages in a real browser, against the built binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { authenticator, check, cost, devices, mail, visitor } from "../portal.js";
import { startProvider } from "../provider.js";
import { startSite } from "../site.js";
import { startUsher } from "../usher.js";

let usher, browser, application, provider, shop;

const password = "correct horse battery";
const limit = { timeout: 90_000 };

before(async () => {
  usher = await startUsher({ USHER_OUTBOUND_ALLOW: "127.0.0.0/8,::1/128", USHER_RATE_LIMITS: "off" });
  application = await startSite();
  provider = await startProvider(`${usher.url}/accounts/register`);
  const { client_id, client_secret } = provider.client;
  await usher.admin("POST", "/api/server/v1/identity-providers", {
    name: "Google", kind: "GoogleExecutor", secrets: { client_secret }, settings: { client_id, issuer: provider.issuer },
  });
  ({ body: shop } = await usher.admin("POST", "/api/server/v1/applications", {
    name: "Shop", accessUrl: `${application.origin}/`,
    inboundProtocolConfiguration: { oidc: { callbackURLs: [`${application.origin}/callback`], publicClient: true } },
    authenticationSequence: { type: "USER_DEFINED", steps: [{ id: 1, options: [
      { idp: "LOCAL", authenticator: "BasicAuthenticator" }, { idp: "LOCAL", authenticator: "FIDOAuthenticator" },
    ] }] },
  }));
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, provider, application]) await one?.stop();
});

const publish = async (flowType, name) => usher.publish(await usher.template(flowType, name));
const open = (page, path) => page.goto(usher.url + path);
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

// authorize is where the application sends people who are to sign in.
function authorize(more = {}) {
  const query = new URLSearchParams({
    response_type: "code", client_id: shop.clientId ?? shop.inboundProtocolConfiguration.oidc.clientId, scope: "openid", state: "s",
    redirect_uri: `${application.origin}/callback`, code_challenge_method: "S256",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeGGtFBfiU_t3i-Zh2hk", ...more,
  });
  return `/oauth2/authorize?${query}`;
}

async function register(page, email) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
}

for (const device of Object.keys(devices)) {
  test(`signing up on a ${device}`, limit, async (t) => {
    await publish("REGISTRATION", "email-and-password");
    const page = await visitor(t, browser, usher, device);
    await open(page, "/accounts/register");
    await check(page, "register");
    await page.getByLabel("Email").fill("someone@localhost"); // which browsers take for one
    await page.getByLabel("Password", { exact: true }).fill("short678");
    await page.getByRole("button", { name: "Show" }).click();
    assert.equal(await page.locator("#c3").getAttribute("type"), "text");
    assert.equal(await page.locator(".rules .met").count(), 1);
    await page.locator("#c3").evaluate((input) => { input.removeAttribute("minlength"); input.value = "short"; });
    await press(page, "Continue");
    await page.getByRole("alert").waitFor();
    await check(page, "register-mistake");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-invalid")), "true");
    assert.equal(await page.getByLabel("Email").inputValue(), "someone@localhost");
    assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "");
    await register(page, `${device}@example.com`);
    await page.getByRole("heading", { name: "Welcome aboard" }).waitFor();
    await check(page, "register-done");
    page.quiet();
  });
}

test("signing up without scripts, by keyboard", limit, async (t) => {
  await publish("REGISTRATION", "email-and-password");
  const page = await visitor(t, browser, usher, "desktop", { javaScriptEnabled: false });
  await open(page, "/accounts/register");
  await page.keyboard.press("Tab");
  await page.keyboard.type("quiet@example.com");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Welcome aboard" }).waitFor();
});

test("reloading, going back, a second tab and a double click", limit, async (t) => {
  await publish("REGISTRATION", "basic-email-code");
  const page = await visitor(t, browser, usher);
  await open(page, "/accounts/register");
  const first = page.url();
  assert.ok(!/[0-9a-f]{8}-[0-9a-f]{4}/.test(await page.content() + first), "the flow id is not in the page");
  const fill = async (p, email) => {
    await p.locator("[autocomplete=email]").fill(email);
    await p.locator("[autocomplete=new-password]").fill(password);
    for (const input of await p.locator("input[required]:not([type=hidden])").all()) if (!await input.inputValue()) await input.fill(email.split("@")[0]);
  };
  await fill(page, "tabs1@example.com");
  await page.locator("button.primary").dblclick();
  await page.locator("input.code").waitFor();
  await page.reload();
  await page.locator("input.code").waitFor();
  await page.goBack().catch(() => {});
  await page.goForward().catch(() => {});
  await page.goto(first);
  await page.locator("input.code").waitFor();
  const tab = await page.context().newPage();
  await open(tab, "/accounts/register");
  await fill(tab, "tabs2@example.com");
  await tab.locator("button.primary").click();
  await tab.locator("input.code").waitFor();
  for (const [p, email] of [[page, "tabs1@example.com"], [tab, "tabs2@example.com"]]) {
    await check(Object.assign(p, { device: "desktop" }), "code");
    const code = /^\s*(\d{6})\s*$/m.exec(await mail(usher, email))[1];
    await p.locator("input.code").evaluate((input, text) => { // pasted as mail programs copy it
      const data = new DataTransfer();
      data.setData("text", text);
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, `Your code is ${code.slice(0, 3)} ${code.slice(3)}.`);
    assert.equal(await p.locator("input.code").inputValue(), code);
    await press(p, "Continue");
    await p.getByRole("heading", { level: 1 }).filter({ hasText: /Welcome/ }).waitFor();
  }
  page.quiet();
});

test("recovering with a link", limit, async (t) => {
  await publish("PASSWORD_RECOVERY", "recovery-magic-link");
  await publish("REGISTRATION", "email-and-password");
  const page = await visitor(t, browser, usher);
  await open(page, "/accounts/register");
  await register(page, "forgetful@example.com");
  await page.getByRole("heading", { name: "Welcome aboard" }).waitFor();
  await open(page, "/.well-known/change-password");
  await page.locator("[autocomplete=username]").fill("forgetful@example.com");
  await press(page, "Send link");
  await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
  await check(page, "recover-waiting");
  const link = /http:\/\/\S+mlt=[\w-]+/.exec(await mail(usher, "forgetful@example.com"))[0];
  const tab = await page.context().newPage(); // as mail programs open it
  await tab.goto(link);
  await tab.locator("[autocomplete=new-password]").fill("another horse battery");
  await press(tab, "Set password");
  await tab.getByRole("heading", { name: "Password changed" }).waitFor();
  page.quiet();
});

test("accepting an invitation", limit, async (t) => {
  await publish("INVITED_USER_REGISTRATION", "invited-set-password");
  for (const scripts of [true, false]) {
    const name = `invited-${scripts}@example.com`;
    await usher.admin("POST", "/scim2/Users", { userName: name, emails: [{ value: name, primary: true }], schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"] });
    const page = await visitor(t, browser, usher, "phone", { javaScriptEnabled: scripts });
    await open(page, `/accounts/accept?confirmation=${await usher.invitation(name)}`);
    if (!scripts) await press(page, "Continue"); // which the script does by itself
    await page.locator("[autocomplete=new-password]").fill(password);
    await press(page, "Set password");
    await page.getByRole("heading", { name: "You are in" }).waitFor();
    page.quiet();
  }
});

test("a passkey, made and used", limit, async (t) => {
  await publish("REGISTRATION", "basic-passkey");
  const page = await visitor(t, browser, usher);
  const device = await authenticator(page);
  await device.verified(false);
  await open(page, "/accounts/register");
  await page.locator("[autocomplete=email]").fill("key@example.com");
  await press(page, "Continue with a passkey");
  await page.locator("form#ceremony button").waitFor();
  await check(page, "passkey");
  await page.screenshot();
  await device.verified(true);
  await page.locator("form#ceremony button:enabled").click();
  await page.getByRole("heading", { name: "Welcome aboard" }).waitFor();
  assert.equal((await device.credentials()).length, 1);

  await open(page, authorize());
  await page.getByRole("button", { name: /passkey/i }).click();
  await page.waitForURL((url) => url.origin === application.origin);
  assert.ok(new URL(page.url()).searchParams.get("code"));
  page.quiet();
});

test("a provider's account, from the page and back", limit, async (t) => {
  await publish("REGISTRATION", "basic-google");
  for (const scripts of [true, false]) {
    const page = await visitor(t, browser, usher, "desktop", { javaScriptEnabled: scripts });
    await open(page, "/accounts/register");
    const at = page.url();
    await page.locator("button.social").click();
    await page.waitForURL((url) => url.href.startsWith(provider.issuer));
    await page.goto(at); // coming back by oneself
    await page.getByRole("heading", { name: "Continue elsewhere" }).waitFor();
    if (scripts) await check(page, "away");
    await press(page, "Go back");
    await page.locator("button.social").click();
    await page.waitForURL((url) => url.href.startsWith(provider.issuer));
    await page.locator("input[name=login]").fill(`grace${scripts}`);
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    await page.locator("button[type=submit]").click(); // consent
    await page.waitForURL((url) => url.href.startsWith(usher.url));
    await page.getByRole("heading", { level: 1 }).filter({ hasText: /Welcome/ }).waitFor();
    assert.equal(page.url(), at);
    page.quiet();
  }
});

test("signing in to an application, and out", limit, async (t) => {
  await publish("REGISTRATION", "email-and-password");
  for (const scripts of [true, false]) {
    const page = await visitor(t, browser, usher, scripts ? "phone" : "desktop", { javaScriptEnabled: scripts });
    await open(page, authorize());
    if (scripts) await check(page, "login");
    await page.getByRole("link", { name: "Create an account" }).click();
    await register(page, `buyer-${scripts}@example.com`);
    // The account is there, and the sign-in goes on.
    await page.waitForURL((url) => url.pathname === "/accounts/login");
    await page.locator("[autocomplete=username]").fill(`buyer-${scripts}@example.com`);
    await page.locator("[autocomplete=current-password]").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    if (scripts) await check(page, "login-mistake");
    await page.locator("[autocomplete=current-password]").fill(password);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.origin === application.origin);
    assert.ok(new URL(page.url()).searchParams.get("code"));

    await open(page, "/accounts/logout");
    if (scripts) await check(page, "logout");
    await press(page, "Sign out");
    await page.getByRole("heading", { name: "You are signed out" }).waitFor();
    if (scripts) await check(page, "logout-done");
    page.quiet();
  }
});

test("pages that say that something is over", limit, async (t) => {
  const page = await visitor(t, browser, usher);
  for (const [name, path] of Object.entries({
    "login-over": "/accounts/login?sessionDataKey=none", "login-none": "/accounts/login", lost: "/accounts/register?at=AAAAAAAAAAAAAAAA",
    "answer-unknown": "/accounts/register?code=x&state=y", "link-dead": "/accounts/recover?flowId=x&mlt=y", "verify-dead": "/accounts/verify",
  })) {
    await open(page, path);
    await check(page, name);
  }
  page.quiet();
});

// everything is a page with all the components there are but captchas, which
// load what others serve.
const everything = () => {
  const of = "http://wso2.org/claims/";
  const input = (variant, identifier, config = {}) =>
    ({ id: `i-${variant}-${identifier}`, category: "FIELD", type: "INPUT", variant, config: { identifier, label: variant, ...config } });
  const options = [{ key: "a", label: "First", value: "1" }, { key: "b", label: "Second", value: "2" }];
  const show = (id, type, variant, config) => ({ id, category: "DISPLAY", type, variant, config });
  return {
    flowType: "REGISTRATION",
    steps: [
      { id: "page", type: "VIEW", data: { components: [
        show("h", "TYPOGRAPHY", "H2", { text: "Everything" }), show("t", "TYPOGRAPHY", "BODY1", { text: "All that there is." }),
        show("r", "RICH_TEXT", "PARAGRAPH", { text: '<p>Rich <strong>text</strong>, <a href="https://example.com/">a link</a></p><script>alert(1)</script><ul><li>One</li></ul>' }),
        { id: "f", category: "BLOCK", type: "FORM", components: [
          input("EMAIL", `${of}emailaddress`, { required: true, placeholder: "you@example.com" }), input("PASSWORD", "password", { required: true }),
          input("TEXT", `${of}givenname`, { hint: "As in your passport" }), input("TELEPHONE", `${of}mobile`), input("DATE", `${of}dob`),
          input("NUMBER", `${of}postalcode`), input("COUNTRY", `${of}country`), input("DROPDOWN", `${of}gender`, { options }),
          input("RADIO", `${of}title`, { options }), input("CHECKBOX", `${of}nickname`), show("d", "DIVIDER", "HORIZONTAL", { text: "or" }),
          { id: "go", category: "ACTION", type: "BUTTON", variant: "PRIMARY", config: { type: "submit", text: "Sign up" },
            action: { type: "EXECUTOR", executor: { name: "PasswordProvisioningExecutor" }, next: "END" } },
        ] },
        show("x", "HOLOGRAM", "H2", { text: "From the future" }),
      ] } },
      { id: "END", type: "END", data: { components: [], action: { type: "EXECUTOR", executor: { name: "UserProvisioningExecutor" } } } },
    ],
  };
};

// shows tells whether a select has room for the text that is chosen.
const shows = (select, text) => {
  const style = getComputedStyle(select);
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.font = style.font;
  const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return select.selectedOptions[0].text === text && canvas.measureText(text).width <= room;
};

const consenting = () => ({
  flowType: "REGISTRATION",
  steps: [
    { id: "page", type: "VIEW", data: { components: [
      { id: "h", category: "DISPLAY", type: "TYPOGRAPHY", variant: "H2", config: { text: "Join us" } },
      { id: "f", category: "BLOCK", type: "FORM", components: [
        { id: "email", category: "FIELD", type: "INPUT", variant: "EMAIL", config: { identifier: "http://wso2.org/claims/emailaddress", label: "Email", required: true } },
        { id: "password", category: "FIELD", type: "INPUT", variant: "PASSWORD", config: { identifier: "password", label: "Password", required: true } },
        { id: "policy", category: "FIELD", type: "POLICY", config: { description: "What you agree to", purposes: [
          { purposeId: "terms", name: "Terms of use", description: "What both of us may expect.", mandatory: true, policyUrl: "https://acme.example/terms" },
          { purposeId: "news", name: "Our letter", mandatory: false },
        ] } },
        { id: "go", category: "ACTION", type: "BUTTON", variant: "PRIMARY", config: { type: "submit", text: "Join" },
          action: { type: "EXECUTOR", executor: { name: "PasswordProvisioningExecutor" }, next: "verify" } },
      ] },
    ] } },
    { id: "verify", type: "VIEW", data: { components: [
      { id: "vh", category: "DISPLAY", type: "TYPOGRAPHY", variant: "H2", config: { text: "Check your e-mail" } },
      { id: "v", category: "BLOCK", type: "FORM", components: [
        { id: "code", category: "FIELD", type: "INPUT", variant: "OTP", config: { identifier: "otp", label: "Code" } },
        { id: "on", category: "ACTION", type: "BUTTON", variant: "PRIMARY", config: { type: "submit", text: "Continue" },
          action: { type: "EXECUTOR", executor: { name: "EmailOTPExecutor" }, next: "END" } },
      ] },
    ] } },
    { id: "END", type: "END", data: { components: [], action: { type: "EXECUTOR", executor: { name: "UserProvisioningExecutor" } } } },
  ],
});

test("consent, and a code from the clipboard", limit, async (t) => {
  await usher.publish(consenting());
  for (const [device, scripts] of [["desktop", true], ["phone", true], ["phone", false]]) {
    const page = await visitor(t, browser, usher, device, { javaScriptEnabled: scripts, permissions: ["clipboard-read", "clipboard-write"] });
    const email = `agreed-${device}-${scripts}@example.com`;
    await open(page, "/accounts/register");
    await page.getByRole("group", { name: "What you agree to" }).waitFor();
    if (scripts) await check(page, "consent");
    const [terms, letter] = [page.getByLabel("Terms of use"), page.getByLabel("Our letter")];
    assert.ok(!await terms.isChecked() && !await letter.isChecked(), "nothing is agreed to beforehand");
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await letter.check();
    await press(page, "Join"); // which the browser does not do without the terms
    assert.ok(await terms.evaluate((e) => e.matches(":invalid:focus")));
    await page.getByText("Terms of use").click();
    const sent = page.waitForRequest((request) => request.method() === "POST");
    await press(page, "Join");
    assert.deepEqual(new URLSearchParams((await sent).postData()).getAll(":accept:consent"), ["terms", "news"]);
    const code = /^\s*(\d{6})\s*$/m.exec(await mail(usher, email))[1];
    if (scripts) await page.evaluate((text) => navigator.clipboard.writeText(text), ` Your code: ${code.slice(0, 3)}-${code.slice(3)} `);
    await page.getByLabel("Code").focus();
    await (scripts ? page.keyboard.press("Control+V") : page.keyboard.type(code));
    assert.equal(await page.getByLabel("Code").inputValue(), code);
    await press(page, "Continue");
    await page.locator(".limit").waitFor({ state: "detached" });
    const { status } = await usher.call("GET", "/scim2/Me", undefined, `${email}:${password}`);
    assert.equal(status, 200);
    page.quiet();
  }
});

test("a page with everything on it, and mistakes", limit, async (t) => {
  await usher.publish(everything());
  for (const [device, n] of [["desktop", 1], ["phone", 2], ["dark", 3]]) {
    const page = await visitor(t, browser, usher, device);
    await open(page, "/accounts/register");
    await check(page, "everything");
    assert.equal(await page.getByText("From the future").count(), 0);
    const email = `every${n}@example.com`;
    await page.getByLabel("EMAIL").fill(email);
    await page.getByLabel("PASSWORD", { exact: true }).fill("short678");
    await page.getByLabel("TEXT optional").fill("Ada");
    await page.getByLabel("Country code").selectOption("GB");
    await page.getByLabel("TELEPHONE").fill("020 7946 0018");
    assert.ok(await page.getByLabel("Country code").evaluate(shows, "United Kingdom +44"), `the dial code is cut off on a ${device}`);
    await page.getByLabel("COUNTRY optional").selectOption("Germany");
    await page.getByLabel("First").check();
    await page.locator("input[type=password]").evaluate((input) => { input.removeAttribute("minlength"); input.value = "x"; });
    await press(page, "Sign up");
    await page.getByRole("alert").waitFor();
    await check(page, "everything-mistake");
    assert.equal(await page.getByLabel("TEXT optional").inputValue(), "Ada");
    assert.equal(await page.getByLabel("COUNTRY optional").inputValue(), "Germany");
    assert.ok(await page.getByLabel("First").isChecked());
    await page.getByLabel("PASSWORD", { exact: true }).fill(password);
    await press(page, "Sign up");
    await page.getByRole("heading", { name: "Welcome aboard" }).waitFor();
    page.quiet();
  }
});

test("a page that was left too long", limit, async (t) => {
  const hasty = await startUsher({ USHER_EXECUTION_LIFE: "2s" });
  t.after(() => hasty.stop());
  const page = await visitor(t, browser, hasty, "phone");
  await page.goto(`${hasty.url}/accounts/register`);
  await page.getByLabel("Email").fill("late@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.waitForTimeout(2500);
  await press(page, "Continue");
  await page.getByRole("heading", { name: "Your time ran out" }).waitFor();
  await check(page, "expired");
  const reopened = await browser.newContext({ storageState: await page.context().storageState() }); // the browser
  t.after(() => reopened.close());
  const again = await reopened.newPage();
  await again.goto(page.url());
  await press(again, "Start again");
  assert.equal(await again.getByLabel("Email").inputValue(), "late@example.com");
  assert.equal(await again.getByLabel("Password", { exact: true }).inputValue(), "");
  page.quiet();
});

test("a page in another language", limit, async (t) => {
  await publish("REGISTRATION", "email-and-password");
  const page = await visitor(t, browser, usher, "phone", { locale: "fr-FR" });
  await open(page, "/accounts/register");
  await page.getByLabel("Mot de passe", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Deutsch" }).click();
  await page.getByLabel("Passwort", { exact: true }).fill(password);
  await page.getByLabel("E-Mail").fill("sprache@example.com");
  await check(page, "register-german");
  await press(page, "Weiter");
  await page.getByRole("heading", { name: "Willkommen an Bord" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  page.quiet();
});

test("what the first page costs", limit, async (t) => {
  await publish("REGISTRATION", "email-and-password");
  const page = await visitor(t, browser, usher);
  await open(page, "/accounts/register");
  const { bytes, paint, shift } = await cost(page);
  t.diagnostic(`${bytes} bytes, first contentful paint ${Math.round(paint)} ms after the response, layout shift ${shift}`);
  assert.ok(bytes > 1000 && bytes < 30_000, `${bytes} bytes`);
  assert.ok(paint < 100, `${paint} ms`);
  assert.equal(shift, 0);
});
