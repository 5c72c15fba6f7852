import { fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeServer, visit } from "../visit";
import type { Catalogue, Listed, Preview, Template } from "./api";
import { Component as DetailPage } from "./detail";
import { undressed } from "./letter";
import { Component as ListPage } from "./list";
import { costOf } from "./preview";
import { inserted } from "./words";

const path = "/api/server/v1/message-templates";
const code: Listed = {
  name: "email-otp",
  channel: "email",
  label: "E-mail code",
  purpose: "The code that proves an e-mail address.",
  customised: ["de"],
  placeholders: [
    { name: "code", meaning: "The code.", required: true, inSubject: false },
    { name: "name", meaning: "What the person is called.", required: false, inSubject: true },
  ],
};
const text: Listed = { ...code, name: "sms-otp", channel: "sms", label: "Text message code", customised: [] };
const catalogue: Catalogue = { languages: ["en", "de"], templates: [code, text] };
const english: Template = {
  name: "email-otp",
  channel: "email",
  locale: "en",
  customised: false,
  subject: "Your code",
  body: "{{code}}",
  default: { subject: "Your code", body: "{{code}}" },
};
const preview: Preview = { subject: "Your code", text: "Hello,\n\n123456", html: "<!doctype html><p>123456</p>", problems: [] };

const newServer = () =>
  new FakeServer()
    .on("GET", path, catalogue)
    .on("GET", `${path}/email-otp/en`, english, { ETag: '"0"' })
    .on("POST", `${path}/email-otp/en/preview`, preview);

const open = (server: FakeServer, at = "/messages/email-otp/en", scopes?: string[]) =>
  visit(server, <DetailPage />, { at, path: "/messages/:name/:locale", ...(scopes && { scopes }) });

test("templates are listed by channel, with the languages that are the tenant's own", async () => {
  visit(newServer(), <ListPage />);
  const mails = await screen.findByRole("table", { name: "E-mails" });
  expect(within(mails).getByRole("link", { name: "E-mail code" }).getAttribute("href")).toBe("/messages/email-otp/de");
  within(mails).getByText("Your own in German");
  const texts = screen.getByRole("table", { name: "Text messages" });
  expect(within(texts).getByRole("link", { name: "Text message code" }).getAttribute("href")).toBe("/messages/sms-otp/en");
  within(texts).getByText("Default");
});

test("words are written, previewed and saved over what was seen", async () => {
  const server = newServer();
  open(server);
  const body = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Body" });
  fireEvent.change(body, { target: { value: "Enter " } });
  await userEvent.click(screen.getByRole("button", { name: "Insert {{code}}" }));
  expect(body.value).toBe("Enter {{code}}");
  expect(document.activeElement).toBe(body);
  await vi.waitFor(() => {
    const last = server.sent("POST", `${path}/email-otp/en/preview`).at(-1);
    expect(last?.body).toEqual({ subject: "Your code", body: "Enter {{code}}" });
  });
  const saved = { ...english, customised: true, body: "Enter {{code}}" };
  server.on("PUT", `${path}/email-otp/en`, saved, { ETag: '"1"' });
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText(/^Saved/);
  const [put] = server.sent("PUT", `${path}/email-otp/en`);
  expect(put).toMatchObject({ ifMatch: '"0"', body: { subject: "Your code", body: "Enter {{code}}" } });
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  screen.getByRole("button", { name: "Back to the default…" });
});

test("a placeholder goes where the caret was, and never into a subject that may not have it", async () => {
  open(newServer());
  const subject = await screen.findByRole<HTMLInputElement>("textbox", { name: "Subject" });
  const body = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Body" });
  await userEvent.click(subject);
  subject.setSelectionRange(0, 4);
  await userEvent.click(screen.getByRole("button", { name: "Insert {{name}}" }));
  expect(subject.value).toBe("{{name}} code");
  body.setSelectionRange(8, 8);
  await userEvent.click(subject);
  await userEvent.click(screen.getByRole("button", { name: "Insert {{code}}" }));
  expect(subject.value).toBe("{{name}} code");
  expect(body.value).toBe("{{code}}{{code}}");
});

test("what is wrong is said at its field, and what is refused is not saved", async () => {
  const problems: Preview["problems"] = [{ field: "body", message: "Must have {{code}}." }];
  const server = newServer().on("POST", `${path}/email-otp/en/preview`, { ...preview, problems });
  server.refuse("PUT", `${path}/email-otp/en`, 400, {
    code: "UE-32002",
    message: "No.",
    description: "",
    errors: ["body must have {{code}}."],
  });
  open(server);
  await screen.findByText("Must have {{code}}.");
  const body = screen.getByRole("textbox", { name: "Body" });
  expect(body.getAttribute("aria-invalid")).toBe("true");
  fireEvent.change(body, { target: { value: "x" } });
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("Nothing was saved. What has to change is marked.");
});

test("it goes back to the default after a question", async () => {
  const own = { ...english, customised: true, subject: "Ours" };
  const server = newServer().on("GET", `${path}/email-otp/en`, own, { ETag: '"3"' }).on("DELETE", `${path}/email-otp/en`, "");
  open(server);
  await userEvent.click(await screen.findByRole("button", { name: "Back to the default…" }));
  server.on("GET", `${path}/email-otp/en`, english, { ETag: '"0"' });
  await userEvent.click(screen.getByRole("button", { name: "Go back" }));
  await vi.waitFor(() => expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Subject" }).value).toBe("Your code"));
  expect(server.sent("DELETE", `${path}/email-otp/en`)[0]?.ifMatch).toBe('"3"');
  expect(screen.queryByRole("button", { name: "Back to the default…" })).toBeNull();
});

test("nobody leaves changes without a question", async () => {
  const server = newServer().on("GET", `${path}/email-otp/de`, { ...english, locale: "de" }, { ETag: '"1"' });
  server.on("POST", `${path}/email-otp/de/preview`, preview);
  const { router } = open(server);
  fireEvent.change(await screen.findByRole("textbox", { name: "Body" }), { target: { value: "x" } });
  const german = screen.getByRole("link", { name: /^German/ });
  await userEvent.click(german);
  await userEvent.click(await screen.findByRole("button", { name: "Stay" }));
  expect(router.state.location.pathname).toBe("/messages/email-otp/en");
  await userEvent.click(german);
  await userEvent.click(await screen.findByRole("button", { name: "Leave" }));
  await vi.waitFor(() => expect(router.state.location.pathname).toBe("/messages/email-otp/de"));
});

test("a test says what is written, saved or not, and why it cannot be sent", async () => {
  const at = `${path}/email-otp/en/test`;
  const server = newServer().on("POST", at, { channel: "email", to: "ada@example.com" });
  open(server);
  fireEvent.change(await screen.findByRole("textbox", { name: "Body" }), { target: { value: "Draft {{code}}" } });
  await userEvent.click(screen.getByRole("button", { name: "Send me a test" }));
  await screen.findByText("A test is on its way to ada@example.com.");
  expect(server.sent("POST", at).map(({ body }) => body)).toEqual([{ subject: "Your code", body: "Draft {{code}}" }]);
  expect(server.sent("PUT", `${path}/email-otp/en`)).toEqual([]);
  server.refuse("POST", at, 409, {
    code: "UE-32409",
    message: "The test cannot reach you.",
    description: "Your account has no e-mail address.",
  });
  await userEvent.click(screen.getByRole("button", { name: "Send me a test" }));
  await screen.findByText("The test cannot reach you. Your account has no e-mail address.");
});

test("who may not change words sees them", async () => {
  open(newServer(), undefined, []);
  const body = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Body" });
  expect(body.disabled).toBe(true);
  expect(screen.queryByRole("button", { name: /^Insert/ })).toBeNull();
  expect(screen.queryByRole("button", { name: "Send me a test" })).toBeNull();
});

test("a text message is shown as one, with what it costs", async () => {
  const server = newServer()
    .on("GET", `${path}/sms-otp/en`, { ...english, name: "sms-otp", channel: "sms", subject: undefined }, { ETag: '"0"' })
    .on("POST", `${path}/sms-otp/en/preview`, {
      text: "123456\n\n@id.example #123456",
      problems: [],
      segments: { encoding: "GSM-7", units: 27, count: 1, free: 133 },
    });
  open(server, "/messages/sms-otp/en");
  await screen.findByText("1 segment. 27 characters, 133 more fit (GSM-7).");
  expect(screen.queryByRole("textbox", { name: "Subject" })).toBeNull();
  expect(server.sent("POST", `${path}/sms-otp/en/preview`)[0]?.body).toEqual({ body: "{{code}}" });
  expect(costOf({ encoding: "UCS-2", units: 71, count: 2, free: 63 })).toMatch(
    /^2 segments, each of which is billed\. 71 characters.*\(UCS-2\)\. It has/,
  );
});

test("styles are taken out of a mail, and nothing that an author wrote", () => {
  const html = `<style>\n:root { color-scheme: light dark; }\n@media (prefers-color-scheme: dark) { p { color: #fff; } }\n</style><p style="margin:0">a style=&#34;b</p>`;
  const light = undressed(html, false);
  expect(light.markup).toBe('<p data-style="margin:0">a style=&#34;b</p>');
  expect(light.sheet).toContain("@media not all");
  expect(undressed(html, true).sheet).toMatch(/color-scheme: dark;[\s\S]*@media all/);
});

test.each([
  ["ab", 1, 1, "a{{x}}b", 6],
  ["ab", 0, 2, "{{x}}", 5],
  ["", 0, 0, "{{x}}", 5],
])("%j with %d to %d selected becomes %j", (value, start, end, want, caret) => {
  expect(inserted(value, "{{x}}", start, end)).toEqual({ value: want, caret });
});
