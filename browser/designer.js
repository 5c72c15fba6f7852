// Somebody who designs flows in the console, in a browser.
import assert from "node:assert/strict";
import { check, visitor } from "./portal.js";
import { reach } from "./walker.js";

export const administrator = { name: "admin", password: "Browser.Admin.26" };
export const size = { viewport: { width: 1280, height: 720 } };

const draftPath = "/api/server/v1/flow/draft?flowType=";

// console opens the console in a window of its own, for somebody who signs in.
export async function openConsole(t, browser, usher, { path = "/console/", as = administrator, device = "desktop", options = size } = {}) {
  const page = await visitor(t, browser, usher, device, options);
  page.setDefaultTimeout(15_000);
  await page.goto(usher.url + path);
  await signIn(page, as);
  return page;
}

export async function signIn(page, { name, password } = administrator) {
  await page.getByLabel(/^user ?name/i).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
}

// until waits for what comes to be in its own time.
export async function until(so, what = "it never is") {
  for (const deadline = Date.now() + 15_000; !(await so()); ) {
    assert.ok(Date.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// startEmpty makes an empty canvas the draft of a flow and opens it, from the
// overview.
export async function startEmpty(page, flow) {
  await startFrom(page, flow, "An empty canvas");
  await page.getByText("Nothing here yet.").waitFor();
}

// startFrom makes a template the draft of a flow and opens it.
export async function startFrom(page, flow, template) {
  await page.getByRole("button", { name: `More about ${flow}` }).click();
  await page.getByRole("menuitem", { name: "Start from a template…" }).click();
  await page.getByText(template, { exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: /Make it the draft|Replace the draft/ }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("region", { name: flow }).getByRole("link", { name: "Design" }).click();
  await page.locator(".canvas").waitFor();
}

const pieceName = (name) => new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(, has problems)?$`);

// Designer is somebody in front of the builder of a flow type.
export class Designer {
  constructor(page, usher, flowType) {
    Object.assign(this, { page, usher, flowType });
  }

  // meta is what the server says may be used.
  async meta() {
    this.declared ??= (await this.usher.admin("GET", `/api/server/v1/flow/meta?flowType=${this.flowType}`)).body;
    return this.declared;
  }

  // check is that of every page. The canvas can be as far away as somebody
  // likes; what is on its pages stands in the properties of a step as well.
  check(name) {
    return check(this.page, name, ".canvas .piece");
  }

  // draft is the document that the server has stored, without where steps stand;
  // undefined where there is none yet.
  async draft() {
    const answer = await this.usher.admin("GET", draftPath + this.flowType).catch((fault) => {
      if (!fault.message.includes("UE-28404")) throw fault;
    });
    return answer?.body.definition;
  }

  part(name) {
    return this.page.getByRole("region", { name: "Add", exact: true }).getByRole("button", { name, exact: true });
  }

  // field is a part of the fields; others may be called the same.
  field(name) {
    return this.page.locator("details", { hasText: "Fields" }).getByRole("button", { name, exact: true });
  }

  // executor is the part that runs one: what the palette calls it is the
  // server's to say.
  async executor(name) {
    const { executors } = await this.meta();
    const { summary } = executors.find((one) => one.name === name);
    return this.page.getByRole("region", { name: "Add", exact: true }).getByTitle(summary, { exact: true });
  }

  // step is a page, task or end on the canvas, by what its name begins with.
  step(name) {
    return this.page.locator(`.react-flow__node[aria-label^=${JSON.stringify(name)}]`);
  }

  // piece is a component on the canvas, whatever the server has found wrong with
  // it by now.
  piece(name) {
    return this.page.locator(".canvas").getByRole("button", { name: pieceName(name) });
  }

  // drag drags one thing onto a place of another with the mouse; at is a
  // fraction of its width and height.
  async drag(from, to, { x = 0.5, y = 0.5 } = {}) {
    const { mouse } = this.page;
    await from.scrollIntoViewIfNeeded();
    const begin = await center(from);
    await mouse.move(begin.x, begin.y);
    await mouse.down();
    await mouse.move(begin.x + 8, begin.y + 8);
    const box = await to.boundingBox();
    const end = { x: box.x + box.width * x, y: box.y + box.height * y };
    await mouse.move((begin.x + end.x) / 2, (begin.y + end.y) / 2, { steps: 3 });
    await mouse.move(end.x, end.y, { steps: 3 });
    await mouse.up();
  }

  // connect pulls a line from a button to a step.
  async connect(button, step) {
    const row = this.page.locator(".piece-row", { has: this.page.getByRole("button", { name: pieceName(button) }) });
    await this.drag(row.locator(".outlet").last(), step.locator(".inlet"));
  }

  properties() {
    return this.page.getByRole("group", { name: "Properties" });
  }

  // problems is what the panel of that name says.
  async problems() {
    return (await this.page.locator(".problem p").allTextContents()).join(" ");
  }

  // solve presses what the problems offer, until there is none; with a
  // keyboard, by that.
  async solve(keyboard) {
    if (!keyboard) await this.page.getByRole("tab", { name: /Problems/ }).click();
    const none = this.page.getByText("Nothing keeps this flow from running.");
    const fix = this.page.locator(".problem .button-primary").first();
    for (let tries = 0; tries < 20; tries++) {
      // What was found before the last change may be gone with the answer.
      await this.page.getByText("Checking …").waitFor({ state: "detached" });
      await none.or(fix).first().waitFor();
      if (await none.isVisible()) return this.saved();
      const words = await this.problems();
      if (keyboard) await this.press(fix);
      else await fix.click();
      await until(async () => (await this.problems()) !== words, `it stays: ${words}`);
    }
    throw new Error("there is no end of problems");
  }

  // publish does so from the overview, with a note.
  async publish(flow, note) {
    await this.page.getByRole("link", { name: "Flows", exact: true }).first().click();
    const card = this.page.getByRole("region", { name: flow, exact: true });
    await card.getByRole("button", { name: "Publish…" }).click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByLabel("Note").fill(note);
    await dialog.getByRole("button", { name: "Publish", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await this.page.getByText(`of ${flow} is live`).waitFor();
  }

  // goThrough presses Undo or Redo as long as there is something to do, and
  // tells how often that was.
  async goThrough(name) {
    const again = this.page.getByRole("button", { name: new RegExp(`^${name}: `) });
    let n = 0;
    for (; await again.count(); n++) await again.click();
    await this.saved();
    return n;
  }

  // press goes to something by the tabulator key, and presses it by another.
  async press(one, key = "Enter") {
    await reach(this.page, one);
    await this.page.keyboard.press(key);
  }

  // find searches, and goes to what is found or adds it, by keyboard.
  async find(name, about = "") {
    await this.page.keyboard.press("Control+k");
    const dialog = this.page.getByRole("dialog", { name: "Search" });
    await dialog.getByRole("combobox").waitFor();
    await this.page.keyboard.type(name);
    const hit = dialog.getByRole("option", { name: new RegExp(`^${name}.*${about}`) }).first();
    await hit.waitFor();
    while ((await hit.getAttribute("aria-selected")) !== "true") await this.page.keyboard.press("ArrowDown");
    await this.page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    // What was found or added is selected, and has the focus.
    await this.page.waitForFunction(() => document.activeElement?.matches(".canvas [data-selected], .canvas .react-flow__node.selected"));
  }

  // findExecutor adds what runs one.
  async findExecutor(name) {
    await this.find((await (await this.executor(name)).textContent()).trim(), "Add");
  }

  // write replaces what a field of the properties holds, by keyboard.
  async write(label, text) {
    const field = this.properties().getByLabel(label, { exact: true });
    await this.enter(field);
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.type(text);
  }

  // choose chooses in a list of the properties, by keyboard.
  async choose(label, value) {
    const field = this.properties().getByLabel(label, { exact: true });
    await this.enter(field);
    await this.page.keyboard.type((await field.locator(`option[value="${value}"]`).textContent()).trim());
    assert.equal(await field.inputValue(), value);
  }

  // enter goes to a field of the properties of what is selected.
  async enter(field) {
    await field.waitFor();
    if (await this.page.evaluate(() => document.activeElement?.closest(".canvas") !== null)) await this.page.keyboard.press("Enter");
    await reach(this.page, field);
  }

  async saved() {
    await this.page.getByText("Draft saved").waitFor();
  }
}

async function center(one) {
  const box = await one.boundingBox();
  assert.ok(box, `${one} is not to be seen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
