import { expect, test } from "vitest";
import { Client } from "./client";
import { Connection } from "./connection";
import { said, textsOf } from "./texts";

const bearer = { token: async () => "t", renew: async () => "t" };

test.each([
  [200, "Join us"],
  [404, "Sign up"],
])("the organisation's own words, answered with %i, stand before ours", async (status, want) => {
  const fetch = async (input: RequestInfo | URL) => {
    const resolved = String(input).includes("/text/resolve");
    const body = resolved ? { preference: { text: { "sign.up": "Join us" } } } : { text: { "sign.up": "Sign up", next: "Next" } };
    return new Response(JSON.stringify(body), { status: resolved ? status : 200 });
  };
  expect(await textsOf(new Client({ root: "", bearer, connection: new Connection(async () => {}), fetch }))).toEqual({
    "sign.up": want,
    next: "Next",
  });
});

test.each([
  ["{{sign.up}}", "Sign up"],
  ["Please: {{ sign.up }} now, {{sign.up}}", "Please: Sign up now, Sign up"],
  ["{{none}} {{toString}} {sign.up}", "{{none}} {{toString}} {sign.up}"],
  ["plain", "plain"],
])("%j says %j", (text, want) => {
  expect(said(text, { "sign.up": "Sign up" })).toBe(want);
});
