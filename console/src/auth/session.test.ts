// @vitest-environment node
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConnectionLost } from "../api/problem";
import { Provider } from "./provider";
import { type Browser, Session } from "./session";

const issuer = "https://id.example.com/t/acme";
const base = "/t/acme/console/";
const base64url = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** A token endpoint. Its answers can be changed; what it was sent is kept. */
class Endpoint {
  readonly sent: URLSearchParams[] = [];
  subject = "ada-id";
  nonce = "";
  scope = "openid profile internal_flow_mgt_view";
  expiresIn = 600;
  refusal: { error: string } | "away" | undefined;

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    expect(String(input)).toBe(`${issuer}/oauth2/token`);
    const form = new URLSearchParams(String(init?.body));
    this.sent.push(form);
    if (this.refusal === "away") throw new TypeError("fetch failed");
    if (this.refusal) return Response.json(this.refusal, { status: 400 });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: this.subject,
      aud: "console",
      iat: now,
      exp: now + 3600,
      preferred_username: "ada",
      nonce: this.nonce,
    };
    return Response.json({
      access_token: `access-${this.sent.length}`,
      refresh_token: `refresh-${this.sent.length}`,
      id_token: `${base64url({ alg: "RS256", typ: "JWT" })}.${base64url(claims)}.c2ln`,
      token_type: "Bearer",
      expires_in: this.expiresIn,
      scope: this.scope,
    });
  };
}

/** The channels of one browser's windows. */
class Channel {
  static all = new Set<Channel>();
  onmessage: ((event: MessageEvent) => void) | null = null;
  constructor() {
    Channel.all.add(this);
  }
  postMessage(data: unknown) {
    for (const other of [...Channel.all]) if (other !== this) queueMicrotask(() => other.onmessage?.({ data } as MessageEvent));
  }
  close() {
    Channel.all.delete(this);
  }
}

function windowAt(path: string, kept: Map<string, string> = new Map()) {
  const url = new URL(path, issuer);
  const gone: string[] = [];
  const opened: string[] = [];
  const browser: Browser = {
    location: { pathname: url.pathname, search: url.search, hash: url.hash },
    leave: (to) => gone.push(to),
    open: (to) => opened.push(to) > 0,
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    },
    channel: () => new Channel() as unknown as BroadcastChannel,
  };
  return { browser, gone, opened, kept };
}

const newProvider = (endpoint: Endpoint) => new Provider({ issuer, scopes: ["internal_flow_mgt_view"], fetch: endpoint.fetch });

/** callback is where the provider sends the browser back to, that was sent to the address. */
function callback(endpoint: Endpoint, address: string, more: Record<string, string> = {}): string {
  const asked = new URL(address).searchParams;
  endpoint.nonce = asked.get("nonce") ?? "";
  return `${base}callback?${new URLSearchParams({ code: "the-code", state: asked.get("state") ?? "", iss: issuer, ...more })}`;
}

/** signedIn goes the whole round. */
async function signedIn(path = `${base}flows?a=b#c`) {
  const endpoint = new Endpoint();
  const first = windowAt(path);
  expect(await new Session(newProvider(endpoint), first.browser, base).start()).toEqual({ kind: "leaving" });
  const address = first.gone[0] ?? "";
  const back = windowAt(callback(endpoint, address), first.kept);
  const session = new Session(newProvider(endpoint), back.browser, base);
  const outcome = await session.start();
  return { endpoint, session, outcome, address, ...back };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  Channel.all.clear();
});
afterEach(() => {
  vi.useRealTimers();
});

test("signing in comes back to where it began, and keeps nothing in the browser", async () => {
  const { session, outcome, address, endpoint, kept } = await signedIn();
  expect(outcome).toEqual({ kind: "ready", path: `${base}flows?a=b#c` });
  const asked = new URL(address);
  expect(asked.origin + asked.pathname).toBe(`${issuer}/oauth2/authorize`);
  expect(Object.fromEntries(asked.searchParams)).toMatchObject({
    response_type: "code",
    client_id: "console",
    redirect_uri: `${issuer}/console/callback`,
    scope: "openid profile internal_flow_mgt_view",
    code_challenge_method: "S256",
  });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint.sent[0]?.get("code_verifier") ?? ""));
  const challenge = btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
  expect(asked.searchParams.get("code_challenge")).toBe(challenge);
  expect(await session.token()).toBe("access-1");
  expect(session.state()).toEqual({
    kind: "someone",
    person: { id: "ada-id", name: "ada" },
    scopes: new Set(["openid", "profile", "internal_flow_mgt_view"]),
  });
  expect(kept.size).toBe(0);
});

test.each([
  ["another state", { state: "another" }, "over"],
  ["another issuer", { iss: "https://evil.example.com" }, "issuer"],
  ["a refusal", { error: "access_denied", error_description: "Not you.", code: "" }, "Not you."],
])("an answer with %s signs nobody in", async (_, more, says) => {
  const endpoint = new Endpoint();
  const first = windowAt(base);
  await new Session(newProvider(endpoint), first.browser, base).start();
  const back = windowAt(callback(endpoint, first.gone[0] ?? "", more as Record<string, string>), first.kept);
  const session = new Session(newProvider(endpoint), back.browser, base);
  const outcome = session.start();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await outcome).toMatchObject({ kind: "failed", why: expect.stringContaining(says) });
  expect(session.state()).toEqual({ kind: "nobody" });
  expect(endpoint.sent).toHaveLength(0);
  expect(first.kept.size).toBe(0);
  await expect(session.token()).rejects.toThrow("Nobody is signed in.");
});

test("an ID token for another round signs nobody in", async () => {
  const endpoint = new Endpoint();
  const first = windowAt(base);
  await new Session(newProvider(endpoint), first.browser, base).start();
  const back = windowAt(callback(endpoint, first.gone[0] ?? ""), first.kept);
  endpoint.nonce = "another";
  const session = new Session(newProvider(endpoint), back.browser, base);
  expect(await session.start()).toMatchObject({ kind: "failed", why: expect.stringContaining("nonce") });
});

test("an answer counts once", async () => {
  const { kept, address, endpoint } = await signedIn();
  const again = windowAt(callback(endpoint, address), kept);
  const outcome = new Session(newProvider(endpoint), again.browser, base).start();
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await outcome).kind).toBe("failed");
});

test("a token is renewed before it ends, and once for all who ask", async () => {
  const { session, endpoint } = await signedIn();
  vi.advanceTimersByTime(590_000);
  expect(await Promise.all([session.token(), session.token(), session.renew("access-1")])).toEqual(["access-2", "access-2", "access-2"]);
  expect(endpoint.sent.map((form) => form.get("grant_type"))).toEqual(["authorization_code", "refresh_token"]);
  expect(endpoint.sent[1]?.get("refresh_token")).toBe("refresh-1");
  expect(await session.renew("access-1")).toBe("access-2"); // which somebody has renewed meanwhile
  expect(endpoint.sent).toHaveLength(2);
});

test("a server that is away does not end the session", async () => {
  const { session, endpoint } = await signedIn();
  endpoint.refusal = "away";
  await expect(session.renew("access-1")).rejects.toBeInstanceOf(ConnectionLost);
  expect(session.state().kind).toBe("someone");
  endpoint.refusal = undefined;
  expect(await session.renew("access-1")).toBe("access-3");
});

/** over ends the session on the server and signs in again in another window, as the subject. */
async function over(subject: string) {
  const window = await signedIn();
  const { session, endpoint, opened } = window;
  endpoint.refusal = { error: "invalid_grant" };
  const waiting = session.renew("access-1");
  await vi.waitFor(() => expect(session.state().kind).toBe("over"));
  expect(await session.signInAgain()).toBe(true);
  endpoint.refusal = undefined;
  endpoint.subject = subject;
  const popup = windowAt(callback(endpoint, opened[0] ?? ""));
  expect(await new Session(newProvider(endpoint), popup.browser, base).start()).toEqual({ kind: "handed-over" });
  return { ...window, waiting };
}

test("who signs in again, in a window of its own, goes on where they were", async () => {
  const { session, waiting, gone } = await over("ada-id");
  expect(await waiting).toBe("access-3");
  expect(session.state().kind).toBe("someone");
  expect(gone).toEqual([]);
  expect(Channel.all.size).toBe(0);
});

test("somebody else who signs in does not get to see what is open", async () => {
  const { session, gone } = await over("eve-id");
  await vi.waitFor(() => expect(gone).toEqual([base]));
  expect(session.state()).toMatchObject({ kind: "over", person: { id: "ada-id" } });
});

test("who does not want to wait for a sign-in need not", async () => {
  const { session, endpoint } = await signedIn();
  endpoint.refusal = { error: "invalid_grant" };
  const gone = new AbortController();
  const waiting = session.token(gone.signal);
  await expect(waiting).resolves.toBe("access-1");
  const renewed = session.renew("access-1", gone.signal);
  gone.abort();
  await expect(renewed).rejects.toMatchObject({ name: "AbortError" });
});

test("signing out tells the server who it was", async () => {
  const { session, gone } = await signedIn();
  session.signOut();
  const url = new URL(gone[0] ?? "");
  expect(url.origin + url.pathname).toBe(`${issuer}/oidc/logout`);
  expect(url.searchParams.get("post_logout_redirect_uri")).toBe(`${issuer}/console/signed-out`);
  expect(url.searchParams.get("id_token_hint")).toMatch(/^ey/);
});

test("the page after signing out signs nobody in", async () => {
  const { browser, gone } = windowAt(`${base}signed-out`);
  expect(await new Session(newProvider(new Endpoint()), browser, base).start()).toEqual({ kind: "signed-out" });
  expect(gone).toEqual([]);
});
