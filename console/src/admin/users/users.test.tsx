import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import type { User } from "./api";
import { factsOf, nameOf, proofsOf, reasonOf, searchFor, stateOf } from "./describe";
import { Component as Detail } from "./detail";
import { Component as List } from "./list";

const path = "/scim2/Users";
const grace: User = {
  schemas: [],
  id: "g1",
  userName: "grace",
  active: true,
  name: { givenName: "Grace", familyName: "Hopper" },
  emails: [
    { value: "grace@example.com", primary: true },
    { value: "grace@home.example", type: "home" },
  ],
  addresses: [{ type: "work", country: "US" }],
  roles: [{ value: "viewer" }],
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { manager: { value: "ada" } },
  "urn:scim:wso2:schema": {
    accountLocked: true,
    accountDisabled: false,
    accountState: "LOCKED",
    lockedReason: "MAX_ATTEMPTS_EXCEEDED",
    emailVerified: true,
  },
};
const page = (...Resources: User[]) => ({
  schemas: [],
  totalResults: Resources.length,
  startIndex: 1,
  itemsPerPage: Resources.length,
  Resources,
});

test("what is searched for is quoted, whatever is in it", () => {
  expect(searchFor("")).toBe("");
  expect(searchFor('a" or "')).toContain('userName co "a\\" or \\"" or ');
  expect(searchFor("", "locked")).toBe("urn:scim:wso2:schema:accountLocked eq true");
  expect(searchFor("ada", "disabled")).toMatch(/^\(userName co "ada" or .*\) and active eq false$/);
});

test("a user is told in words", () => {
  expect(nameOf(grace)).toBe("Grace Hopper");
  expect(stateOf(grace).label).toBe("Locked");
  expect(reasonOf(grace)).toBe("Signing in failed too often. It ends by itself.");
  expect(proofsOf(grace)).toEqual([{ label: "E-mail address", proved: true }]);
  expect(factsOf(grace).map(({ label, value }) => `${label}=${value}`)).toEqual([
    "User name=grace",
    "Given name=Grace",
    "Family name=Hopper",
    "Emails: main=grace@example.com",
    "Emails: home=grace@home.example",
    "Country=US",
    "Roles=viewer",
    "Manager=ada",
  ]);
  expect(stateOf({ schemas: [], id: "x" }).label).toBe("Active");
  expect(reasonOf({ schemas: [], id: "x" })).toBeUndefined();
});

test("a filter that cannot be read is said at its field", async () => {
  const server = new FakeServer().on("GET", path, page(grace));
  visit(server, <List />);
  await screen.findByRole("link", { name: "grace" });
  server.refuse("GET", path, 400, { schemas: [], scimType: "invalidFilter", detail: "There is no attribute nme.", status: "400" });
  await userEvent.click(screen.getByLabelText("As a SCIM filter"));
  await userEvent.type(screen.getByLabelText("SCIM filter"), "nme pr");
  await screen.findByText("There is no attribute nme.");
  expect(screen.getByLabelText("SCIM filter").getAttribute("aria-invalid")).toBe("true");
  expect(server.sent("GET", path).at(-1)?.query.get("filter")).toBe("nme pr");
});

test("an invitation needs a name and an address", async () => {
  const server = new FakeServer().on("GET", path, page()).on("POST", path, grace);
  visit(server, <List />);
  await userEvent.click(await screen.findByRole("button", { name: "Invite" }));
  const send = () => screen.getAllByRole("button", { name: "Invite" }).at(-1) as HTMLElement;
  await userEvent.type(screen.getByLabelText("User name"), "grace");
  await userEvent.click(send());
  expect(await screen.findAllByText("It has to be given.")).toHaveLength(1);
  expect(server.sent("POST", path)).toEqual([]);
  await userEvent.type(screen.getByLabelText("E-mail address"), "grace@example.com");
  await userEvent.click(send());
  await vi.waitFor(() => expect(server.sent("POST", path)).toHaveLength(1));
  expect(server.sent("POST", path)[0]?.body).toEqual({
    userName: "grace",
    emails: [{ value: "grace@example.com", primary: true }],
    name: {},
    "urn:scim:wso2:schema": { askPassword: true },
  });
});

test("who is locked is unlocked, as they were seen", async () => {
  const server = new FakeServer()
    .on("GET", `${path}/g1`, grace, { ETag: 'W/"1"' })
    .on("PATCH", `${path}/g1`, { ...grace, "urn:scim:wso2:schema": { accountLocked: false, accountState: "UNLOCKED" } }, { ETag: 'W/"2"' });
  visit(server, <Detail />, { at: "/g1", path: "/:id" });
  await userEvent.click(await screen.findByRole("button", { name: "Unlock" }));
  await screen.findByRole("button", { name: "Lock" });
  expect(server.sent("PATCH", `${path}/g1`)).toMatchObject([
    { ifMatch: 'W/"1"', body: { Operations: [{ op: "replace", path: "urn:scim:wso2:schema:accountLocked", value: false }] } },
  ]);
});

test("nobody locks or deletes themselves by mistake", async () => {
  visit(new FakeServer().on("GET", `${path}/p1`, { ...grace, id: "p1" }), <Detail />, { at: "/p1", path: "/:id" });
  await screen.findByText(/Signing in failed too often/);
  expect(screen.queryByRole("button", { name: /ock|able|Delete/ })).toBeNull();
});
