import { expect, test } from "vitest";
import type { Answer } from "../api/sandbox";
import { answer, button, FakeSandboxes, form, heading, input, mail, refused } from "./kit";
import { forged, Trial } from "./trial";

const page = answer([heading("Welcome"), form("f", input("email"), input("password", {}, "PASSWORD"), button("go"))]);
const link = "https://id.example.com/accounts/recovery?flowId=f9&mlt=token";

async function begun(...answers: (Answer | Error)[]) {
  const api = new FakeSandboxes(answers);
  const trial = new Trial(api, "REGISTRATION");
  await trial.begin('{"n":1.50}', [{ username: "alex" }]);
  return { api, trial };
}

test("a trial begins with the document to the byte, and goes on with what was typed", async () => {
  const done = answer([], { flowStatus: "COMPLETE", type: "REDIRECTION", data: { url: "https://id.example.com/" } });
  const { api, trial } = await begun(page, done);
  expect(trial.state()).toMatchObject({ phase: "running", busy: false, turn: 1, said: "Page: Welcome." });
  trial.type("email", "ada@example.com");
  await trial.submit("go", "f", true);
  expect(api.asked).toEqual([
    { document: '{"n":1.50}', users: ["alex"] },
    { flowType: "REGISTRATION" },
    { flowId: "f1", actionId: "go", inputs: { email: "ada@example.com", password: "" } },
  ]);
  expect(trial.state()).toMatchObject({ phase: "over", said: "The flow is complete." });
  await trial.submit("go", "f", true);
  expect(api.asked).toHaveLength(3);
});

test("what comes of a captcha is sent along, on pages that have one", async () => {
  const { api, trial } = await begun(answer([form("f", button("go"), { id: "c", type: "CAPTCHA" })]), page);
  await trial.submit("go", "f", false);
  expect(api.asked.at(-1)).toMatchObject({ inputs: { captchaResponse: "fail" } });
});

test("the client's own origin is answered without asking anybody", async () => {
  const prompt = answer([], { type: "INTERNAL_PROMPT", data: { requiredParams: ["origin"] } });
  const { api, trial } = await begun(prompt, page);
  expect(api.asked.slice(2)).toMatchObject([{ passkey: "f1", cancel: false }, { flowId: "f1" }]);
  expect(trial.state().page?.heading).toBe("Welcome");
});

test("messages that arrive are announced, and their codes entered", async () => {
  const { api, trial } = await begun(page, answer([form("f", input("otp", {}, "OTP"))]));
  expect(trial.enter("123456")).toBeUndefined();
  api.messages = [mail({ code: "123456" })];
  await trial.submit("go", "f", true);
  expect(trial.state().said).toContain("A message has arrived.");
  expect(trial.enter("123456")).toBe("otp");
  expect(trial.state().typed).toEqual({ otp: "123456" });
});

test("a link leads into the execution that waits for it, else into its own", async () => {
  const waiting = answer([], { type: "INTERNAL_PROMPT", data: { requiredParams: ["mlt"] } });
  const { api, trial } = await begun(waiting, page, page);
  await trial.follow({ link });
  await trial.follow({ link });
  expect(api.asked.slice(2)).toEqual([
    { flowId: "f1", inputs: { mlt: "token" } },
    { flowId: "f9", inputs: { mlt: "token" } },
  ]);
});

test("an invitation begins the flow where it has not begun with one", async () => {
  const prompt = answer([], { type: "INTERNAL_PROMPT", data: { requiredParams: ["confirmationCode"] } });
  const { api, trial } = await begun(page, prompt, page);
  await trial.follow({ link: "https://id.example.com/accounts/accept?confirmation=code" });
  expect(api.asked.slice(2)).toEqual([{ flowType: "REGISTRATION" }, { flowId: "f1", inputs: { confirmationCode: "code" } }]);
});

test("a link that confirms an address does so once, also after the flow's end", async () => {
  const { api, trial } = await begun(answer([], { flowStatus: "COMPLETE", type: "VIEW" }));
  const link = "https://id.example.com/accounts/verify?confirmation=code";
  await trial.follow({ link });
  expect(trial.state()).toMatchObject({ phase: "over", trouble: undefined, note: expect.stringContaining("is confirmed") });
  expect(trial.state().said).toContain("is confirmed");
  await trial.follow({ link });
  expect(trial.state()).toMatchObject({ trouble: { why: "No. It cannot be." }, note: undefined });
  expect(api.asked.slice(2)).toEqual([{ confirm: "code" }, { confirm: "code" }]);
});

test("other links lead nowhere, and it is said why", async () => {
  const { api, trial } = await begun(page);
  await trial.follow({ link: "https://evil.example.com/" });
  expect(trial.state().trouble?.why).toContain("leads out of the flow");
  expect(api.asked).toHaveLength(2);
});

test("the authenticator approves, cancels and answers wrongly; the provider signs in and refuses", async () => {
  const { api, trial } = await begun(page, page, page, page, page, page);
  await trial.passkey("approve");
  await trial.passkey("cancel");
  await trial.passkey("wrong");
  await trial.provider({ email: "ada@example.com" });
  await trial.provider(undefined);
  await trial.advance(60);
  const sent = api.asked.slice(2).filter((one) => typeof one === "object" && one !== null && "inputs" in one) as { inputs: object }[];
  expect(sent.map((one) => Object.keys(one.inputs).join())).toEqual(["tokenResponse", "", "tokenResponse", "code,state", "error,state"]);
  expect(sent[0]?.inputs).not.toEqual(sent[2]?.inputs);
  expect(api.asked.at(-1)).toEqual({ seconds: 60 });
});

test("a forged answer differs in its challenge alone", () => {
  const client = { type: "webauthn.get", challenge: "right", origin: "https://id.example.com" };
  const token = btoa(JSON.stringify({ id: "k", response: { signature: "s", clientDataJSON: btoa(JSON.stringify(client)) } }));
  const read = (text: string) => JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  const got = read(forged(token));
  expect(got).toMatchObject({ id: "k", response: { signature: "s" } });
  expect(read(got.response.clientDataJSON)).toEqual({ ...client, challenge: "d3Jvbmc" });
});

test("what ends a flow ends the trial; what does not leaves it where it was", async () => {
  const { trial } = await begun(page, refused("FE-60009"), refused("FE-60001"));
  await trial.submit("go", "f", true);
  expect(trial.state()).toMatchObject({ phase: "running", trouble: { why: "No. It cannot be." } });
  await trial.submit("go", "f", true);
  expect(trial.state()).toMatchObject({ phase: "over", trouble: { why: expect.stringContaining("expired") } });
});

test("a document that cannot run says why", async () => {
  const problems = [{ code: "RFM-60003", message: "a VIEW needs at least one component", stepId: "ask" }];
  const { trial } = await begun(refused("RFM-60003", problems));
  expect(trial.state()).toMatchObject({ phase: "over", sandbox: undefined, trouble: { problems } });
});

test("who begins again is not shown what the beginning before still brings", async () => {
  const api = new FakeSandboxes([page, answer([heading("Second")])]);
  const trial = new Trial(api, "REGISTRATION");
  await Promise.all([trial.begin("1", []), trial.begin("2", [])]);
  await trial.begin("3", []);
  expect(trial.state()).toMatchObject({ tried: "3", page: { heading: "Second" } });
  trial.end();
  expect(new Set(api.ended)).toEqual(new Set(["s1", "s2", "s3"]));
});
