import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import type { Message } from "./api";
import { isFree, isWorthIt, wayOf } from "./describe";
import { Component } from "./list";

const path = "/api/server/v1/message-outbox";
const soon = () => new Date(Date.now() + 3_600_000).toISOString();
const message = (change: Partial<Message> = {}): Message => ({
  id: "1-aa",
  messageId: "aa",
  template: "email-otp",
  channel: "email",
  to: "a…@example.org",
  state: "waiting",
  attempts: 2,
  queuedAt: new Date().toISOString(),
  expiresAt: soon(),
  nextAttemptAt: soon(),
  failure: "smtp: RCPT answered 451",
  ...change,
});
const delivery = { email: "smtp", sms: "files", folder: "data/outbox" };
const serve = (messages: Message[], next?: string) => new FakeServer().on("GET", path, { messages, delivery, next });
const button = (name: string | RegExp) => screen.findByRole("button", { name });

test("it is said where messages go", () => {
  expect(wayOf({ email: "files", sms: "files", folder: "data/outbox" })).toBe(
    "E-mail and text messages become files in the folder data/outbox of the server.",
  );
  expect(wayOf({ email: "smtp", sms: "http" })).toBe("E-mail goes to a mail server. Text messages go to a gateway.");
  expect(wayOf({ email: "files", sms: "http" })).toContain("E-mail becomes files on the server, not to people.");
});

test("only what waits or was given up can be helped, and only while it is worth it", () => {
  const free = (["waiting", "sending", "delivered", "given_up", "expired", "dropped"] as const).filter((state) =>
    isFree(message({ state })),
  );
  expect(free).toEqual(["waiting", "given_up"]);
  expect(isWorthIt(message({ expiresAt: new Date(0).toISOString() }))).toBe(false);
});

test("a message is tried again at once", async () => {
  const server = serve([message()]).on("POST", `${path}/1-aa/retry`, message());
  visit(server, <Component />);
  await screen.findByText("smtp: RCPT answered 451");
  await userEvent.click(await button("Try again now: email-otp to a…@example.org"));
  await screen.findByText("It is tried again now.");
  expect(server.sent("POST", `${path}/1-aa/retry`)).toHaveLength(1);
});

test("a message is dropped after a question, and a refusal is said there", async () => {
  const server = serve([message()]).refuse("DELETE", `${path}/1-aa`, 409, {
    code: "UE-31409",
    message: "The message is being sent.",
    description: "",
  });
  visit(server, <Component />);
  await userEvent.click(await button(/^Drop: /));
  expect(server.sent("DELETE", `${path}/1-aa`)).toHaveLength(0);
  await userEvent.click(await button("Drop"));
  await screen.findByText("The message is being sent.");
  server.on("DELETE", `${path}/1-aa`, "");
  await userEvent.click(await button("Drop"));
  await screen.findByText("It will not be sent.");
  await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("who only looks has no buttons", async () => {
  visit(serve([message()]), <Component />, { scopes: [] });
  await screen.findByText("Waiting", { selector: ".badge" });
  expect(screen.queryByRole("button")).toBeNull();
});

test("the state of the address is asked for, and an empty outbox says where messages go", async () => {
  const server = serve([]);
  visit(server, <Component />, { at: "/?state=given_up" });
  await screen.findByText("No message is in the state “Given up”");
  expect(screen.getByText(/E-mail goes to a mail server/)).toBeTruthy();
  expect(server.sent("GET", path)[0]?.query.get("state")).toBe("given_up");
  await userEvent.click(await button("Show all"));
  await screen.findByText("No message was queued lately");
  expect(server.sent("GET", path).at(-1)?.query.get("state")).toBeNull();
});
