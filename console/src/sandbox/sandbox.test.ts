import { describe, expect, test } from "vitest";
import type { Drawn } from "../api/sandbox";
import { answer, button, form, heading, input, mail, mark } from "./kit";
import { leadOf } from "./lead";
import { countries } from "./page/countries";
import { codeField, elsewhere, initial, inputsOf, mistakesAt, readPage } from "./page/page";
import { substance, wayOf, wordsOf } from "./way";
import { shortened } from "./world/messages";

describe("pages", () => {
  test("forms send their own fields; what stands in none is sent together", () => {
    const page = readPage(answer([input("a"), form("f", input("b"), form("inner", input("c")), button("go")), button("skip")]));
    const typed = { a: "1", b: "2", c: "3" };
    expect(inputsOf(page, "f", typed)).toEqual({ b: "2", c: "3" });
    expect(inputsOf(page, "loose", typed)).toEqual({ a: "1" });
  });

  test("a box that is not ticked is sent as such, and consents as the flow takes them", () => {
    const policy = { id: "p", type: "POLICY", config: { purposes: [{ purposeId: "terms" }, { purposeId: "news" }] } } as Drawn;
    const page = readPage(answer([form("f", input("news", {}, "CHECKBOX"), policy)]));
    expect(inputsOf(page, "f", { consent: "terms" })).toEqual({
      news: "false",
      consent: JSON.stringify({
        Policy: {
          purposes: [
            { id: "terms", accepted: true, attributes: [] },
            { id: "news", accepted: false, attributes: [] },
          ],
        },
      }),
    });
  });

  test("what was typed stays on the same page, unless it is a secret", () => {
    const page = readPage(answer([input("email", { defaultValue: "a@" }), input("password", { defaultValue: "x" }, "PASSWORD")]));
    const typed = { email: "b@", password: "secret" };
    expect(initial(page, page, typed)).toEqual({ email: "b@", password: "" });
    expect(initial(page, readPage(answer([input("email")])), typed)).toEqual({ email: "a@", password: "" });
  });

  test("mistakes are said at their fields, all else above", () => {
    const messages = [
      { type: "ERROR" as const, message: "Taken.", i18nKey: "{{taken}}", identifier: "email" },
      { type: "ERROR" as const, message: "Of no field.", i18nKey: "{{other}}", identifier: "other" },
      { type: "INFO" as const, message: "Sent.", i18nKey: "{{sent}}", identifier: "email" },
    ];
    const page = readPage(answer([input("email")], { data: { messages } }));
    expect(page.fields.map((field) => mistakesAt(page, field))).toEqual([["Taken."]]);
    expect(elsewhere(page).map((one) => one.message)).toEqual(["Of no field.", "Sent."]);
  });

  test("of a config only what has the right type counts", () => {
    const odd = { id: "x", type: "input", config: { label: 3, required: "true", validations: [null, "a"], options: { a: 1 } } };
    const [piece] = readPage(answer([odd as unknown as Drawn])).pieces;
    expect(piece).toMatchObject({ type: "INPUT", identifier: "x", label: "", required: true, rules: [], choices: [] });
  });

  test("images come from this server or by https", () => {
    const sources = [
      "https://a.example.com/x.png",
      "/logo.svg",
      "http://a.example.com/x.png",
      "//evil.example.com/x",
      "javascript:alert(1)",
      "data:x",
    ];
    const page = readPage(answer(sources.map((src, i) => ({ id: `i${i}`, type: "IMAGE", config: { src } }) as Drawn)));
    expect(page.pieces.map((one) => one.src).filter(Boolean)).toEqual(sources.slice(0, 2));
  });

  test("components in components end somewhere", () => {
    let deep: Drawn = input("last");
    for (let i = 0; i < 40; i++) deep = form(`f${i}`, deep);
    expect(readPage(answer([deep])).all).toHaveLength(17);
  });

  test("a code belongs where one is asked for", () => {
    expect(codeField(readPage(answer([input("name"), input("x", {}, "OTP")])))?.identifier).toBe("x");
    expect(codeField(readPage(answer([input("name"), input("smsCode")])))?.identifier).toBe("smsCode");
    expect(codeField(readPage(answer([heading("Hi"), input("name")])))).toBeUndefined();
  });

  test("countries go by their English names, each once", () => {
    const names = countries().map((one) => one.value);
    expect(names).toEqual(expect.arrayContaining(["Austria", "Sri Lanka", "United States"]));
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain("European Union");
  });
});

test.each([
  ["https://id.example.com/t/a/accounts/recovery?flowId=f&mlt=t", { kind: "flow", flowId: "f", token: "t" }],
  ["https://id.example.com/accounts/accept?confirmation=c", { kind: "invitation", code: "c" }],
  ["https://id.example.com/accounts/verify?confirmation=c", { kind: "address", code: "c" }],
  ["https://id.example.com/accounts/login", { kind: "elsewhere" }],
  ["javascript:alert(1)", { kind: "elsewhere" }],
  ["not an address", { kind: "elsewhere" }],
])("the link %s is understood", (link, lead) => {
  expect(leadOf(link)).toEqual(lead);
});

test("a path lights its steps up, to where it is", () => {
  expect(wayOf([])).toEqual({ lit: [], at: undefined });
  const path = [mark("a", "SHOWN"), mark("a", "MOVED", "b"), mark("b", "ASKED")];
  expect(wayOf(path)).toEqual({ lit: ["a", "b"], at: "b" });
  expect(wayOf([...path, mark("b", "SENT_BACK", "a")]).at).toBe("a");
});

test("what an extension was not asked is said", () => {
  const passed = mark("a", "MOVED", "b");
  expect(wordsOf(passed)).toBe("went on");
  expect(wordsOf({ ...passed, played: true })).toMatch(/^went on\. A trial calls no extension/);
});

test("moving steps changes nothing of a flow", () => {
  const at = (x: number, id: string) =>
    JSON.stringify({ flowType: "REGISTRATION", steps: [{ id, position: { x, y: 0 }, data: { size: x } }] });
  const still = (document: string) => substance(document.replace(/"size":\d+/, '"size":1'));
  expect(still(at(1, "a"))).toBe(still(at(2, "a")));
  expect(substance(at(1, "a"))).not.toBe(substance(at(2, "a"))); // this size is no step's
  expect(still(at(1, "a"))).not.toBe(still(at(1, "b")));
});

test("long links are shown by their beginning", () => {
  const link = `https://id.example.com/accounts/recovery?mlt=${"x".repeat(80)}`;
  expect(shortened(mail({ text: `Open\n\n\n\n${link}\n`, link }))).toBe("Open\n\nhttps://id.example.com/accounts/recovery…");
});
