import { describe, expect, it, vi } from "vitest";
import { Client } from "../api/client";
import { Connection } from "../api/connection";
import { DraftChanged, Offline } from "./api";
import { serverApi } from "./server";

const problem = (code: string, rest: object = {}) => ({ code, message: "No.", description: "It cannot be.", ...rest });

/** api is the builder's view of a server that answers so, and what was asked of it. */
function setup(answers: Record<string, () => Response | Promise<Response>>) {
  const asked: { what: string; body: unknown; ifMatch: string | null }[] = [];
  const fetch = vi.fn(async (url: string | URL | Request, init?: RequestInit) => {
    const what = `${init?.method} ${String(url).replace("/api/server/v1/", "")}`;
    asked.push({ what, body: init?.body, ifMatch: new Headers(init?.headers).get("If-Match") });
    const answer = answers[what];
    if (!answer) throw new TypeError("there is nothing");
    return answer();
  });
  const connection = new Connection(() => new Promise(() => {}));
  const bearer = { token: async () => "t", renew: async () => "t" };
  return { asked, api: serverApi(new Client({ root: "", bearer, connection, fetch }), connection) };
}
const json = (body: unknown, status = 200) => new Response(typeof body === "string" ? body : JSON.stringify(body), { status });

describe("reading", () => {
  it("takes the draft to the digit", async () => {
    const text =
      '{"flowType":"REGISTRATION","revision":3,"saved":"2026-01-01T00:00:00Z","author":{"id":"1","name":"ada"},"base":4,"definition":{"steps":[],"n":1.50},"problems":[]}';
    const { api } = setup({ "GET flow/draft?flowType=REGISTRATION": () => json(text) });
    expect(await api.load("REGISTRATION")).toEqual({
      text: '{"steps":[],"n":1.50}',
      draft: { revision: 3, saved: "2026-01-01T00:00:00Z", author: { id: "1", name: "ada" } },
      base: 4,
    });
  });

  it("takes what is live where there is no draft", async () => {
    const { api } = setup({
      "GET flow/draft?flowType=REGISTRATION": () => json(problem("UE-28404"), 404),
      "GET flow/overview": () =>
        json([
          { flowType: "PASSWORD_RECOVERY", live: { number: 2 } },
          { flowType: "REGISTRATION", live: { number: 7 } },
        ]),
      "GET flow?flowType=REGISTRATION": () => json('{"steps": [ ]}'),
      "PUT flow/draft?flowType=REGISTRATION&base=7": () => json({ revision: 1, saved: "" }, 201),
    });
    const { base, ...loaded } = await api.load("REGISTRATION");
    expect(loaded).toEqual({ text: '{"steps": [ ]}', draft: undefined });
    expect((await api.save("REGISTRATION", loaded.text, undefined, base)).revision).toBe(1);
  });

  it("says what a person can read where it is refused", async () => {
    const { api } = setup({ "GET flow/draft?flowType=REGISTRATION": () => json(problem("X"), 400) });
    await expect(api.load("REGISTRATION")).rejects.toThrow("No. It cannot be.");
  });

  it("offers attributes, but not those that the server keeps for itself", async () => {
    const claims = ["givenname", "identity/accountLocked"].map((name) => ({
      claimURI: `http://wso2.org/claims/${name}`,
      displayName: name,
      required: false,
      readOnly: false,
    }));
    const { api } = setup({ "GET claim-dialects/local/claims": () => json(claims) });
    expect((await api.attributes()).map((one) => one.name)).toEqual(["givenname"]);
  });
});

describe("saving", () => {
  const put = "PUT flow/draft?flowType=REGISTRATION";

  it("names the draft that was seen, and sends the document as it is", async () => {
    const { api, asked } = setup({ [put]: () => json({ revision: 8, saved: "now", problems: [] }) });
    expect((await api.save("REGISTRATION", '{"steps":[],"n":1.0}', 7)).revision).toBe(8);
    await api.save("REGISTRATION", "{}", undefined);
    expect(asked).toEqual([
      { what: put, body: '{"steps":[],"n":1.0}', ifMatch: '"7"' },
      { what: put, body: "{}", ifMatch: null },
    ]);
  });

  it("tells somebody else's change from a lost connection", async () => {
    const current = { revision: 9, saved: "now", author: { name: "eve" } };
    const changed = setup({ [put]: () => json(problem("UE-28412", { current }), 412) });
    const error = await changed.api.save("REGISTRATION", "{}", 7).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(DraftChanged);
    expect((error as DraftChanged).current).toEqual(current);
    await expect(setup({}).api.save("REGISTRATION", "{}", 7)).rejects.toBeInstanceOf(Offline);
  });

  it("asks once: what is to be done about a lost answer, the builder decides", async () => {
    const { api, asked } = setup({});
    await api.save("REGISTRATION", "{}", 7).catch(() => undefined);
    expect(asked).toHaveLength(1);
  });
});

it("has the server check a document as it is", async () => {
  const problems = [{ code: "FM-10012", message: "the flow has no steps" }];
  const { api, asked } = setup({ "POST flow/validate": () => json({ problems }) });
  expect(await api.validate('{"steps":[],"n":1.0}', new AbortController().signal)).toEqual(problems);
  expect(asked[0]?.body).toBe('{"definition":{"steps":[],"n":1.0}}');
});
