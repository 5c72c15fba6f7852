import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeServer, visit } from "../visit";
import type { Application } from "./api";
import { Component as Detail } from "./detail";
import { Component as List } from "./list";

const path = "/api/server/v1/applications";
const application = (name = "Shop"): Application => ({
  id: "a1",
  name,
  description: "",
  accessUrl: "",
  clientId: "shop",
  inboundProtocolConfiguration: {
    oidc: {
      clientId: "shop",
      publicClient: false,
      grantTypes: ["authorization_code"],
      callbackURLs: ["https://shop.example.com/cb"],
      logoutRedirectURLs: [],
      allowedOrigins: [],
      pkce: { mandatory: true, supportPlainTransformAlgorithm: false },
      accessToken: { type: "Default", userAccessTokenExpiryInSeconds: 3600, applicationAccessTokenExpiryInSeconds: 3600 },
      refreshToken: { expiryInSeconds: 86400, renewRefreshToken: true },
      idToken: { expiryInSeconds: 3600, idTokenSignedResponseAlg: "RS256" },
    },
  },
  authenticationSequence: { type: "DEFAULT", steps: [{ id: 1, options: [{ idp: "LOCAL", authenticator: "Basic" }] }] },
  advancedConfigurations: { enableAPIBasedAuthentication: false, loginPageUrl: "", tokenEndpointIsIssuer: false },
  authorizedScopes: [],
});

function serve(): FakeServer {
  const meta = {
    authenticators: [
      { authenticator: "Basic", label: "Password" },
      { authenticator: "Key", label: "Passkey" },
    ],
    scopes: [],
  };
  return new FakeServer()
    .on("GET", `${path}/meta`, meta)
    .on("GET", `${path}/a1`, application(), { ETag: '"1"' })
    .on("GET", path, { totalResults: 0, startIndex: 1, count: 0, applications: [] })
    .on("GET", "/api/server/v1/identity-providers", { totalResults: 0, startIndex: 1, count: 0, identityProviders: [] });
}

const button = (name: string) => screen.findByRole("button", { name });

test("what is wrong with a new application is said at its fields", async () => {
  const server = serve();
  const errors = ["name must be a line", "inboundProtocolConfiguration.oidc.callbackURLs[1] must be absolute"];
  server.refuse("POST", path, 400, { code: "UE-23002", message: "No.", description: errors[0], errors });
  visit(server, <List />);
  await userEvent.click(await button("New application"));
  await userEvent.type(screen.getByLabelText("Redirect URIs"), "https://x.example.com/cb{Enter}x");
  await userEvent.click(await button("Create"));
  await screen.findByText("Must be a line.");
  expect(screen.getByLabelText("Redirect URIs").getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText("Line 2 must be absolute.")).toBeTruthy();
  expect(server.sent("POST", path)[0]?.body).toMatchObject({
    inboundProtocolConfiguration: { oidc: { publicClient: true, callbackURLs: ["https://x.example.com/cb", "x"] } },
  });
});

test("a save sends what was changed, over the version that was seen", async () => {
  const server = serve().on("PATCH", `${path}/a1`, application("Store"), { ETag: '"2"' });
  visit(server, <Detail />, { at: "/a1", path: "/:id" });
  const name = await screen.findByLabelText("Name");
  await userEvent.clear(name);
  await userEvent.type(name, "Store");
  await userEvent.selectOptions(await screen.findByLabelText("Add a step"), "Passkey");
  await userEvent.click(await button("Save"));
  await screen.findByRole("heading", { name: "Store", level: 1 });
  expect(server.sent("PATCH", `${path}/a1`)).toMatchObject([
    {
      ifMatch: '"1"',
      body: {
        name: "Store",
        authenticationSequence: {
          type: "USER_DEFINED",
          steps: [
            { id: 1, options: [{ authenticator: "Basic" }] },
            { id: 2, options: [{ authenticator: "Key", idp: "LOCAL" }] },
          ],
        },
      },
    },
  ]);
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
});

test("what somebody else has changed is not replaced unseen", async () => {
  const server = serve().refuse("PATCH", `${path}/a1`, 412, { code: "UE-23412", message: "It changed.", description: "Read it again." });
  visit(server, <Detail />, { at: "/a1", path: "/:id" });
  await userEvent.type(await screen.findByLabelText("Name"), "!");
  server.on("GET", `${path}/a1`, application("Theirs"), { ETag: '"2"' });
  await userEvent.click(await button("Save"));
  await screen.findByText(/Somebody else has changed this/);
  expect((await button("Save")).hasAttribute("disabled")).toBe(true);
  await userEvent.click(await button("Show theirs"));
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Theirs");
});

test("a secret is told once, and kept nowhere", async () => {
  const regenerate = `${path}/a1/inbound-protocols/oidc/regenerate-secret`;
  const server = serve().on(
    "POST",
    regenerate,
    { ...application().inboundProtocolConfiguration.oidc, clientSecret: "s3cret" },
    { ETag: '"2"' },
  );
  const { queries } = visit(server, <Detail />, { at: "/a1", path: "/:id" });
  await userEvent.click(await button("New secret…"));
  await userEvent.click(await button("Make it"));
  expect((await screen.findByLabelText<HTMLInputElement>("Client secret")).value).toBe("s3cret");
  await userEvent.click(await button("Done"));
  expect(document.body.innerHTML).not.toContain("s3cret");
  expect(
    JSON.stringify(
      queries
        .getMutationCache()
        .getAll()
        .map((one) => one.state),
    ),
  ).not.toContain("s3cret");
  expect(
    JSON.stringify(
      queries
        .getQueryCache()
        .getAll()
        .map((one) => one.state.data),
    ),
  ).not.toContain("s3cret");
});

test("who may only look is shown nothing to press", async () => {
  visit(serve(), <Detail />, { at: "/a1", path: "/:id", scopes: ["internal_application_mgt_view"] });
  expect((await screen.findByLabelText("Name")).hasAttribute("disabled")).toBe(true);
  expect(screen.queryByRole("button", { name: /secret|Delete|Remove|Move/ })).toBeNull();
});
