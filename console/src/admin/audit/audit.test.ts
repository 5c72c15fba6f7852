// @vitest-environment node
import { expect, test } from "vitest";
import { membersOf } from "./changes";
import { actorWords, kindWords } from "./detail";
import { filterOf, withValue } from "./filter";

test("what an entry changed is told member by member", () => {
  expect(
    membersOf(
      { name: "Shop", oidc: { life: 60, urls: ["a", "b"] }, same: 1 },
      { name: "Store", oidc: { life: 60, urls: ["a"] }, same: 1, on: false },
    ),
  ).toEqual([
    { path: "name", before: "Shop", after: "Store" },
    { path: "oidc.urls", before: "a\nb", after: "a" },
    { path: "on", before: undefined, after: "false" },
  ]);
});

test("what was made and what is gone have one side", () => {
  expect(membersOf(undefined, { name: "", list: [] })).toEqual([
    { path: "name", before: undefined, after: "“”" },
    { path: "list", before: undefined, after: "nothing" },
  ]);
  expect(membersOf({ a: { b: [{ c: 1 }] } }, undefined)).toEqual([{ path: "a.b", before: '[\n  {\n    "c": 1\n  }\n]', after: undefined }]);
  expect(membersOf(undefined, undefined)).toEqual([]);
});

test("the address has the filter, in the time of the person's clock", () => {
  const query = new URLSearchParams({ from: "2026-11-23T12:00", actor: " ada ", other: "x", kind: "" });
  expect(filterOf(query)).toEqual({ from: new Date("2026-11-23T12:00").toISOString(), actor: "ada" });
  expect(filterOf(new URLSearchParams("until=yesterday"))).toEqual({ until: "yesterday" });
});

test("a value that is emptied is no part of the address", () => {
  const query = withValue(new URLSearchParams("actor=ada"), "kind", "flow.published");
  expect(query.toString()).toBe("actor=ada&kind=flow.published");
  expect(withValue(query, "actor", "").toString()).toBe("kind=flow.published");
});

test("who it was is said in words where there is no name", () => {
  const by = (id: string, name: string) =>
    actorWords({ at: "2026-11-23T12:00:00Z", actor: { id, name }, kind: "user.locked", target: "id-ada" });
  expect(by("id-bob", "bob")).toBe("bob");
  expect(by("id-ada", "")).toBe("The user");
  expect(by("", "")).toBe("Nobody knows");
  expect(kindWords("user.invitation.accepted")).toBe("User invitation accepted");
});
