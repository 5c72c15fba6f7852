import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import type { Claim } from "./api";
import { Component as List } from "./list";

const path = "/api/server/v1/claim-dialects/local/claims";
const shoe: Claim = {
  id: "c1",
  claimURI: "http://wso2.org/claims/shoeSize",
  dialectURI: "local",
  shortName: "shoeSize",
  displayName: "Shoe size",
  description: "In Paris points.",
  regEx: "^[0-9]+$",
  required: false,
  readOnly: false,
  dataType: "integer",
  uniquenessScope: "NONE",
  multiValued: false,
  properties: [],
};
const change = () => screen.findByRole("button", { name: "Change Shoe size (shoeSize)" });
const press = async (name: string) => userEvent.click(await screen.findByRole("button", { name }));

test("a change sends all of the attribute, and what is wrong is said at its field", async () => {
  const server = new FakeServer()
    .on("GET", path, [shoe])
    .refuse("PUT", `${path}/c1`, 400, { code: "UE-21002", message: "It is not valid.", description: "regEx repeats too much." });
  visit(server, <List />);
  await userEvent.click(await change());
  await userEvent.click(screen.getByLabelText("Unique"));
  await press("Save");
  await screen.findByText("Repeats too much.");
  const { id: _, dialectURI: __, properties: ___, ...all } = shoe;
  expect(server.sent("PUT", `${path}/c1`)[0]?.body).toEqual({ ...all, uniquenessScope: "WITHIN_USERSTORE" });
});

test("what may not be deleted stays, and it says why", async () => {
  const server = new FakeServer()
    .on("GET", path, [shoe])
    .refuse("DELETE", `${path}/c1`, 400, { code: "UE-21003", message: "A standard attribute.", description: "It stays." });
  visit(server, <List />);
  await userEvent.click(await change());
  await press("Delete…");
  await press("Delete");
  await screen.findByText("A standard attribute. It stays.");
});

test("the list is searched by every name", async () => {
  visit(
    new FakeServer().on("GET", path, [shoe, { ...shoe, id: "c2", displayName: "Hat", shortName: "hat", claimURI: "urn:hat" }]),
    <List />,
  );
  await change();
  await userEvent.type(screen.getByLabelText("Search"), "URN:");
  await vi.waitFor(() => expect(screen.queryByText("Shoe size")).toBeNull());
  expect(screen.getByText("Hat")).toBeTruthy();
});
