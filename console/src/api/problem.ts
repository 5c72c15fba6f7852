/** What the server answers where it refuses or fails: httpapi.Problem. */
export interface ProblemBody {
  code: string;
  message: string;
  description: string;
  traceId?: string;
  /** Seconds after which the same may be asked again (Retry-After), where the answer says so. */
  after?: number;
  flowType?: string;
  errors?: unknown;
  /** What is there instead of what the caller saw, where that is why a change was refused. */
  current?: unknown;
}

/** Refused is thrown for every answer of 4xx and 5xx. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly status: number,
    readonly problem: ProblemBody,
  ) {
    super(problem.description || problem.message);
  }

  get code(): string {
    return this.problem.code;
  }

  /** changed tells whether somebody else's change is the reason. */
  get changed(): boolean {
    return this.status === 409 || this.status === 412;
  }
}

/** ConnectionLost is thrown where no answer came: whether the server has done what it was asked is not known. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";

  constructor(options?: ErrorOptions) {
    super("The server cannot be reached.", options);
  }
}

/** readProblem reads the body of a refusal, SCIM's too (RFC 7644, 3.12). A proxy's own page is none. */
export async function readProblem(response: Response): Promise<ProblemBody> {
  const body: unknown = await response.json().catch(() => undefined);
  const said = (typeof body === "object" && body !== null ? body : {}) as Partial<ProblemBody> & { detail?: unknown; scimType?: unknown };
  const { code, message, description, detail, scimType, ...rest } = said;
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return {
    ...rest,
    ...(after > 0 && { after }),
    code: text(code) ?? text(scimType) ?? "",
    message: text(message) ?? text(detail) ?? `The server answered with status ${response.status}.`,
    description: text(description) ?? "",
  };
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** explain says in a sentence or two what went wrong, for whoever is in front of the page. */
export function explain(error: unknown): string {
  if (error instanceof Refused) {
    const { message, description, traceId, after } = error.problem;
    if (error.status === 429 && after) return `Too many requests. Try again in ${span(after)}.`;
    if (error.status === 403) return `You may not do this. ${description}`.trim();
    const trace = error.status >= 500 && traceId ? ` The server's log has more, under ${traceId}.` : "";
    return `${[message, description].filter(Boolean).join(" ")}${trace}`;
  }
  if (error instanceof ConnectionLost) return "The server cannot be reached. What you have done here is kept until it is back.";
  return "Something went wrong in this page. Reloading it may help.";
}

/** span is that many seconds in words, rounded up. */
function span(seconds: number): string {
  const [n, unit] = seconds < 120 ? [seconds, "second"] : seconds < 7200 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(Math.ceil(n));
}
