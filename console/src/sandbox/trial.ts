import { explain, Refused } from "../api/problem";
import type { Answer, Contents, Inputs, Mail, Person, Sandbox, SandboxApi, Settings, Step, User } from "../api/sandbox";
import type { Texts } from "../api/texts";
import type { FlowProblem, FlowType } from "../api/types";
import { leadOf } from "./lead";
import { codeField, initial, inputsOf, type Page, readPage, type Typed } from "./page/page";

/** Why a trial does not go on, or did not this once. */
export interface Trouble {
  why: string;
  /** What keeps the flow from running, where that is why. */
  problems: readonly FlowProblem[];
}

export interface TrialState {
  /** "over" is where nothing can follow: the flow is complete or has ended, or the sandbox is gone. */
  phase: "idle" | "running" | "over";
  busy: boolean;
  sandbox: Sandbox | undefined;
  contents: Contents | undefined;
  /** When the contents were read, in milliseconds of performance.now(). */
  read: number;
  answer: Answer | undefined;
  page: Page | undefined;
  typed: Typed;
  /** Counts the answers: the focus follows it. */
  turn: number;
  trouble: Trouble | undefined;
  /** What came of a link that leads to another page than the flow's. */
  note: string | undefined;
  /** The completion settings that the flow has. */
  own: Settings | undefined;
  /** The document that is being tried. */
  tried: string | undefined;
  /** What happened last, for those who do not see it. */
  said: string;
}

const nothing: TrialState = {
  phase: "idle",
  busy: false,
  sandbox: undefined,
  contents: undefined,
  read: 0,
  answer: undefined,
  page: undefined,
  typed: {},
  turn: 0,
  trouble: undefined,
  note: undefined,
  own: undefined,
  tried: undefined,
  said: "",
};

/** What an execution is over with: it is not known, has expired or has ended. */
const over = new Set(["FE-60001", "FE-60006"]);
const gone = "UE-29404";
const words: Record<string, string> = {
  [gone]: "The sandbox is gone: they last for 15 minutes, and make way for newer ones.",
  "FE-60001": "The flow has expired, as it does for somebody who takes too long.",
};
/** How often what the client itself answers is answered in a row. */
const prompts = 5;

/** Trial runs a document in a sandbox, as its person. One thing is done at a time; what is asked for meanwhile is not done. */
export class Trial {
  private now = nothing;
  /** Counts the beginnings, so that what an earlier one still brings is dropped. */
  private round = 0;
  /** Counts the looks, of which only the last counts. */
  private looks = 0;
  /** What keys of texts say; as they stand until that is known. */
  private texts: Texts = {};
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly api: SandboxApi,
    private readonly flowType: FlowType,
  ) {}

  readonly state = (): TrialState => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** begin makes a sandbox of the document with those users and settings, and starts the flow. What there was before is gone. */
  async begin(document: string, users: readonly User[], settings: Settings = {}): Promise<void> {
    this.end();
    this.set({ ...nothing, phase: "running", tried: document, turn: this.now.turn });
    await this.run(async (round) => {
      const sandbox = await this.api.create(document, users, settings);
      if (round !== this.round) return void this.discard(sandbox);
      this.set({ sandbox });
      const [own, texts] = await Promise.all([this.api.settings(this.flowType), this.api.texts().catch(() => this.texts)]);
      if (round !== this.round) return;
      this.texts = texts;
      this.set({ own });
      await this.step({ flowType: this.flowType });
    });
  }

  /** end has the sandbox forgotten. */
  end(): void {
    this.round++;
    if (this.now.sandbox) this.discard(this.now.sandbox);
    this.set({ ...nothing, turn: this.now.turn });
  }

  type(identifier: string, value: string): void {
    this.set({ typed: { ...this.now.typed, [identifier]: value } });
  }

  /** enter puts a code where the page asks for one, and returns that field's identifier. */
  enter(code: string): string | undefined {
    const field = this.now.page && codeField(this.now.page);
    if (!field) return undefined;
    this.type(field.identifier, code);
    return field.identifier;
  }

  /** submit presses a button with the values of its form; pass is what comes of the captcha, where the page has one. */
  submit(action: string, form: string, pass: boolean): Promise<void> {
    return this.run(async () => {
      const { page, typed, phase } = this.now;
      if (!page || phase !== "running") return;
      const captcha = page.captcha ? await this.api.captcha(this.id(), pass) : {};
      await this.step({ actionId: action, inputs: { ...inputsOf(page, form, typed), ...captcha } });
    });
  }

  /** press presses a button that sends nothing else. */
  press(action: string): Promise<void> {
    return this.run(async () => {
      if (this.now.phase === "running") await this.step({ actionId: action, inputs: {} });
    });
  }

  /** answer sends what the flow asks the client for. */
  answer(inputs: Inputs): Promise<void> {
    return this.run(() => this.step({ inputs }));
  }

  /** follow opens the link of a message. It leads into the sandbox, and nowhere else. */
  async follow({ link = "" }: Pick<Mail, "link">): Promise<void> {
    const lead = leadOf(link);
    if (lead.kind === "flow") {
      await this.run(() => this.step({ inputs: { mlt: lead.token }, ...(!this.asks("mlt") && { flowId: lead.flowId }) }));
    } else if (lead.kind === "invitation") {
      await this.run(async () => {
        if (!this.asks("confirmationCode")) await this.step({ flowType: this.flowType });
        if (this.asks("confirmationCode")) await this.step({ inputs: { confirmationCode: lead.code } });
      });
    } else if (lead.kind === "address") {
      await this.run(async () => {
        await this.api.confirm(this.id(), lead.code);
        this.set({ said: confirmed, note: confirmed });
      });
    } else {
      this.set({ said: elsewhere, trouble: { why: elsewhere, problems: [] } });
    }
  }

  /** passkey has the authenticator agree, refuse, or answer what cannot be right. */
  passkey(how: "approve" | "cancel" | "wrong"): Promise<void> {
    return this.run(async () => {
      const inputs = await this.api.passkey(this.id(), this.flowId(), how === "cancel");
      await this.step({ inputs: how === "wrong" ? { ...inputs, tokenResponse: forged(inputs.tokenResponse ?? "") } : inputs });
    });
  }

  /** provider signs somebody in at the identity provider; undefined refuses. */
  provider(person: Person | undefined): Promise<void> {
    return this.run(async () => this.step({ inputs: await this.api.provider(this.id(), this.flowId(), person) }));
  }

  advance(seconds: number): Promise<void> {
    return this.run(() => this.api.advance(this.id(), seconds));
  }

  private id = (): string => this.now.sandbox?.sandboxId ?? "";
  private flowId = (): string => this.now.answer?.flowId ?? "";
  private asks = (input: string): boolean => this.now.phase === "running" && !!this.now.answer?.data.requiredParams?.includes(input);

  /** step sends something to the flow. What only the client knows, its origin, is answered at once. */
  private async step(step: Step): Promise<void> {
    const round = this.round;
    let answer = await this.api.execute(this.id(), step.flowType ? step : { flowId: this.flowId(), ...step });
    for (let left = prompts; left > 0 && asksForOrigin(answer); left--) {
      const { flowId } = answer;
      answer = await this.api.execute(this.id(), { flowId, inputs: await this.api.passkey(this.id(), flowId, false) });
    }
    if (round !== this.round) return;
    const page = readPage(answer, this.texts);
    const phase = answer.flowStatus === "COMPLETE" ? "over" : "running";
    const typed = initial(page, this.now.page, this.now.typed);
    this.set({ answer, page, phase, typed, turn: this.now.turn + 1, said: announced(answer, page) });
  }

  private async run(work: (round: number) => Promise<void>): Promise<void> {
    if (this.now.busy) return;
    const { round } = this;
    this.set({ busy: true, trouble: undefined, note: undefined });
    try {
      await work(round);
    } catch (error) {
      if (round === this.round) this.fail(error);
    }
    if (round !== this.round) return;
    this.set({ busy: false });
    await this.look(round);
  }

  /** look reads what is in the sandbox now. */
  private async look(round: number): Promise<void> {
    if (!this.now.sandbox) return;
    const look = ++this.looks;
    try {
      const contents = await this.api.contents(this.id());
      if (round !== this.round || look !== this.looks) return;
      const news = contents.messages.length - (this.now.contents?.messages.length ?? 0);
      const said = news > 0 ? `${this.now.said} ${news === 1 ? "A message has" : `${news} messages have`} arrived.` : this.now.said;
      this.set({ contents, read: performance.now(), said: said.trim() });
    } catch (error) {
      if (round === this.round && look === this.looks && !this.now.trouble) this.fail(error);
    }
  }

  private fail(error: unknown): void {
    const refused = error instanceof Refused ? error : undefined;
    const problems = Array.isArray(refused?.problem.errors) ? (refused.problem.errors as FlowProblem[]) : [];
    const ended = refused && (over.has(refused.code) || refused.code === gone);
    const why = (refused && words[refused.code]) || explain(error);
    this.set({ trouble: { why, problems }, said: why, ...((ended || !this.now.sandbox) && { phase: "over" }) });
  }

  private discard(sandbox: Sandbox): void {
    this.api.end(sandbox.sandboxId).catch(() => undefined); // it ends by itself
  }

  private set(change: Partial<TrialState>): void {
    this.now = { ...this.now, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}

const confirmed = "The e-mail address is confirmed, on a page of the server that is no part of the flow.";
const elsewhere = "This link leads out of the flow. Here nothing follows from it.";

const asksForOrigin = ({ type, data }: Answer) => type === "INTERNAL_PROMPT" && data.requiredParams?.includes("origin");

function announced({ flowStatus, type }: Answer, page: Page): string {
  if (flowStatus === "COMPLETE") return "The flow is complete.";
  const mistakes = page.messages.map((one) => one.message).join(" ");
  switch (type) {
    case "REDIRECTION":
      return "The flow sends the person to an identity provider.";
    case "WEBAUTHN":
      return `The flow asks for a passkey. ${mistakes}`;
    case "INTERNAL_PROMPT":
      return `The flow waits. ${mistakes}`;
  }
  return mistakes || `Page: ${page.heading || "without a heading"}.`;
}

/** forged is the answer of an authenticator, to another challenge than was set. */
export function forged(token: string): string {
  const answer = JSON.parse(decode(token)) as { response: { clientDataJSON: string } };
  const client = { ...JSON.parse(decode(answer.response.clientDataJSON)), challenge: "d3Jvbmc" };
  return encode(JSON.stringify({ ...answer, response: { ...answer.response, clientDataJSON: encode(JSON.stringify(client)) } }));
}

const decode = (text: string) => atob(text.replaceAll("-", "+").replaceAll("_", "/"));
const encode = (text: string) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
