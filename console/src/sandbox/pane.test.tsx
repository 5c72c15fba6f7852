import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Client } from "../api/client";
import { Connection } from "../api/connection";
import { ServerContext } from "../api/context";
import type { Answer, Drawn } from "../api/sandbox";
import { answer, button, FakeSandboxes, form, heading, input, mail, mark } from "./kit";
import Pane, { type Beside } from "./pane";

const sandboxes = vi.hoisted(() => ({ now: undefined as unknown }));
vi.mock("../api/sandbox", async (original) => ({ ...(await original<object>()), sandboxApi: () => sandboxes.now }));

/** A canvas whose document can be changed. */
class Canvas implements Beside {
  private listeners = new Set<() => void>();
  readonly shown: string[] = [];
  constructor(private document: string) {}
  text = () => this.document;
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  nameOf = (stepId: string) => `Step ${stepId}`;
  taskOf = (executor: string) => `Task ${executor}`;
  show = (stepId: string) => void this.shown.push(stepId);
  change(document: string) {
    this.document = document;
    for (const listener of this.listeners) listener();
  }
}

async function open(...answers: (Answer | Error)[]) {
  const api = new FakeSandboxes(answers);
  api.path = [mark("ask", "SHOWN")];
  sandboxes.now = api;
  const canvas = new Canvas('{"steps":[]}');
  const onWay = vi.fn();
  const connection = new Connection(async () => {});
  const client = new Client({ root: "", bearer: { token: async () => "", renew: async () => "" }, connection });
  render(
    <ServerContext value={{ client, connection }}>
      <Pane flowType="REGISTRATION" canvas={canvas} hidden={false} onWay={onWay} onClose={() => {}} />
    </ServerContext>,
  );
  await screen.findByText("Step ask");
  return { api, canvas, onWay };
}

const page = answer([
  heading("Welcome"),
  form(
    "f",
    input("email", { required: true }),
    input("otp", { length: 6 }, "OTP"),
    input("terms", { label: "I agree" }, "CHECKBOX"),
    button("go"),
  ),
]);

test("a page is drawn as clients draw it, and sent with its values", async () => {
  const { api, onWay } = await open(page, answer([heading("Next")]));
  expect(screen.getByRole("heading", { name: "Welcome" })).toBeDefined();
  await userEvent.type(screen.getByLabelText("email"), "ada@example.com");
  await userEvent.click(screen.getByLabelText("I agree"));
  await userEvent.click(screen.getByRole("button", { name: "go" }));
  await screen.findByRole("heading", { name: "Next" });
  expect(api.asked.at(-1)).toEqual({ flowId: "f1", actionId: "go", inputs: { email: "ada@example.com", otp: "", terms: "true" } });
  expect(document.activeElement).toBe(screen.getByRole("region", { name: "The person’s screen" }));
  expect(onWay).toHaveBeenLastCalledWith({ lit: ["ask"], at: "ask" });
});

test("a mistake is said at its field, which gets the focus", async () => {
  const messages = [{ type: "ERROR" as const, message: "Taken.", i18nKey: "{{taken}}", identifier: "email" }];
  await open(page, { ...page, data: { ...page.data, messages } });
  await userEvent.type(screen.getByLabelText("email"), "ada@example.com");
  await userEvent.click(screen.getByRole("button", { name: "go" }));
  await screen.findByText("Taken.", { selector: ".field-mistake" });
  const field = screen.getByLabelText<HTMLInputElement>("email");
  expect(document.activeElement).toBe(field);
  expect(field.getAttribute("aria-describedby")).toBe(screen.getByText("Taken.", { selector: ".field-mistake" }).id);
  expect(field.value).toBe("ada@example.com");
});

test("a code is put into the page with one click", async () => {
  const { api } = await open(page, page);
  api.messages = [mail({ code: "123456" }), mail({ channel: "sms", to: "+4366012345", text: "Hi", withheld: true })];
  await userEvent.type(screen.getByLabelText("email"), "ada@example.com");
  await userEvent.click(screen.getByRole("button", { name: "go" }));
  const message = await screen.findByRole("article", { name: "Mail to ada@example.com" });
  await userEvent.click(within(message).getByRole("button", { name: "Enter 123456" }));
  expect(screen.getByLabelText<HTMLInputElement>("otp").value).toBe("123456");
  expect(document.activeElement).toBe(screen.getByLabelText("otp"));
  expect(screen.getByText("Would not be sent")).toBeDefined();
});

test("rich text is cleaned, and its links lead nowhere", async () => {
  const text = '<p>Read <a href="https://example.com/terms">this</a><img src=x onerror="alert(1)"><script>alert(2)</script></p>';
  await open(answer([{ id: "r", type: "RICH_TEXT", config: { text } } as Drawn]));
  expect(document.querySelector(".trial-rich")?.innerHTML).toBe('<p>Read <a href="https://example.com/terms">this</a></p>');
  const link = screen.getByRole("link", { name: "this" });
  const click = new MouseEvent("click", { bubbles: true, cancelable: true });
  link.dispatchEvent(click);
  expect(click.defaultPrevented).toBe(true);
  await screen.findByText(/leads to https:\/\/example.com\/terms/);
});

test("components of all kinds are drawn", async () => {
  const piece = (type: string, config: object, variant = "") => ({ id: `${type}${variant}`, type, variant, config }) as Drawn;
  await open(
    answer([
      piece("DIVIDER", { text: "or" }),
      piece("IMAGE", { src: "https://example.com/logo.png", alt: "Logo" }),
      piece("RESEND", { text: "Once more" }),
      piece("CAPTCHA", {}),
      piece("INPUT", { label: "Pets", options: [{ key: "cat", label: "Cats" }] }, "DROPDOWN"),
      piece("INPUT", { label: "Size", options: [{ key: "s", label: "Small" }] }, "RADIO"),
      piece("INPUT", { label: "Land" }, "COUNTRY"),
      piece("INPUT", { label: "Secret" }, "PASSWORD"),
      piece("INPUT", { label: "Phone" }, "TELEPHONE"),
      piece("WIDGET", {}),
    ]),
  );
  expect(screen.getByText("or")).toBeDefined();
  expect(screen.getByRole("img", { name: "Logo" })).toBeDefined();
  expect(screen.getByRole("button", { name: "Once more" })).toBeDefined();
  expect(screen.getByLabelText("Fails")).toBeDefined();
  expect(screen.getByRole("option", { name: "Cats" })).toBeDefined();
  expect(screen.getByLabelText("Small")).toBeDefined();
  expect(screen.getByRole("option", { name: "Austria" })).toBeDefined();
  await userEvent.type(screen.getByLabelText(/^Secret/), "x");
  await userEvent.click(screen.getByRole("button", { name: "Show" }));
  expect(screen.getByLabelText<HTMLInputElement>(/^Secret/).type).toBe("text");
  expect(screen.getByLabelText<HTMLInputElement>(/^Phone/).type).toBe("tel");
  expect(screen.getByText("WIDGET is not drawn.")).toBeDefined();
});

test("a changed draft is offered, one whose steps were moved is not", async () => {
  const { api, canvas } = await open(page, page);
  canvas.change('{"steps": []}');
  expect(screen.queryByText(/has changed/)).toBeNull();
  canvas.change('{"steps":[{"id":"a"}]}');
  await userEvent.click(await screen.findByRole("button", { name: "Start with the newest" }));
  await vi.waitFor(() => expect(api.asked).toContainEqual({ document: '{"steps":[{"id":"a"}]}', users: ["alex", "casey"] }));
  expect(screen.queryByText(/has changed/)).toBeNull();
  expect(api.ended).toEqual(["s1"]);
});

test("an entry of the path says what ran, and shows its step", async () => {
  const { api, canvas } = await open(page, page);
  api.path = [mark("ask", "SHOWN"), { ...mark("send", "ASKED"), executor: "PigeonExecutor" }];
  await userEvent.click(screen.getByRole("button", { name: "Put the clock forward by one minute" }));
  await screen.findByText("Task PigeonExecutor: asked the person");
  await userEvent.click(screen.getByRole("button", { name: "Step ask" }));
  expect(canvas.shown).toEqual(["ask"]);
});

test("a passkey, a provider and the clock are at hand", async () => {
  const challenge = answer([], { type: "WEBAUTHN", data: { webAuthn: { action: "WEBAUTHN_CREATE" } as never } });
  const { api } = await open(
    challenge,
    answer([], { type: "REDIRECTION", data: { url: "https://providers.sandbox.invalid/x?scope=openid" } }),
    page,
  );
  await screen.findByRole("heading", { name: "Create a passkey?" });
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await screen.findByText(/asked for openid/);
  await userEvent.selectOptions(screen.getByLabelText("Who signs in"), "Somebody else …");
  await userEvent.type(screen.getByLabelText(/^Email/), "grace@example.com");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  await screen.findByRole("heading", { name: "Welcome" });
  await userEvent.click(screen.getByRole("button", { name: "Put the clock forward by ten minutes" }));
  await vi.waitFor(() => expect(api.asked.at(-1)).toEqual({ seconds: 600 }));
  expect(api.asked).toContainEqual({ provider: "f1", person: "grace@example.com" });
});

test("those who exist are chosen, and the flow starts with them", async () => {
  const { api } = await open(page, page);
  await userEvent.click(screen.getByRole("button", { name: "Choose…" }));
  await userEvent.click(screen.getByLabelText(/^casey/));
  await userEvent.type(screen.getByLabelText(/^User name/), "toni");
  await userEvent.click(screen.getByRole("button", { name: "Start with them" }));
  await vi.waitFor(() => expect(api.asked).toContainEqual({ document: '{"steps":[]}', users: ["alex", "toni"] }));
});

test("what happens at the end is chosen for the trial, as far as it differs from the flow's", async () => {
  const { api } = await open(page, page, page);
  const world = screen.getByRole("region", { name: "Around the person" });
  within(world).getByText("Sign the person in");
  const choose = () => userEvent.click(screen.getByRole("button", { name: "Choose what happens at the end…" }));
  await choose();
  await userEvent.click(screen.getByLabelText("Sign the person in"));
  screen.getByText("The flow has this on.");
  await userEvent.click(screen.getByLabelText("isPigeonSent"));
  await userEvent.click(screen.getByRole("button", { name: "Start with this" }));
  const settings = { isAutoLoginEnabled: false, isPigeonSent: true };
  await vi.waitFor(() => expect(api.asked).toContainEqual({ document: '{"steps":[]}', users: ["alex", "casey"], settings }));
  await within(world).findByText("isPigeonSent");
  expect(within(world).queryByText("Sign the person in")).toBeNull();
  // They hold as long as nobody chooses others.
  await userEvent.click(screen.getByRole("button", { name: "Start again" }));
  await vi.waitFor(() => expect(api.asked.filter((one) => (one as { settings?: object }).settings)).toHaveLength(2));
});

test("a link that confirms an address says what came of it", async () => {
  const { api } = await open(page, page);
  api.messages = [mail({ link: "https://id.example.com/accounts/verify?confirmation=code" })];
  await userEvent.click(screen.getByRole("button", { name: "Put the clock forward by one minute" }));
  await userEvent.click(await screen.findByRole("button", { name: "Open the link" }));
  await screen.findByText(/^The e-mail address is confirmed/, { selector: ".trial-stage *" });
});

test("keys of texts are shown as what they say, and stay where they say nothing", async () => {
  const rich = { id: "r", type: "RICH_TEXT", config: { text: '<p>To <a href="{{application.accessUrl}}">{{sign.up}}</a></p>' } } as Drawn;
  await open(answer([heading("{{sign.up}}"), input("email", { label: "{{sign.up}} {{none}}" }), button("go", "{{sign.up}}"), rich]));
  screen.getByRole("heading", { name: "Sign up & in" });
  screen.getByRole("button", { name: "Sign up & in" });
  screen.getByLabelText(/^Sign up & in {{none}}/);
  expect(document.querySelector(".trial-rich")?.textContent).toBe("To Sign up & in");
});
