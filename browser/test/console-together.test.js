// Two administrators at one flow, and one whose connection, server or session
// goes away: nobody's edit is lost, and nobody is overruled in silence.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../chromium.js";
import { administrator, Designer, openConsole, signIn, until } from "../designer.js";
import { startUsher } from "../usher.js";

const limit = { timeout: 120_000 };
const other = { name: "grace", password: "correct horse battery" };
const design = "/console/flows/REGISTRATION/design";
let usher, browser;

before(async () => {
  usher = await startUsher({ USHER_RATE_LIMITS: "off" });
  const made = await usher.admin("POST", "/scim2/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: other.name, password: other.password, roles: [{ value: "admin" }],
  });
  assert.ok(made.body.id);
  browser = await startChromium();
});

after(async () => {
  for (const one of [browser && { stop: () => browser.close() }, usher]) await one?.stop();
});

// open is the builder of the registration, as the draft or what is live is now.
async function open(t, as = administrator, options) {
  const page = await openConsole(t, browser, usher, { path: design, as, ...options });
  await page.locator(".react-flow__node").first().waitFor();
  return new Designer(page, usher, "REGISTRATION");
}

// relabel gives the field of the password another label.
async function relabel(d, to) {
  await d.page.locator(".canvas").getByRole("button", { name: /, Password field$/ }).first().click();
  await d.properties().getByLabel("Label", { exact: true }).fill(to);
}

const says = async (d) => JSON.stringify((await d.draft()) ?? null);

// anew takes the draft away, whatever it says.
async function anew() {
  const { status, body } = await usher.call("GET", "/api/server/v1/flow/draft?flowType=REGISTRATION");
  if (status === 200) await usher.admin("DELETE", `/api/server/v1/flow/draft?flowType=REGISTRATION`);
  return body;
}

test("two edit the same draft", limit, async (t) => {
  await anew();
  const [ada, grace] = await Promise.all([open(t), open(t, other)]);
  await relabel(ada, "Ada's password");
  await ada.saved();
  await relabel(grace, "Grace's password");
  const dialog = grace.page.getByRole("dialog", { name: "Somebody else has changed this draft" });
  await dialog.waitFor();
  await dialog.getByText(/admin/).waitFor();
  await grace.check("builder-conflict");
  assert.ok((await says(ada)).includes("Ada's password"), "nothing is written over before somebody says so");
  await dialog.getByRole("button", { name: "Take theirs" }).click();
  await grace.piece("Ada's password, Password field").waitFor();
  // What was taken over can be undone: one's own is back, and saved.
  await grace.page.getByRole("button", { name: "Undo: Take over the other draft" }).click();
  await grace.piece("Grace's password, Password field").waitFor();
  await until(async () => (await says(grace)).includes("Grace's password"));

  // Ada's next edit meets what Grace has saved, and Ada's is kept.
  await relabel(ada, "Ours");
  const again = ada.page.getByRole("dialog", { name: "Somebody else has changed this draft" });
  await again.getByRole("button", { name: "Keep mine" }).click();
  await until(async () => (await says(ada)).includes("Ours"));
  await again.waitFor({ state: "detached" });
  ada.page.quiet();
  grace.page.quiet();
});

test("one deletes what the other edits", limit, async (t) => {
  await anew();
  const [ada, grace] = await Promise.all([open(t), open(t, other)]);
  await ada.page.locator(".canvas").getByRole("button", { name: /, Password field$/ }).click();
  await ada.page.keyboard.press("Delete");
  await ada.saved();
  await relabel(grace, "Secret");
  const dialog = grace.page.getByRole("dialog", { name: "Somebody else has changed this draft" });
  await dialog.getByText(/“Secret”/).waitFor();
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await until(async () => (await says(grace)).includes("Secret"));
  // Who has a draft discarded under them is told, and keeps theirs.
  await anew();
  await relabel(grace, "Secret 2");
  await dialog.getByText("The draft was published or discarded.").waitFor();
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await until(async () => (await says(grace)).includes("Secret 2"));
  grace.page.quiet();
});

test("both publish", limit, async (t) => {
  await anew();
  const [ada, grace] = await Promise.all([open(t), open(t, other)]);
  await relabel(ada, "Ada publishes");
  await ada.saved();
  await ada.publish("Registration", "Ada was here.");
  // Grace has had the version before in front of her all the time.
  await relabel(grace, "Grace publishes");
  await grace.saved();
  await grace.page.getByRole("link", { name: "Flows", exact: true }).first().click();
  const card = grace.page.getByRole("region", { name: "Registration" });
  await card.getByText("Draft of an older version").waitFor();
  await card.getByRole("button", { name: "Publish…" }).click();
  const dialog = grace.page.getByRole("dialog");
  await dialog.getByText(/admin published version \d+/).waitFor();
  await dialog.getByText("Ada was here.").waitFor();
  await dialog.getByText("Ada publishes").waitFor(); // what it would take back
  await grace.check("builder-publish-over");
  const before = await live();
  await dialog.getByRole("button", { name: `Publish over version ${before}` }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await live(), before + 1);
  grace.page.quiet();
});

const live = async () => (await usher.admin("GET", "/api/server/v1/flow/overview")).body.find((one) => one.flowType === "REGISTRATION").live.number;

test("a connection that goes away loses no edit, nor does a server that is stopped", limit, async (t) => {
  await anew();
  const d = await open(t);
  const { page } = d;
  const kept = page.getByText("Offline. Your changes are kept here.");
  const before = (await d.draft()) ?? "none";
  await page.context().setOffline(true);
  await relabel(d, "While offline");
  await kept.waitFor();
  await relabel(d, "While offline, again");
  assert.equal((await d.draft()) ?? "none", before);
  await d.check("builder-offline");
  // Who closes the tab now is asked.
  const asked = page.waitForEvent("dialog");
  void page.close({ runBeforeUnload: true });
  const question = await asked;
  assert.equal(question.type(), "beforeunload");
  await question.dismiss();
  await page.context().setOffline(false);
  await d.saved();
  assert.ok((await says(d)).includes("While offline, again"));

  await usher.pause();
  await relabel(d, "While stopped");
  await kept.waitFor();
  await usher.resume();
  await d.saved();
  assert.ok((await says(d)).includes("While stopped"));
});

test("a session that is over loses no edit", limit, async (t) => {
  await anew();
  const d = await open(t);
  const { page } = d;
  let bearer;
  page.on("request", (request) => (bearer = request.headers().authorization ?? bearer));
  await relabel(d, "Before");
  await d.saved();
  await fetch(`${usher.url}/oauth2/revoke`, { method: "POST", body: new URLSearchParams({ token: bearer.replace("Bearer ", ""), client_id: "console" }) });
  await page.context().clearCookies();
  await relabel(d, "Typed after it was over");
  const over = page.getByRole("heading", { name: "Please sign in again" });
  await over.waitFor();
  const popup = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await signIn(await popup);
  await over.waitFor({ state: "detached" });
  await d.saved();
  assert.ok((await says(d)).includes("Typed after it was over"));
});
