// Extensions in a real browser, against the built binary: the pages on which
// they are made, and somebody who comes to a step that asks one.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { Designer, openConsole, startFrom } from "../designer.js";
import { check, visitor } from "../portal.js";
import { startUsher } from "../usher.js";
import { reach } from "../walker.js";

const limit = { timeout: 120_000 };
const api = "/api/server/v1/flow/extension";
const nickname = "/user/claims[uri=http://wso2.org/claims/nickname]";
const viewer = { name: "vera", password: "Only.Looks.26" };
// Of an RSA key that nobody has any more.
const certificate = `-----BEGIN CERTIFICATE-----
MIIDCjCCAfKgAwIBAgIBATANBgkqhkiG9w0BAQsFADAdMRswGQYDVQQDDBJjaGVj
a3MuZXhhbXBsZS5jb20wIBcNMjYxMTIzMTczNTIzWhgPMjEyNjEwMzAxNzM1MjNa
MB0xGzAZBgNVBAMMEmNoZWNrcy5leGFtcGxlLmNvbTCCASIwDQYJKoZIhvcNAQEB
BQADggEPADCCAQoCggEBANgGsc8LmidCskG7LOKLW7KC36v2pggP82dIhDtypNFp
+CGlUZE+Lwmmg1J2XcxeDKgAw5T9cvKhlDNC8UXQbX0cKj++sttXul1WVBeVnIBb
As77u0bLVjeZIOvj0nVI7sjAoXJk8r7XFbFZIRScQe86SyRgeCmkvuOJ3BrEyt2v
sbxbRvgrnAqI0vF/9Tp+v3+xuM8weOJ2/uEvxZjA9ppcmwts6TdBtzFu1XOxMMz8
BUb/qF2xC0yK79FJ1UEeYojp/uP7wvtX8uP1TBdTwL795kbYdvMCWqGvGmvLBcMU
luAntQF9hxTg8fKJjT5+wQ+N91qUCh85GWXcdP4fr28CAwEAAaNTMFEwHQYDVR0O
BBYEFCMre8XB5lVgbu0MPgdg6x3WYlJ2MB8GA1UdIwQYMBaAFCMre8XB5lVgbu0M
Pgdg6x3WYlJ2MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBANOa
AV+ahIWt0tJ+rULFjwKYyzTYMbxZ0r3cYwlM7w+QV8ksN9DBWoHcK1JB7CEvM2kw
Czk3xLgvYbVgMZlNIE4ZdQzqPpM3uHaAlRaBP6VRWbX1FUHGCoPu/nxZGiBB+Se/
IEJIEGgF1xfcVEuYu+LxoZBXzYExPdYzg38EymK0cTAB1M4onqSHK6i392hu5PLh
gS5MkFEA4DKI8ohsZW+9ZDW1sd02x9nKtnHW/nE/DPAfZjbSXo4h6sYqQMSlprSF
C42OVBrlwtRwQhm3bZv3gcL2Gn2JBAYPxeBWdaP6nkKSQ4tPDW4aJl8OGHm4z7wz
ayAWIVRx66GCo/mbdok=
-----END CERTIFICATE-----
`;

let usher, browser, checks;

before(async () => {
  usher = await startUsher({ USHER_OUTBOUND_ALLOW: "127.0.0.0/8,::1/128", USHER_RATE_LIMITS: "off" });
  await usher.admin("POST", "/scim2/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: viewer.name, password: viewer.password, roles: [{ value: "viewer" }],
  });
  checks = await startExtension();
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher, checks]) await one?.stop();
});

// startExtension is a service that answers what answer says, and keeps what it
// was asked.
async function startExtension() {
  const extension = { asked: [], answer: { actionStatus: "SUCCESS" } };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    extension.asked.push({ headers: request.headers, body: JSON.parse(body) });
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(extension.answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(extension, {
    url: `http://127.0.0.1:${server.address().port}/ask`,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  });
}

// made is an extension of that name, which may set the nickname.
async function made(name) {
  const { body } = await usher.admin("POST", api, {
    name, description: "Who may join.", endpoint: { uri: checks.url, authentication: { type: "BEARER", properties: { accessToken: "known to both" } } },
    accessConfig: { expose: [{ path: "/user/claims[uri=http://wso2.org/claims/emailaddress]" }], modify: [{ path: nickname }] },
  });
  return body;
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
// all are the attributes of a part, folded.
const all = (part) => part.locator("summary", { hasText: "Attributes" });
const part = (page, name) => page.getByRole("region", { name, exact: true });

// open is a page of the console, for somebody who is signed in.
async function open(t, path, heading, options) {
  const page = await openConsole(t, browser, usher, { path: `/console/${path}`, ...options });
  await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
  return page;
}

test("an extension is made, told what it may see and change, and deleted", limit, async (t) => {
  const page = await open(t, "extensions", "Extensions");
  await page.getByText("There is no extension yet").waitFor();
  await check(page, "console-extensions-none");
  await press(page, "New extension");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill("nowhere");
  await press(page, "Create");
  await dialog.locator("[aria-invalid=true]").first().waitFor();
  assert.equal(await dialog.getByLabel("Address").inputValue(), "nowhere");
  await check(page, "console-extension-mistake");
  await dialog.getByLabel("Name").fill("Fraud");
  await dialog.getByLabel("Address").fill("https://fraud.example.com/ask");
  await dialog.getByLabel("Authentication").selectOption("Bearer token");
  await press(page, "Create");
  await dialog.getByText(/^Is required/).waitFor();
  await dialog.getByLabel("Access token").fill("not told again");
  await press(page, "Create");
  await page.getByRole("heading", { name: "Fraud", level: 1 }).waitFor();

  const [sees, changes] = [part(page, "What it may see"), part(page, "What it may change")];
  await all(sees).click();
  await sees.getByLabel("Email", { exact: true }).check();
  await sees.getByLabel("Flow Type", { exact: true }).check();
  await all(changes).click();
  await changes.getByLabel("Nick Name", { exact: true }).check();
  await page.getByLabel("Headers passed on").fill("Cookie");
  await press(page, "Save");
  await page.getByText(/^Line 1 /).waitFor();
  await check(page, "console-extension-mistakes");
  await page.getByLabel("Headers passed on").fill("Accept-Language");
  await page.getByLabel("Or from a file").setInputFiles({ name: "fraud.pem", mimeType: "application/x-pem-file", buffer: Buffer.from(certificate) });
  await sees.getByRole("group", { name: /^Encrypted/ }).getByLabel("Email").check();
  await check(page, "console-extension");
  await press(page, "Save");
  await page.getByText("Saved.", { exact: true }).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const { body, text } = await usher.admin("GET", `${api}/${id}`);
  assert.deepEqual(body.endpoint, { uri: "https://fraud.example.com/ask", authentication: { type: "BEARER" }, allowedHeaders: ["Accept-Language"] });
  assert.deepEqual(body.accessConfig.modify, [{ path: nickname, encrypted: false }]);
  assert.deepEqual(body.accessConfig.expose.map((one) => one.encrypted).sort(), [false, true]);
  assert.deepEqual(body.encryption, {});
  assert.ok(!(text + await page.content()).includes("not told again"));

  // Elsewhere its secret has to be entered again. What was typed stays.
  await page.getByRole("textbox", { name: "Address" }).fill("https://other.example.com/ask");
  await press(page, "Save");
  await page.getByText(/^Is required/).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Address" }).inputValue(), "https://other.example.com/ask");
  await press(page, "Discard");

  await page.reload();
  await page.getByPlaceholder("Set. What is entered replaces it.").first().waitFor();
  await press(page, "Take it away");
  await press(page, "Save");
  await page.getByText(/^Is required for what/).waitFor();
  await check(page, "console-extension-certificate");
  await press(page, "Discard");
  await press(page, "Delete…");
  await check(page, "console-extension-delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByText("There is no extension yet").waitFor();
  assert.equal((await usher.call("GET", `${api}/${id}`)).status, 404);
  page.quiet();
});

for (const device of ["phone", "dark"]) {
  test(`extensions, ${device}`, limit, async (t) => {
    const { id, name } = await made(`On ${device}`);
    const page = await open(t, "extensions", "Extensions", { device, options: {} });
    await page.getByRole("link", { name }).waitFor();
    await check(page, "console-extensions");
    await page.getByRole("link", { name }).click();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    await part(page, "What it may change").getByText("Nick Name", { exact: true }).first().click();
    await check(page, "console-extension");
    await usher.admin("DELETE", `${api}/${id}`);
    page.quiet();
  });
}

test("whoever may only look at extensions does so", limit, async (t) => {
  const { id, name } = await made("Seen");
  const page = await open(t, `extensions/${id}`, name, { as: viewer });
  await part(page, "What it may see").locator("summary", { hasText: "Attributes, 1 of" }).waitFor();
  assert.equal(await page.locator("main").locator("input:enabled, textarea:enabled, select:enabled").count(), 0);
  assert.equal(await page.getByRole("button", { name: "Delete…" }).count(), 0);
  await check(page, "console-extension-viewer");
  await usher.admin("DELETE", `${api}/${id}`);
  page.quiet();
});

test("an extension is made by keyboard", limit, async (t) => {
  const page = await open(t, "extensions", "Extensions");
  const enter = async (label, text) => {
    await reach(page, page.getByRole("dialog").getByLabel(label));
    await page.keyboard.type(text);
  };
  await reach(page, page.getByRole("button", { name: "New extension" }));
  await page.keyboard.press("Enter");
  await enter("Name", "Keys");
  await enter("Address", checks.url);
  await enter("Authentication", "Bearer");
  await enter("Access token", "known to both");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Keys", level: 1 }).waitFor();
  const changes = part(page, "What it may change");
  await reach(page, all(changes));
  await page.keyboard.press("Space");
  await reach(page, changes.getByLabel("Nick Name", { exact: true }));
  await page.keyboard.press("Space");
  await reach(page, page.getByRole("button", { name: "Save", exact: true }));
  await page.keyboard.press("Enter");
  await page.getByText("Saved.", { exact: true }).waitFor();
  const [one] = (await usher.admin("GET", api)).body.filter(({ name }) => name === "Keys");
  assert.deepEqual(one.accessConfig.modify.map(({ path }) => path), [nickname]);
  await usher.admin("DELETE", `${api}/${one.id}`);
  page.quiet();
});

test("a flow asks an extension, which fills in a name and then refuses", limit, async (t) => {
  const { id } = await made("Checks");
  const gone = await made("Gone");
  const page = await openConsole(t, browser, usher);
  const d = new Designer(page, usher, "REGISTRATION");
  await startFrom(page, "Registration", "Basic details");
  await d.drag(await d.executor("FlowExtensionExecutor"), page.locator(".canvas"), { x: 0.5, y: 0.6 });
  const chosen = d.properties().getByLabel("Extension");
  await chosen.selectOption("Gone");
  await usher.admin("DELETE", `${api}/${gone.id}`);
  await chosen.waitFor();
  await d.properties().getByLabel("Leads to").selectOption("End: Welcome aboard");
  await d.piece("Sign up, Button").click();
  await d.properties().getByLabel("Leads to").selectOption({ label: "Ask an extension" });
  await d.saved();

  // It has gone meanwhile: that is a problem, which the other one solves.
  await page.reload();
  await d.step("Task Ask an extension").click();
  assert.match(await chosen.locator("option:checked").textContent(), /not there/);
  await page.getByRole("tab", { name: /Problems/ }).click();
  await page.getByText(/must be the id of an extension/).waitFor();
  await d.check("builder-extension-gone");
  await press(page, "Use “Checks”");
  await page.getByText("Nothing keeps this flow from running.").waitFor();
  await page.getByRole("tab", { name: "Properties" }).click();
  assert.equal(await chosen.inputValue(), id);
  await d.check("builder-extension");
  await d.saved();

  // Who tries it calls nobody.
  await press(page, "Try it");
  const screen = page.getByRole("region", { name: "The person’s screen" });
  await screen.getByLabel("User name").fill("ada");
  await screen.getByLabel("E-mail").fill("ada@example.com");
  await screen.getByLabel("Password", { exact: true }).fill("Long-enough-26");
  await page.keyboard.press("Enter");
  await screen.getByRole("heading", { name: "The flow is complete" }).waitFor();
  await page.getByText(/A trial calls no extension/).waitFor();
  await check(page, "console-try-extension");
  assert.equal(checks.asked.length, 0);

  await d.publish("Registration", "Asks first");
  await press(await (page.goto(`${usher.url}/console/extensions/${id}`).then(() => page)), "Delete…");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByText("The live flow REGISTRATION uses this extension").waitFor();
  await check(page, "console-extension-used");
  page.quiet();

  checks.answer = { actionStatus: "SUCCESS", operations: [{ op: "replace", path: nickname, value: "Countess" }] };
  await signUp(t, "ada", async (person) => {
    await person.getByRole("heading", { name: "Welcome aboard" }).waitFor();
  });
  const [asked] = checks.asked;
  assert.equal(asked.headers.authorization, "Bearer known to both");
  assert.deepEqual(asked.body.event.flow.user.claims, [{ uri: "http://wso2.org/claims/emailaddress", value: "ada@example.com" }]);
  const find = async (name) => (await usher.admin("GET", `/scim2/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`)).body;
  assert.equal((await find("ada")).Resources[0].nickName, "Countess");

  checks.answer = { actionStatus: "FAILED", failureReason: "Nobody joins today", failureDescription: "Come <b>back</b> tomorrow." };
  await signUp(t, "bea", async (person) => {
    await person.getByText("Come <b>back</b> tomorrow.").waitFor();
    await check(person, "extension-refuses");
  });
  assert.equal((await find("bea")).totalResults, 0);
});

// signUp is a person who signs up on the hosted pages.
async function signUp(t, name, see) {
  const person = await visitor(t, browser, usher);
  await person.goto(`${usher.url}/accounts/register`);
  await person.getByLabel("User name").fill(name);
  await person.getByLabel("E-mail").fill(`${name}@example.com`);
  await person.getByLabel("Password", { exact: true }).fill("Long-enough-26");
  await person.getByRole("button", { name: "Sign up" }).click();
  await see(person);
  person.quiet();
}
