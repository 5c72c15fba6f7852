import { expect, test } from "vitest";
import { said } from "./texts";

test.each([
  ["{{sign.up}}", "Sign up"],
  ["Please: {{ sign.up }} now, {{sign.up}}", "Please: Sign up now, Sign up"],
  ["{{none}} {{toString}} {sign.up}", "{{none}} {{toString}} {sign.up}"],
  ["plain", "plain"],
])("%j says %j", (text, want) => {
  expect(said(text, { "sign.up": "Sign up" })).toBe(want);
});
