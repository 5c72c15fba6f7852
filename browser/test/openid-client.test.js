// The provider as openid-client meets it, a certified client library of another
// codebase that refuses whatever is not as the standards say: metadata, issuer
// (RFC 9207), state, nonce, PKCE, signatures, rotation, introspection.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as oidc from "openid-client";
import { startUsher } from "../usher.js";

const redirectURI = "https://app.example.com/callback";
const user = { userName: "ada@example.com", password: "correct horse battery" };
let usher;

before(async () => {
  usher = await startUsher();
  await usher.admin("POST", "/scim2/Users", { ...user, emails: [{ value: user.userName, primary: true }], name: { givenName: "Ada", familyName: "Byron" } });
}, { timeout: 60_000 });

after(() => usher?.stop());

const limit = { timeout: 60_000 };

// connect registers an application and returns the library's view of it.
async function connect(name, settings, authentication) {
  const made = await usher.application({
    name,
    inboundProtocolConfiguration: { oidc: { callbackURLs: [redirectURI], logoutRedirectURLs: ["https://app.example.com/bye"], ...settings } },
    advancedConfigurations: { enableAPIBasedAuthentication: true },
  });
  const { clientId, clientSecret } = made.inboundProtocolConfiguration.oidc;
  const metadata = { id_token_signed_response_alg: settings.idToken?.idTokenSignedResponseAlg ?? "RS256" };
  const config = await oidc.discovery(new URL(usher.url), clientId, metadata, authentication(clientSecret), { execute: [oidc.allowInsecureRequests] });
  return Object.assign(config, { secret: clientSecret });
}

// signIn signs Ada in as an application that draws the login itself does, and
// returns where a browser would be sent, with what is needed to check it.
async function signIn(config, scope) {
  const checks = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true };
  const request = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectURI, scope, state: checks.expectedState, nonce: checks.expectedNonce, response_mode: "direct",
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: "S256",
    ...(config.secret && { client_secret: config.secret }),
  });
  const first = await fetch(request.origin + request.pathname, { method: "POST", body: request.searchParams }).then((r) => r.json());
  const last = await fetch(first.links[0].href, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      flowId: first.flowId,
      selectedAuthenticator: { authenticatorId: first.nextStep.authenticators[0].authenticatorId, params: { username: user.userName, password: user.password } },
    }),
  }).then((r) => r.json());
  assert.equal(last.flowStatus, "SUCCESS_COMPLETED", JSON.stringify(last));
  return { callback: new URL(`${redirectURI}?${new URLSearchParams(last.authData)}`), checks };
}

const kinds = {
  "a public client": [{ publicClient: true }, () => oidc.None()],
  "a confidential client by form": [{}, (secret) => oidc.ClientSecretPost(secret)],
  "a confidential client by Basic, JWTs, ES256": [
    { accessToken: { type: "JWT" }, idToken: { idTokenSignedResponseAlg: "ES256" } },
    (secret) => oidc.ClientSecretBasic(secret),
  ],
};

for (const [name, [settings, authentication]] of Object.entries(kinds)) {
  test(`${name} signs in, refreshes and revokes`, limit, async () => {
    const config = await connect(name, settings, authentication);
    oidc.enableNonRepudiationChecks(config); // the ID token's signature too
    const { callback, checks } = await signIn(config, "openid profile email");
    const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
    const { sub, email } = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(email, user.userName);
    assert.deepEqual(tokens.claims().amr, ["BasicAuthenticator", "pwd"]);

    const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(fresh.refresh_token, tokens.refresh_token);
    assert.equal(fresh.claims().sub, sub);
    if (config.secret) {
      const told = await oidc.tokenIntrospection(config, fresh.access_token);
      assert.equal(told.active && told.sub, sub);
    }
    await oidc.tokenRevocation(config, fresh.refresh_token);
    await assert.rejects(oidc.fetchUserInfo(config, fresh.access_token, sub), { code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE" });
    await assert.rejects(oidc.refreshTokenGrant(config, fresh.refresh_token), { error: "invalid_grant" });
    const logout = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: "https://app.example.com/bye", state: "x" });
    const left = await fetch(logout, { redirect: "manual" });
    assert.equal(left.headers.get("Location"), "https://app.example.com/bye?state=x");
  });
}

test("the library notices what was mixed up, injected or replayed", limit, async () => {
  const config = await connect("attacked", { publicClient: true }, () => oidc.None());
  const mixed = await signIn(config, "openid");
  const issuer = (error) => /"iss"/.test(error.cause?.message);
  mixed.callback.searchParams.set("iss", "https://evil.example");
  await assert.rejects(oidc.authorizationCodeGrant(config, mixed.callback, mixed.checks), issuer);
  mixed.callback.searchParams.delete("iss"); // which the metadata promise
  await assert.rejects(oidc.authorizationCodeGrant(config, mixed.callback, mixed.checks), issuer);

  const [mine, stolen] = [await signIn(config, "openid"), await signIn(config, "openid")];
  const injected = new URL(mine.callback);
  injected.searchParams.set("code", stolen.callback.searchParams.get("code"));
  await assert.rejects(oidc.authorizationCodeGrant(config, injected, mine.checks), { error: "invalid_grant" });

  const tokens = await oidc.authorizationCodeGrant(config, mine.callback, mine.checks);
  await assert.rejects(oidc.authorizationCodeGrant(config, mine.callback, mine.checks), { error: "invalid_grant" });
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
});
