// @vitest-environment node
import { expect, test } from "vitest";
import { ConnectionLost, Refused } from "../api/problem";
import type { Meta, Step } from "./applications/api";
import { moved, wayOf, waysOf, withoutWay, withWay } from "./applications/login";
import { differenceOf } from "./difference";
import { linesOf } from "./fields";
import { Mistakes } from "./mistakes";

const refusal = (code: string, ...errors: string[]) =>
  new Refused(400, {
    code,
    message: "It is not valid.",
    description: errors[0] ?? "The name is taken.",
    ...(errors.length > 0 && { errors }),
  });

test("a problem is said at its field, and of a list with its line", () => {
  const mistakes = new Mistakes(refusal("X", "name must be a line.", "a.urls[0] must be absolute", "a.urls[12] must not be there twice"), [
    "name",
    "a.urls",
    "a.url",
  ]);
  expect(mistakes.at("name")).toBe("Must be a line.");
  expect(mistakes.at("a.urls")).toBe("Line 1 must be absolute. Line 13 must not be there twice.");
  expect(mistakes.at("a.url")).toBeUndefined();
  expect(mistakes.rest).toBe("Nothing was saved. What has to change is marked.");
});

test("what no field says is said of the form", () => {
  const mistakes = new Mistakes(refusal("X", "kind must be another.", "Everything is wrong."), ["name"]);
  expect(mistakes.rest).toBe("Nothing was saved. kind must be another. Everything is wrong.");
  expect(new Mistakes(new ConnectionLost(), ["name"]).rest).toContain("cannot be reached");
  expect(new Mistakes(null, ["name"]).rest).toBeUndefined();
});

test("a refusal that names no field is said where its code belongs", () => {
  const mistakes = new Mistakes(refusal("TAKEN"), ["name"], { TAKEN: "name" });
  expect(mistakes.at("name")).toBe("The name is taken.");
  expect(mistakes.rest).toBe("Nothing was saved. What has to change is marked.");
});

test("a description that begins with a field is said there", () => {
  const one = new Refused(400, { code: "X", message: "No.", description: "regEx is too long." });
  expect(new Mistakes(one, ["regEx"]).at("regEx")).toBe("Is too long.");
  expect(new Mistakes(one, ["name"]).rest).toBe("No. regEx is too long.");
});

test("only what differs is sent, lists as a whole", () => {
  const before = { name: "Shop", deep: { on: true, life: 60, list: ["a", "b"] }, other: { x: 1 } };
  expect(differenceOf(before, structuredClone(before))).toBeUndefined();
  expect(differenceOf(before, { ...before, name: "Store", deep: { ...before.deep, life: 90, list: ["a"] } })).toEqual({
    name: "Store",
    deep: { life: 90, list: ["a"] },
  });
});

test("lines are the texts of the lines that have one", () => {
  expect(linesOf(" a \n\n b")).toEqual(["a", "b"]);
});

const meta: Meta = {
  authenticators: [
    { authenticator: "Basic", label: "Password" },
    { authenticator: "Google", label: "Google", kind: "GoogleKind" },
  ],
  scopes: [],
};

test("a connection is a way to sign in while it is switched on", () => {
  const connections = [
    { name: "Google", kind: "GoogleKind", isEnabled: true },
    { name: "Staff", kind: "GoogleKind", isEnabled: true },
    { name: "Old", kind: "GoogleKind", isEnabled: false },
    { name: "Hub", kind: "Other", isEnabled: true },
  ];
  expect(waysOf(meta, connections).map((way) => [way.label, way.idp])).toEqual([
    ["Password", "LOCAL"],
    ["Google", "Google"],
    ["Staff (Google)", "Staff"],
  ]);
  expect(wayOf({ authenticator: "Gone", idp: "Old" }, meta).label).toBe("Old (Gone)");
});

test("steps are counted anew whatever happens to them", () => {
  const [password, google] = waysOf(meta, [{ name: "G", kind: "GoogleKind", isEnabled: true }]);
  if (!password || !google) throw new Error("two ways are expected");
  const option = (way: typeof password) => ({ authenticator: way.authenticator, idp: way.idp });
  const one: Step[] = [{ id: 1, options: [option(password)] }];
  const two = withWay(one, 1, google);
  expect(two).toEqual([...one, { id: 2, options: [option(google)] }]);
  expect(moved(two, 1, 0)).toEqual([
    { id: 1, options: [option(google)] },
    { id: 2, options: [option(password)] },
  ]);
  expect(moved(two, 1, 2)).toBe(two);
  const both = withWay(one, 0, google);
  expect(both).toEqual([{ id: 1, options: [option(password), option(google)] }]);
  expect(withoutWay(both, 0, password.key)).toEqual([{ id: 1, options: [option(google)] }]);
  expect(withoutWay(two, 0, password.key)).toEqual([{ id: 1, options: [option(google)] }]);
});
