// Passkeys in a real browser, against the built binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startChromium } from "../chromium.js";
import { invitation, recovery } from "../flows.js";
import { startSite } from "../site.js";
import { startUsher } from "../usher.js";

let application, stranger, usher, browser;

before(async () => {
  [application, stranger] = [await startSite(), await startSite()];
  usher = await startUsher({
    USHER_CORS_ORIGINS: `${application.origin},${stranger.origin}`,
    USHER_WEBAUTHN_ORIGINS: application.origin, // the stranger may call, but has no passkeys
  });
  await usher.publish(await usher.template("REGISTRATION", "basic-passkey"));
  await usher.publish(invitation);
  await usher.publish(recovery);
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, application, stranger]) await one?.stop();
});

// visit opens the application's page for one test.
async function visit(t, site = application) {
  const page = await openPage(browser, site.origin, usher.url);
  t.after(() => page.close());
  return page;
}

const limit = { timeout: 60_000 };

const is = (answer, type, status = "INCOMPLETE") => {
  assert.equal(answer.status, 200, JSON.stringify(answer));
  assert.deepEqual([answer.type, answer.flowStatus], [type, status], JSON.stringify(answer));
};

const refused = (answer, key) => {
  assert.equal(answer.status, 200, JSON.stringify(answer));
  assert.equal(answer.flowStatus, "INCOMPLETE");
  assert.deepEqual(answer.data.messages?.map((m) => m.i18nKey), [`{{${key}}}`], JSON.stringify(answer));
};

// toCeremony goes through a registration up to the ceremony.
async function toCeremony(page, email, origin = page.origin) {
  is(await page.start("REGISTRATION", { email, givenname: "Ada", lastname: "Lovelace" }), "INTERNAL_PROMPT");
  return page.submit({ origin });
}

async function register(page, email) {
  is(await toCeremony(page, email), "WEBAUTHN");
  is(await page.answer(), "REDIRECTION", "COMPLETE");
}

// toProof goes through a recovery up to the ceremony.
async function toProof(page, username) {
  is(await page.start("PASSWORD_RECOVERY", { username }), "INTERNAL_PROMPT");
  const answer = await page.submit({ origin: page.origin });
  is(answer, "WEBAUTHN");
  return answer.data.webAuthn.publicKeyCredentialRequestOptions;
}

async function recover(page, username, password) {
  await toProof(page, username);
  is(await page.answer(), "VIEW");
  is(await page.submit({ password }, "set"), "REDIRECTION", "COMPLETE");
  const me = await usher.call("GET", "/scim2/Me", undefined, `${username}:${password}`);
  assert.equal(me.status, 200, me.text);
}

test("a registration enrols a passkey, which proves its owner later", limit, async (t) => {
  const page = await visit(t);
  const phone = await page.addAuthenticator("internal");
  const answer = await toCeremony(page, "ada@example.com");
  is(answer, "WEBAUTHN");
  const options = answer.data.webAuthn.publicKeyCredentialCreationOptions;
  assert.deepEqual(answer.data.requiredParams, ["tokenResponse"]);
  assert.deepEqual(answer.data.webAuthnData, answer.data.webAuthn);
  assert.equal(options.rp.id, "localhost");
  assert.equal(options.user.name, "ada@example.com");
  assert.equal(options.user.displayName, "Ada Lovelace");
  is(await page.answer(), "REDIRECTION", "COMPLETE");

  const [credential] = await phone.credentials();
  const { body: users } = await usher.admin("GET", `/scim2/Users?filter=${encodeURIComponent('userName eq "ada@example.com"')}`);
  assert.equal(users.totalResults, 1);
  assert.ok(credential.isResidentCredential);
  assert.equal(Buffer.from(credential.userHandle, "base64").length, 32);
  assert.ok(!Buffer.from(credential.userHandle, "base64").toString("latin1").includes(users.Resources[0].id));

  await recover(page, "ada@example.com", "Passkey.Pr0of.1");
  await recover(page, "ada@example.com", "Passkey.Pr0of.2"); // the counter moved on
});

test("the credential's JSON as text is an answer too", limit, async (t) => {
  const page = await visit(t);
  await page.addAuthenticator("internal");
  is(await toCeremony(page, "text@example.com"), "WEBAUTHN");
  const { credential } = await page.ceremony();
  is(await page.submit({ credential }), "REDIRECTION", "COMPLETE");
});

test("a cancelled ceremony is repeated from the page", limit, async (t) => {
  const page = await visit(t);
  const phone = await page.addAuthenticator("internal");
  await phone.touched(false);
  is(await toCeremony(page, "cancel@example.com"), "WEBAUTHN");
  const { error } = await page.ceremony(300);
  assert.ok(["AbortError", "TimeoutError", "NotAllowedError"].includes(error), error);
  const answer = await page.submit();
  is(answer, "VIEW");
  refused(answer, "passkey.cancelled");
  assert.ok(answer.data.components.length > 0);
  await phone.touched(true);
  is(await page.submit({}, "passkey_submit"), "WEBAUTHN");
  is(await page.answer(), "REDIRECTION", "COMPLETE");
});

test("a cancelled proof without a page is asked for again", limit, async (t) => {
  const page = await visit(t);
  const phone = await page.addAuthenticator("internal");
  await register(page, "again@example.com");
  await phone.touched(false);
  const first = await toProof(page, "again@example.com");
  assert.ok((await page.ceremony(300)).error);
  const answer = await page.submit();
  is(answer, "WEBAUTHN");
  refused(answer, "passkey.cancelled");
  assert.notEqual(answer.data.webAuthn.publicKeyCredentialRequestOptions.challenge, first.challenge);
  await phone.touched(true);
  is(await page.answer(), "VIEW");
});

test("a page of another origin is refused, also when it lies", limit, async (t) => {
  const page = await visit(t, stranger);
  await page.addAuthenticator("internal");
  const foreign = await toCeremony(page, "stranger@example.com");
  is(foreign, "VIEW");
  refused(foreign, "passkey.origin");
  is(await page.submit({ origin: application.origin }, "passkey_submit"), "WEBAUTHN");
  const answer = await page.answer(); // the browser itself writes down where it is
  is(answer, "VIEW");
  refused(answer, "passkey.invalid");
  const { body: users } = await usher.admin("GET", `/scim2/Users?filter=${encodeURIComponent('userName eq "stranger@example.com"')}`);
  assert.equal(users.totalResults, 0);
});

test("an answer counts once, for its own challenge", limit, async (t) => {
  const page = await visit(t);
  await page.addAuthenticator("internal");
  is(await toCeremony(page, "first@example.com"), "WEBAUTHN");
  const { credential } = await page.ceremony();
  const tokenResponse = await page.token(credential);

  is(await toCeremony(page, "second@example.com"), "WEBAUTHN");
  refused(await page.submit({ tokenResponse }), "passkey.invalid"); // of another execution
  refused(await page.submit({ tokenResponse }), "passkey.spent"); // without a ceremony
  is(await page.submit({}, "passkey_submit"), "WEBAUTHN");
  is(await page.answer(), "REDIRECTION", "COMPLETE");

  await toProof(page, "second@example.com");
  const { credential: assertion } = await page.ceremony();
  const replayed = await page.token(assertion);
  is(await page.submit({ tokenResponse: replayed }), "VIEW");
  await toProof(page, "second@example.com");
  const again = await page.submit({ tokenResponse: replayed });
  is(again, "WEBAUTHN");
  refused(again, "passkey.invalid");
  is(await page.answer(), "VIEW");
});

test("an invitation enrols a second passkey, on another authenticator", limit, async (t) => {
  const page = await visit(t);
  const phone = await page.addAuthenticator("internal");
  await register(page, "two@example.com");
  const confirmationCode = await usher.invitation("two@example.com");
  is(await page.start("INVITED_USER_REGISTRATION", { confirmationCode }), "VIEW");
  const answer = await page.submit({ origin: page.origin }, "create");
  is(answer, "WEBAUTHN");
  const [first] = await phone.credentials();
  const excluded = answer.data.webAuthn.publicKeyCredentialCreationOptions.excludeCredentials;
  assert.deepEqual(excluded.map((c) => c.id), [Buffer.from(first.credentialId, "base64").toString("base64url")]);

  assert.equal((await page.ceremony()).error, "InvalidStateError"); // the phone has one already
  refused(await page.submit(), "passkey.cancelled");

  await phone.touched(false);
  const stick = await page.addAuthenticator("usb");
  is(await page.submit({}, "create"), "WEBAUTHN");
  is(await page.answer(), "REDIRECTION", "COMPLETE");
  const [second] = await stick.credentials();
  assert.equal(second.userHandle, first.userHandle); // one person

  await recover(page, "two@example.com", "By.The.St1ck");
  await stick.touched(false);
  await phone.touched(true);
  await recover(page, "two@example.com", "By.The.Ph0ne");
});

test("somebody without an account is asked like anybody else", limit, async (t) => {
  const page = await visit(t);
  await page.addAuthenticator("internal");
  await register(page, "known@example.com");
  const shape = (options) => ({ ...options, challenge: options.challenge.length, allowCredentials: options.allowCredentials.map((c) => Object.keys(c)) });
  const known = await toProof(page, "known@example.com");
  const unknown = await toProof(page, "unknown@example.com");
  assert.deepEqual(shape(unknown), shape(known));
  assert.deepEqual((await toProof(page, "Unknown@example.com")).allowCredentials, unknown.allowCredentials);
  assert.ok((await page.ceremony(1000)).error);
  refused(await page.submit(), "passkey.cancelled");
});
