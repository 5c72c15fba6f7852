import { Refused } from "../api/problem";
import type {
  Account,
  Answer,
  Contents,
  Drawn,
  Inputs,
  Mail,
  Mark,
  Person,
  Sandbox,
  SandboxApi,
  Settings,
  Step,
  User,
} from "../api/sandbox";

// What the tests of this folder share. Nothing of the console imports it.

export const refused = (code: string, errors?: unknown) =>
  new Refused(400, { code, message: "No.", description: "It cannot be.", ...(errors !== undefined && { errors }) });

/** answer is what a flow answers, with a page of the components. */
export const answer = (components: Drawn[], rest: Partial<Omit<Answer, "data">> & { data?: Answer["data"] } = {}): Answer => ({
  flowId: "f1",
  flowType: "REGISTRATION",
  flowStatus: "INCOMPLETE",
  type: "VIEW",
  trace: [],
  ...rest,
  data: { components, ...rest.data },
});

export const input = (id: string, config: Record<string, unknown> = {}, variant = "TEXT"): Drawn =>
  ({ id, type: "INPUT", variant, config: { identifier: id, label: id, ...config } }) as Drawn;
export const button = (id: string, text = id): Drawn =>
  ({ id, type: "BUTTON", variant: "PRIMARY", actionId: id, config: { text } }) as Drawn;
export const heading = (text: string): Drawn => ({ id: `h-${text}`, type: "TYPOGRAPHY", variant: "H3", config: { text } }) as Drawn;
export const form = (id: string, ...components: Drawn[]): Drawn => ({ id, type: "FORM", components });

export const mail = (rest: Partial<Mail> = {}): Mail => ({
  at: "2026-11-23T12:00:00Z",
  channel: "email",
  to: "ada@example.com",
  template: "code",
  locale: "en",
  subject: "Your code",
  text: "It is 123456.",
  ...rest,
});

export const mark = (stepId: string, outcome: Mark["outcome"], next?: string): Mark => ({
  stepId,
  outcome,
  at: "2026-11-23T12:00:00Z",
  ...(next !== undefined && { next }),
});

/** FakeSandboxes gives the answers that it was told to give, in their order, and notes what it was asked. */
export class FakeSandboxes implements SandboxApi {
  readonly asked: unknown[] = [];
  readonly ended: string[] = [];
  messages: Mail[] = [];
  users: Account[] = [];
  path: Mark[] = [];
  private made = 0;

  /** An error among the answers is thrown. */
  constructor(readonly answers: (Answer | Error)[]) {}

  async texts(): Promise<Record<string, string>> {
    return { "sign.up": "Sign up & in" };
  }

  async settings(): Promise<Settings> {
    return { isAutoLoginEnabled: true, isCompletionViewEnabled: false, isPigeonSent: false };
  }

  async create(document: string, users: readonly User[], settings: Settings): Promise<Sandbox> {
    const chosen = Object.keys(settings).length > 0 && { settings };
    this.asked.push({ document, users: users.map((one) => one.username), ...chosen });
    const first = this.answers[0];
    if (first instanceof Refused && first.problem.errors !== undefined) throw first;
    const at = "2026-11-23T12:00:00Z";
    return { sandboxId: `s${++this.made}`, flowType: "REGISTRATION", created: at, expires: at, problems: [] };
  }

  async contents(id: string): Promise<Contents> {
    const at = "2026-11-23T12:00:00Z";
    const { messages, users, path } = this;
    return {
      sandboxId: id,
      flowType: "REGISTRATION",
      created: at,
      expires: at,
      problems: [],
      clock: at,
      passkeys: [],
      messages,
      users,
      path,
    };
  }

  async execute(_: string, step: Step): Promise<Answer> {
    this.asked.push(step);
    const next = this.answers.shift();
    if (!next) throw new Error("there is no answer left");
    if (next instanceof Error) throw next;
    return next;
  }

  async advance(_: string, seconds: number): Promise<void> {
    this.asked.push({ seconds });
  }

  async passkey(_: string, flowId: string, cancel: boolean): Promise<Inputs> {
    this.asked.push({ passkey: flowId, cancel });
    const client = btoa(JSON.stringify({ type: "webauthn.get", challenge: "right" }));
    return cancel ? {} : { tokenResponse: btoa(JSON.stringify({ id: "k", response: { clientDataJSON: client } })) };
  }

  async provider(_: string, flowId: string, person: Person | undefined): Promise<Inputs> {
    this.asked.push({ provider: flowId, person: person?.email });
    return person ? { code: "c", state: "s" } : { error: "access_denied", state: "s" };
  }

  async captcha(_: string, pass: boolean): Promise<Inputs> {
    return { captchaResponse: pass ? "pass" : "fail" };
  }

  /** A link is good once. */
  async confirm(_: string, code: string): Promise<void> {
    const again = this.asked.some((one) => (one as { confirm?: string }).confirm === code);
    this.asked.push({ confirm: code });
    if (again) throw refused("UE-29409");
  }

  async end(id: string): Promise<void> {
    this.ended.push(id);
  }
}
