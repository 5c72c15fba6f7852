// The public JavaScript SDKs of the established implementation, unchanged,
// against the built binary.
import { EmbeddedFlowStatus, executeEmbeddedSignInFlow, executeEmbeddedSignUpFlow, initializeEmbeddedSignInFlow } from "@asgardeo/javascript";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { Page, startChromium } from "../chromium.js";
import { startSDKApplication } from "../sdk.js";
import { startUsher } from "../usher.js";

const password = "correct horse battery";
const limit = { timeout: 60_000 };
let site, usher, browser, application;

before(async () => {
  site = await startSDKApplication();
  usher = await startUsher({ USHER_WEBAUTHN_ORIGINS: site.origin });
  await usher.admin("PATCH", "/api/server/v1/flow/config", { flowType: "REGISTRATION", flowCompletionConfigs: { isAutoLoginEnabled: "true" } });
  application = await usher.application({
    name: "SDK",
    inboundProtocolConfiguration: {
      oidc: { publicClient: true, callbackURLs: [site.origin], logoutRedirectURLs: [site.origin], allowedOrigins: [site.origin] },
    },
    advancedConfigurations: { enableAPIBasedAuthentication: true, tokenEndpointIsIssuer: true, loginPageUrl: `${site.origin}/join` },
  });
  site.settings = { base: usher.url, clientId: application.clientId };
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, site]) await one?.stop();
});

async function visit(t, path) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(site.origin + path);
  return page;
}

// type enters text key by key: the SDK checks a field against what was in it
// before the last one.
async function type(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const input = page.locator(`input[name="${name}"]`);
    await input.fill("");
    await input.pressSequentially(value);
  }
}

const submit = (page) => page.locator("button[type=submit]").click();

async function told(page, text) {
  await page.getByRole("alert").filter({ hasText: text }).waitFor();
}

async function signedIn(page, name) {
  await page.getByRole("status").filter({ hasText: name }).waitFor();
  assert.equal(new URL(page.url()).search, ""); // the code is gone from the address
}

async function register(email) {
  const { flowId } = await executeEmbeddedSignUpFlow({ baseUrl: usher.url, payload: { flowType: "REGISTRATION" } });
  const done = await executeEmbeddedSignUpFlow({ baseUrl: usher.url, payload: { flowId, actionId: "submit", inputs: { email, password } } });
  assert.equal(done.flowStatus, EmbeddedFlowStatus.Complete, JSON.stringify(done));
  return done;
}

test("somebody signs up on the application's page and is handed over to it", limit, async (t) => {
  await register("taken@example.com");
  const page = await visit(t, "/");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${site.origin}/join?*`); // with the key that the sign-in waits under

  await type(page, { email: "ada@example.com", password: "short" });
  await submit(page);
  await told(page, "at least 8 characters");
  await type(page, { email: "taken@example.com", password });
  await submit(page);
  await told(page, "taken");
  await type(page, { email: "ada@example.com", password });
  await submit(page);
  await signedIn(page, "ada@example.com");

  // The server knows the person now: the SDK's sign-in comes back at once.
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(site.origin);
  await page.getByRole("button", { name: "Sign in" }).click();
  await signedIn(page, "ada@example.com");

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${usher.url}/accounts/logout?*`); // the SDK does not say whom it means
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${site.origin}/**`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${site.origin}/join?*`);
});

test("somebody signs up and is signed in without leaving the application", limit, async (t) => {
  const page = await visit(t, "/join");
  await type(page, { email: "grace@example.com", password });
  await submit(page);
  await signedIn(page, "grace@example.com");
});

test("the SDK's own page signs in", limit, async (t) => {
  await register("joan@example.com");
  const page = await visit(t, "/enter");
  await type(page, { username: "joan@example.com", password: "not the password" });
  await submit(page);
  await page.getByText("An error occurred").waitFor();
  await type(page, { username: "joan@example.com", password });
  await submit(page);
  await signedIn(page, "joan@example.com");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
});

test("the SDK's own page signs in with a passkey", limit, async (t) => {
  const live = (await usher.admin("GET", "/api/server/v1/flow?flowType=REGISTRATION")).body;
  await usher.publish(await usher.template("REGISTRATION", "basic-passkey"));
  t.after(() => usher.publish({ ...live, flowType: "REGISTRATION" }));
  await usher.admin("PATCH", `/api/server/v1/applications/${application.id}`, {
    authenticationSequence: {
      type: "USER_DEFINED",
      steps: [{ options: [{ idp: "LOCAL", authenticator: "BasicAuthenticator" }, { idp: "LOCAL", authenticator: "FIDOAuthenticator" }] }],
    },
  });
  t.after(() => usher.admin("PATCH", `/api/server/v1/applications/${application.id}`, { authenticationSequence: { type: "DEFAULT" } }));

  const page = await visit(t, "/");
  const person = new Page(page.context(), page, site.origin);
  await person.addAuthenticator("internal");
  await page.addScriptTag({ path: fileURLToPath(new URL("../client.js", import.meta.url)) });
  await page.evaluate((url) => { globalThis.client = new Client(url); }, usher.url);
  await person.start("REGISTRATION", { email: "key@example.com", givenname: "Ada", lastname: "Lovelace" });
  await person.submit({ origin: site.origin });
  assert.equal((await person.answer()).flowStatus, "COMPLETE");

  await page.goto(`${site.origin}/enter`);
  await page.getByRole("button", { name: /passkey/i }).click();
  await signedIn(page, "key@example.com");
});

test("the functions of the SDK sign up and sign in", limit, async () => {
  const baseUrl = usher.url;
  const first = await executeEmbeddedSignUpFlow({ baseUrl, payload: { flowType: "REGISTRATION", applicationId: application.id } });
  assert.equal(first.type, "VIEW");
  assert.ok(first.data.components.length > 0);
  const again = await executeEmbeddedSignUpFlow({
    baseUrl, payload: { flowId: first.flowId, actionId: "submit", inputs: { email: "mary@example.com", password: "short" } },
  });
  assert.deepEqual([again.flowStatus, again.data.messages.length], [EmbeddedFlowStatus.Incomplete, 1]);
  const done = await executeEmbeddedSignUpFlow({
    baseUrl, payload: { flowId: first.flowId, actionId: "submit", inputs: { email: "mary@example.com", password } },
  });
  assert.equal(done.flowStatus, EmbeddedFlowStatus.Complete, JSON.stringify(done));
  assert.equal(done.data.additionalData.userAssertion, done.data.userAssertion);
  await assert.rejects(
    executeEmbeddedSignUpFlow({ baseUrl, payload: { flowId: first.flowId, actionId: "submit", inputs: {} } }),
    (error) => error.statusCode === 400 && /FE-60001/.test(error.message),
  );

  const verifier = randomBytes(32).toString("base64url");
  const step = await initializeEmbeddedSignInFlow({
    baseUrl,
    payload: {
      client_id: application.clientId, response_type: "code", response_mode: "direct", redirect_uri: site.origin, scope: "openid email", state: "S1",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256",
    },
  });
  const [{ authenticatorId }] = step.nextStep.authenticators;
  const { flowStatus, authData } = await executeEmbeddedSignInFlow({
    baseUrl, payload: { flowId: step.flowId, selectedAuthenticator: { authenticatorId, params: { username: "mary@example.com", password } } },
  });
  assert.deepEqual([flowStatus, authData.state], ["SUCCESS_COMPLETED", "S1"]);
  const response = await fetch(`${baseUrl}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code", client_id: application.clientId, code: authData.code, redirect_uri: site.origin, code_verifier: verifier,
    }),
  });
  const tokens = await response.json();
  assert.equal(response.status, 200, JSON.stringify(tokens));
  assert.equal(JSON.parse(Buffer.from(tokens.id_token.split(".")[1], "base64url")).email, "mary@example.com");
});
