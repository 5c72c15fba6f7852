// Sign-up with a real OpenID provider, through a browser, against the built
// binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startChromium } from "../chromium.js";
import { signIn, startProvider } from "../provider.js";
import { startSite } from "../site.js";
import { startUsher } from "../usher.js";

let application, provider, usher, browser, redirect;

before(async () => {
  application = await startSite();
  redirect = `${application.origin}/callback`;
  provider = await startProvider(redirect);
  usher = await startUsher({ USHER_CORS_ORIGINS: application.origin, USHER_OUTBOUND_ALLOW: "127.0.0.0/8,::1/128" });
  const { client_id, client_secret } = provider.client;
  await usher.admin("POST", "/api/server/v1/identity-providers", {
    name: "Google", kind: "GoogleExecutor", secrets: { client_secret },
    settings: { client_id, issuer: provider.issuer, redirect_uri: redirect, require_iss: "true" },
  });
  await usher.publish(await usher.template("REGISTRATION", "basic-google"));
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, provider, application]) await one?.stop();
});

const limit = { timeout: 60_000 };

// depart presses the button of a fresh registration and returns the answer.
async function depart(page) {
  await page.start("REGISTRATION");
  const answer = await page.submit({}, "details_google");
  assert.equal(answer.type, "REDIRECTION", JSON.stringify(answer));
  assert.deepEqual(answer.data.requiredParams, ["code", "state"]);
  assert.equal(answer.data.redirectURL, answer.data.url);
  return answer;
}

// goAndReturn leaves the application for the provider and comes back to it.
async function goAndReturn(page, answer, user) {
  const sent = await signIn(page.page, answer.data.url, redirect, user);
  assert.equal(sent.state, answer.data.additionalData.state);
  assert.equal(sent.iss, provider.issuer);
  await page.resume(usher.url, answer.flowId);
  return sent;
}

const refused = (answer, key) => {
  assert.equal(answer.status, 200, JSON.stringify(answer));
  assert.equal(answer.flowStatus, "INCOMPLETE");
  assert.equal(answer.type, "VIEW");
  assert.ok(answer.data.components.length > 0);
  assert.deepEqual(answer.data.messages?.map((m) => m.i18nKey), [`{{${key}}}`], JSON.stringify(answer));
};

async function visit(t) {
  const page = await openPage(browser, application.origin, usher.url);
  t.after(() => page.close());
  return page;
}

test("somebody signs up with the account they have", limit, async (t) => {
  const page = await visit(t);
  const sent = await goAndReturn(page, await depart(page), "grace");
  const done = await page.submit(sent);
  assert.equal(done.flowStatus, "COMPLETE", JSON.stringify(done));
  const { body } = await usher.admin("GET", `/scim2/Users?filter=${encodeURIComponent('userName eq "grace@example.com"')}`);
  assert.equal(body.totalResults, 1);
  assert.deepEqual([body.Resources[0].name.givenName, body.Resources[0].name.familyName], ["Grace", "Hopper"]);
  assert.ok(!(await usher.log()).includes(sent.code));

  // The same account is the same person, who is told so.
  const again = await goAndReturn(page, await depart(page), "grace");
  refused(await page.submit(again), "federated.exists");
});

test("somebody who cancels goes on from the page", limit, async (t) => {
  const page = await visit(t);
  const answer = await depart(page);
  const sent = await goAndReturn(page, answer);
  assert.equal(sent.error, "access_denied");
  refused(await page.submit(sent), "federated.cancelled");
  const second = await page.submit({}, "details_google");
  assert.equal(second.type, "REDIRECTION");
  assert.notEqual(second.data.additionalData.state, answer.data.additionalData.state);
  const done = await page.submit(await goAndReturn(page, second, "ada"));
  assert.equal(done.flowStatus, "COMPLETE", JSON.stringify(done));
});

test("an answer counts once, in the place it was asked for", limit, async (t) => {
  const page = await visit(t);
  const sent = await goAndReturn(page, await depart(page), "joan");
  const other = await visit(t);
  const state = (await depart(other)).data.additionalData.state;
  refused(await other.submit(sent), "federated.state"); // of another execution
  await depart(other);
  const { iss, ...unnamed } = sent;
  refused(await page.submit({ ...unnamed, iss: "https://accounts.google.com" }), "federated.failed"); // mixed up
  assert.equal((await page.submit({}, "details_google")).type, "REDIRECTION");
  refused(await page.submit(sent), "federated.state"); // of an attempt that is over
  assert.notEqual(state, sent.state);
  const { body } = await usher.admin("GET", `/scim2/Users?filter=${encodeURIComponent('userName eq "joan@example.com"')}`);
  assert.equal(body.totalResults, 0);
});
