// @vitest-environment node
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Bearer, Client } from "./client";
import { Connection } from "./connection";
import { ConnectionLost, explain, Refused } from "./problem";

type Step = Response | Error | ((request: Request) => Response);

/** A server that answers requests one after the other, and says what it was asked. */
class Server {
  readonly asked: Request[] = [];
  constructor(private readonly steps: Step[]) {}

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(new URL(String(input), "https://id.example.com"), init);
    this.asked.push(request);
    const step = this.steps.shift();
    if (!step) throw new Error("asked more often than expected");
    if (step instanceof Error) throw step;
    return typeof step === "function" ? step(request) : step;
  };
}

class Tokens implements Bearer {
  renewals: string[] = [];
  async token() {
    return "first";
  }
  async renew(stale: string) {
    this.renewals.push(stale);
    return "second";
  }
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => new Response(JSON.stringify(body), { status, headers });
const problem = { code: "UE-1", message: "No.", description: "Not today.", traceId: "abc" };
const lost = () => new TypeError("fetch failed");

function client(...steps: Step[]) {
  const server = new Server(steps);
  const tokens = new Tokens();
  const asks = vi.fn(async () => {});
  const connection = new Connection(asks);
  return { server, tokens, connection, asks, client: new Client({ root: "/t/acme", bearer: tokens, connection, fetch: server.fetch }) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("an answer comes with its entity tag, asked for in the bearer's name", async () => {
  const { client: c, server } = client(json({ a: 1 }, 200, { ETag: '"7"' }));
  expect(await c.get("/api/x", { query: { flowType: "A B", none: undefined } })).toEqual({ data: { a: 1 }, text: '{"a":1}', etag: '"7"' });
  const [request] = server.asked;
  expect(request?.url).toBe("https://id.example.com/t/acme/api/x?flowType=A+B");
  expect(request?.headers.get("Authorization")).toBe("Bearer first");
  expect(request?.credentials).toBe("omit");
});

test("a document is sent to the byte, with what was seen of it", async () => {
  const { client: c, server } = client(new Response(null, { status: 204 }));
  expect((await c.send("PUT", "/api/x", { body: '{"n": 1.0}', ifMatch: '"3"' })).data).toBeUndefined();
  expect(await server.asked[0]?.text()).toBe('{"n": 1.0}');
  expect(server.asked[0]?.headers.get("If-Match")).toBe('"3"');
});

test("a token that counts no more is renewed, once", async () => {
  const refused = () => json({ ...problem, code: "UE-10401" }, 401);
  const { client: c, server, tokens } = client(refused(), json("yes"), refused(), refused());
  expect((await c.get("/api/x")).data).toBe("yes");
  expect(server.asked.map((request) => request.headers.get("Authorization"))).toEqual(["Bearer first", "Bearer second"]);
  await expect(c.get("/api/x")).rejects.toMatchObject({ status: 401 });
  expect(tokens.renewals).toEqual(["first", "first"]);
});

test("a refusal says what the server said", async () => {
  const { client: c, server } = client(json({ ...problem, current: { revision: 4 } }, 412));
  const error = await c.send("PUT", "/api/x", { body: {}, repeatable: true }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Refused);
  expect(error).toMatchObject({ status: 412, code: "UE-1", changed: true, problem: { current: { revision: 4 }, traceId: "abc" } });
  expect(server.asked).toHaveLength(1);
  expect(explain(error)).toBe("No. Not today.");
});

test("a refusal that is no problem of ours is one all the same", async () => {
  const { client: c } = client(new Response("<h1>Teapot</h1>", { status: 418 }));
  const error = await c.get("/api/x").catch((e: unknown) => e);
  expect(explain(error)).toBe("The server answered with status 418.");
});

test("what only reads is repeated when the server is back", async () => {
  const { client: c, server, connection, asks } = client(lost(), json("yes"));
  asks.mockRejectedValueOnce(new Error("still away"));
  const answer = c.get("/api/x");
  await vi.advanceTimersByTimeAsync(499);
  expect(connection.isUp()).toBe(false);
  expect(asks).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(server.asked).toHaveLength(1); // still away
  await vi.advanceTimersByTimeAsync(1000);
  expect((await answer).data).toBe("yes");
  expect(connection.isUp()).toBe(true);
});

test("what changes something is not repeated unless it may be", async () => {
  const { client: c, server } = client(lost(), lost(), json("yes"));
  await expect(c.send("POST", "/api/x")).rejects.toBeInstanceOf(ConnectionLost);
  expect(server.asked).toHaveLength(1);
  const answer = c.send("PUT", "/api/x", { repeatable: true });
  await vi.advanceTimersByTimeAsync(3000);
  expect((await answer).data).toBe("yes");
});

test("a proxy without its server is a lost connection", async () => {
  const { client: c } = client(new Response("", { status: 502 }));
  await expect(c.send("POST", "/api/x")).rejects.toBeInstanceOf(ConnectionLost);
});

test("a busy server is asked again when it says", async () => {
  const { client: c, server } = client(
    json(problem, 429, { "Retry-After": "2" }),
    json("yes"),
    json(problem, 429, { "Retry-After": "3600" }),
  );
  const answer = c.send("POST", "/api/x");
  await vi.advanceTimersByTimeAsync(1999);
  expect(server.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect((await answer).data).toBe("yes");
  await expect(c.send("POST", "/api/x")).rejects.toMatchObject({ status: 429, problem: { after: 3600 } });
});

test("who has gone waits for nothing", async () => {
  const { client: c } = client(lost());
  const gone = new AbortController();
  const answer = c.get("/api/x", { signal: gone.signal });
  const failed = expect(answer).rejects.toMatchObject({ name: "AbortError" });
  await vi.advanceTimersByTimeAsync(100);
  gone.abort();
  await failed;
});

test.each([
  [new Refused(403, { ...problem, description: "This call needs the scope x." }), "You may not do this. This call needs the scope x."],
  [new Refused(500, problem), "No. Not today. The server's log has more, under abc."],
  [new ConnectionLost(), "The server cannot be reached. What you have done here is kept until it is back."],
  [new Refused(429, { ...problem, after: 119 }), "Too many requests. Try again in 119 seconds."],
  [new Refused(429, { ...problem, after: 121 }), "Too many requests. Try again in 3 minutes."],
  [new Refused(429, { ...problem, after: 86_400 }), "Too many requests. Try again in 24 hours."],
  [new Refused(429, problem), "No. Not today."],
  [new RangeError("x is not y"), "Something went wrong in this page. Reloading it may help."],
])("%s is explained", (error, text) => {
  expect(explain(error)).toBe(text);
});

test("a refusal of SCIM says what is wrong, too", async () => {
  const refusal = {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    scimType: "invalidFilter",
    detail: "There is no such operator.",
    status: "400",
  };
  const { client: c } = client(json(refusal, 400));
  const error = await c.get("/scim2/Users").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 400, code: "invalidFilter" });
  expect(explain(error)).toBe("There is no such operator.");
});

test("an answer that is no JSON is its text", async () => {
  const { client: c } = client(new Response("https://id.example.com/x", { headers: { "Content-Type": "text/plain" } }));
  expect(await c.send("POST", "/api/x", { plain: true })).toMatchObject({ data: undefined, text: "https://id.example.com/x" });
});
