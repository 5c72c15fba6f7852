// Starts a real OpenID provider of another codebase, with the pages on which
// its developers sign in, on an origin of its own.
import { once } from "node:events";
import { createServer } from "node:http";
import Provider from "oidc-provider";

// startProvider returns a running provider for one client, whose answers go to
// the redirect URI. Whoever signs in as X is X, with a confirmed address.
export async function startProvider(redirect) {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://localhost:${server.address().port}`;
  const client = { client_id: "usher", client_secret: "the-client-secret" };
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [redirect], grant_types: ["authorization_code"], response_types: ["code"] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["given_name", "family_name"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true, given_name: "Grace", family_name: "Hopper" }),
    }),
    cookies: { keys: ["for tests"] },
  });
  server.on("request", provider.callback());
  return {
    issuer,
    client,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

// signIn is a person in front of the provider's pages: it goes to the address
// and signs in as the user, or gives up without one. It returns what the
// provider sends back with the browser.
export async function signIn(page, address, redirect, user) {
  await page.goto(address);
  if (user) {
    const login = page.locator("input[name=login]");
    if (await login.count()) { // else the provider remembers the person
      await login.fill(user);
      await page.locator("input[name=password]").fill("any");
      await page.locator("button[type=submit]").click();
    }
    const consent = page.locator("button[type=submit]");
    if (await consent.count()) await consent.click();
  } else {
    await page.locator("a", { hasText: "Cancel" }).click();
  }
  await page.waitForURL((url) => url.href.startsWith(redirect));
  return Object.fromEntries(new URL(page.url()).searchParams);
}
