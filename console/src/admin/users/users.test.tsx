import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import type { User } from "./api";
import { factsOf, nameOf, proofsOf, reasonOf, searchFor, stateOf } from "./describe";
import { Component as Detail } from "./detail";
import { mistakeOf } from "./edit";
import { fieldsOf, isMain, operationsOf, type Schema, valuesOf } from "./fields";
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
  const server = whole().on(
    "PATCH",
    `${path}/g1`,
    { ...grace, "urn:scim:wso2:schema": { accountLocked: false, accountState: "UNLOCKED" } },
    { ETag: 'W/"2"' },
  );
  visit(server, <Detail />, { at: "/g1", path: "/:id" });
  await userEvent.click(await screen.findByRole("button", { name: "Unlock" }));
  await screen.findByRole("button", { name: "Lock" });
  expect(server.sent("PATCH", `${path}/g1`)).toMatchObject([
    { ifMatch: 'W/"1"', body: { Operations: [{ op: "replace", path: "urn:scim:wso2:schema:accountLocked", value: false }] } },
  ]);
});

test("nobody locks or deletes themselves by mistake", async () => {
  visit(
    whole()
      .on("GET", "/api/server/v1/users/p1/proofs", proofs)
      .on("GET", "/api/server/v1/users/p1/sessions", { sessions: [] })
      .on("GET", `${path}/p1`, { ...grace, id: "p1" }),
    <Detail />,
    { at: "/p1", path: "/:id" },
  );
  await screen.findByText(/Signing in failed too often/);
  expect(screen.queryByRole("button", { name: /^(Unl|L)ock|able|Delete/ })).toBeNull();
});

const attribute = (name: string, more: object = {}) => ({
  name,
  type: "string",
  multiValued: false,
  description: "",
  required: false,
  caseExact: false,
  mutability: "readWrite",
  returned: "default",
  uniqueness: "none",
  ...more,
});
const custom = "urn:scim:schemas:extension:custom:User";
const types = (...canonicalValues: string[]) => [
  attribute("value"),
  attribute("type", { canonicalValues }),
  attribute("primary", { type: "boolean" }),
];
const schemas = [
  {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    attributes: [
      attribute("userName", { required: true }),
      attribute("active", { type: "boolean" }),
      attribute("password", { mutability: "writeOnly" }),
      attribute("name", { type: "complex", subAttributes: [attribute("givenName"), attribute("familyName")] }),
      attribute("emails", { type: "complex", multiValued: true, subAttributes: types("work", "home") }),
      attribute("photos", { type: "complex", multiValued: true, subAttributes: types("photo") }),
      attribute("addresses", {
        type: "complex",
        multiValued: true,
        subAttributes: [attribute("locality"), attribute("country"), attribute("type", { canonicalValues: ["work"] })],
      }),
    ],
  },
  {
    id: custom,
    attributes: [
      attribute("tags", { multiValued: true }),
      attribute("size", { type: "integer" }),
      attribute("badge", { mutability: "readOnly" }),
    ],
  },
] as unknown as Schema[];

test("a form is made of the schemas, and a patch of the form", () => {
  const fields = fieldsOf(schemas);
  const seen = valuesOf(grace, fields);
  expect(fields.map(({ label }) => label)).toEqual([
    ...[
      "User name",
      "Given name",
      "Family name",
      "Email",
      "Email, work",
      "Email, home",
      "Photo",
      "Locality",
      "Country",
      "Tags",
      "Size",
      "Badge",
    ],
  ]);
  expect(seen[":emails"]).toBe("grace@example.com");
  expect(seen[":emails.home"]).toBe("grace@home.example");
  expect(operationsOf(fields, seen, seen)).toEqual([]);
  const now = {
    ...seen,
    ":name.givenName": "",
    ":emails": "g@example.com",
    ":addresses.locality": "Arlington",
    ":photos": "https://x.example/g.png",
  };
  expect(
    operationsOf(fields, seen, { ...now, [`${custom}:tags`]: "a\n b \n", [`${custom}:size`]: "7", [`${custom}:badge`]: "no" }),
  ).toEqual([
    { op: "remove", path: "name.givenName" },
    {
      op: "replace",
      path: "emails",
      value: [
        { value: "g@example.com", primary: true },
        { value: "grace@home.example", type: "home" },
      ],
    },
    { op: "replace", path: "photos", value: [{ value: "https://x.example/g.png", type: "photo" }] },
    { op: "replace", path: "addresses", value: [{ type: "work", locality: "Arlington", country: "US" }] },
    { op: "replace", path: `${custom}:tags`, value: ["a", "b"] },
    { op: "replace", path: `${custom}:size`, value: 7 },
  ]);
  expect(mistakeOf(undefined, fields)).toEqual({});
  expect(mistakeOf(new Error("no"), fields).attribute).toBeUndefined();
});

const proofs = {
  password: true,
  passkeys: [{ id: "k1", domain: "example.com", created: "2026-11-20T12:00:00Z", synced: true, syncable: true, provider: "Bitwarden" }],
  accounts: [{ id: "a1", connection: "Main", subject: "117", linked: "2026-11-20T12:00:00Z" }],
};
const account = "/api/server/v1/users/g1";
const whole = () =>
  new FakeServer()
    .on("GET", `${path}/g1`, grace, { ETag: 'W/"1"' })
    .on("GET", "/scim2/Schemas", { Resources: schemas })
    .on("GET", `${account}/proofs`, proofs)
    .on("GET", `${account}/sessions`, { sessions: [] });
const opened = (server: FakeServer) => visit(server, <Detail />, { at: "/g1", path: "/:id" });

test("a value that another user has is told at its field, and what was entered stays", async () => {
  const server = whole().refuse("PATCH", `${path}/g1`, 409, { scimType: "uniqueness", detail: "userName: It is taken.", status: "409" });
  opened(server);
  const field = await screen.findByLabelText("User name");
  await userEvent.clear(field);
  await userEvent.type(field, "ada");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("It is taken.");
  expect([field.getAttribute("aria-invalid"), (field as HTMLInputElement).value]).toEqual(["true", "ada"]);
  expect(server.sent("PATCH", `${path}/g1`)).toMatchObject([
    { ifMatch: 'W/"1"', body: { Operations: [{ op: "replace", path: "userName", value: "ada" }] } },
  ]);
});

test("fields are called as attributes are, and who it is comes first", () => {
  const core = "urn:ietf:params:scim:schemas:core:2.0:User";
  const phones = { type: "complex", multiValued: true, displayName: "Telephone", subAttributes: types("mobile") };
  const attributes = [attribute("profileUrl", { displayName: "Web page" }), attribute("phoneNumbers", phones), attribute("userName")];
  const fields = fieldsOf([{ id: core, attributes }] as unknown as Schema[]);
  expect(fields.map(({ label }) => label)).toEqual(["User name", "Web page", "Telephone"]);
  expect(fields.filter(isMain).map(({ label }) => label)).toEqual(["User name"]);
});

test("roles are given, and a passkey and a link are removed", async () => {
  const server = whole()
    .on("PATCH", `${path}/g1`, { ...grace, roles: [{ value: "viewer" }, { value: "editor" }] }, { ETag: 'W/"2"' })
    .on("DELETE", `${account}/passkeys/k1`, "")
    .on("DELETE", `${account}/accounts/a1`, "")
    .on("POST", `${account}/sign-out`, "");
  opened(server);
  expect((await screen.findByRole("table", { name: "Passkeys" })).textContent).toContain("Bitwardenexample.comOn several devices");
  await userEvent.click(await screen.findByLabelText("Editor"));
  await vi.waitFor(() => expect((screen.getByLabelText("Editor") as HTMLInputElement).checked).toBe(true));
  expect(server.sent("PATCH", `${path}/g1`)[0]?.body).toEqual({
    Operations: [{ op: "replace", path: "roles", value: [{ value: "viewer" }, { value: "editor" }] }],
  });
  for (const [name, at] of [
    ["Remove the passkey 1", "passkeys/k1"],
    ["Remove the link to Main", "accounts/a1"],
  ] as const) {
    await userEvent.click(await screen.findByRole("button", { name }));
    await userEvent.click(screen.getByRole("button", { name: "Remove" }));
    await vi.waitFor(() => expect(server.sent("DELETE", `${account}/${at}`)).toHaveLength(1));
  }
  await userEvent.click(screen.getByRole("button", { name: "Sign out everywhere…" }));
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));
  await vi.waitFor(() => expect(server.sent("POST", `${account}/sign-out`)).toHaveLength(1));
});

test.each([
  ["an invitation", "Send the invitation again", "invitation", { accountLocked: true, accountState: "PENDING_AP" }],
  ["a recovery", "Send a recovery mail", "recovery", { accountLocked: false, accountState: "UNLOCKED" }],
])("%s is sent by mail", async (_, label, letter, said) => {
  const user = { ...grace, "urn:scim:wso2:schema": said };
  const server = whole().on("GET", `${path}/g1`, user, { ETag: 'W/"1"' }).on("POST", `${account}/${letter}`, "");
  opened(server);
  await userEvent.click(await screen.findByRole("button", { name: label }));
  await screen.findByText("A mail to grace@example.com is on its way.");
  expect(server.sent("POST", `${account}/${letter}`)).toHaveLength(1);
});

test("who cannot sign in is sent nothing", async () => {
  opened(whole());
  await screen.findByRole("button", { name: "Unlock" });
  expect(screen.queryByRole("button", { name: /^Send/ })).toBeNull();
});

test("an account is deleted once its name was typed", async () => {
  const server = whole().on("DELETE", `${path}/g1`, "");
  opened(server);
  await userEvent.click(await screen.findByRole("button", { name: "Delete…" }));
  const sure = screen.getByRole("button", { name: "Delete" }) as HTMLButtonElement;
  expect(sure.disabled).toBe(true);
  await userEvent.type(screen.getByLabelText("Type grace to go on"), "grace");
  await userEvent.click(sure);
  await vi.waitFor(() => expect(server.sent("DELETE", `${path}/g1`)).toMatchObject([{ ifMatch: 'W/"1"' }]));
});
