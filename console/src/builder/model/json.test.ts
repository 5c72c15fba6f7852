import { describe, expect, it } from "vitest";
import { Exact, parse, same, serialise } from "./json";

describe("numbers", () => {
  it.each(["1.0", "1e3", "12345678901234567890", "-0", "1E+2", "0.10", "1e999"])("keeps %s to the digit", (text) => {
    expect(serialise(parse(text))).toBe(text);
    expect(serialise(parse(`{"a":[${text},1],"b":"${text}"}`))).toBe(`{"a":[${text},1],"b":"${text}"}`);
  });

  it("leaves numbers alone that JavaScript writes the same", () => {
    expect(parse("[0,-1,2.5,1000]")).toEqual([0, -1, 2.5, 1000]);
  });

  it("takes what looks like a number within a text for text", () => {
    expect(parse('{"1.0":"he said \\"1.0\\" and 2.0"}')).toEqual({ "1.0": 'he said "1.0" and 2.0' });
  });

  it.each(["01", "1.", ".5", "+1", "1.0.0", "1.0 1.0", "{1.0:2}", "[1.0,]", "", "NaN"])("refuses %s", (text) => {
    expect(() => parse(text)).toThrow(SyntaxError);
  });
});

it("writes as the author did, indented", () => {
  const text = '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": [],\n  "c": "ü\\n"\n}';
  expect(serialise(parse(text), 2)).toBe(text);
  expect(serialise(parse(text), 2)).toBe(JSON.stringify(JSON.parse(text), null, 2));
});

it("keeps a member that JavaScript has a meaning for", () => {
  const text = '{"__proto__":{"a":1.0},"constructor":2}';
  expect(serialise(parse(text))).toBe(text);
  expect(({} as { a?: number }).a).toBeUndefined();
});

it("compares values whatever the order of members", () => {
  expect(same({ a: 1, b: [new Exact("1.0")] }, { b: [new Exact("1.0")], a: 1 })).toBe(true);
  expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(true);
  expect(same([new Exact("1.0")], [1])).toBe(false);
  expect(same({ a: [] }, { a: {} })).toBe(false);
  expect(same([1, 2], [1])).toBe(false);
});
