import type { Connection } from "./connection";
import { ConnectionLost, Refused, readProblem } from "./problem";

/** Bearer has the access tokens. */
export interface Bearer {
  /** token returns one that counts, as far as is known here. It may wait until somebody has signed in. */
  token(signal?: AbortSignal): Promise<string>;
  /** renew returns another one than the stale one, which the server has refused. */
  renew(stale: string, signal?: AbortSignal): Promise<string>;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Call {
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON; a string is JSON already and sent to the byte. */
  body?: unknown;
  /** Entity tag of what the caller has seen (RFC 9110, 13.1.1). */
  ifMatch?: string | undefined;
  /** The call may be repeated where its answer got lost, as GET may in any case. */
  repeatable?: boolean;
  /** The answer is no JSON: its text is all there is of it. */
  plain?: boolean;
  signal?: AbortSignal | undefined;
}

export interface Answer<T> {
  data: T;
  /** The body as it came. */
  text: string;
  /** The entity tag with its quotes, undefined where there is none. */
  etag: string | undefined;
}

export interface Setting {
  /** Path before /api. */
  root: string;
  bearer: Bearer;
  connection: Connection;
  fetch?: typeof fetch;
}

/** How often a call is repeated that may be, and how long a request may take, in milliseconds. */
const tries = 5;
const patience = 30_000;
/** The longest Retry-After that is waited for, in seconds. */
const longestWait = 10;

/** Client calls the management APIs. */
export class Client {
  constructor(private readonly at: Setting) {}

  get<T>(path: string, call: Call = {}): Promise<Answer<T>> {
    return this.send("GET", path, call);
  }

  /** send returns the answer, or throws Refused, ConnectionLost, or the reason of the call's signal. */
  async send<T>(method: Method, path: string, call: Call = {}): Promise<Answer<T>> {
    const repeatable = call.repeatable || method === "GET";
    for (let left = tries; ; left--) {
      try {
        const response = await this.authorized(method, path, call);
        if (!response.ok) throw new Refused(response.status, await readProblem(response));
        return await read<T>(response, call.plain ?? false);
      } catch (error) {
        call.signal?.throwIfAborted();
        if (left <= 1 || !(await this.worthAnotherTry(error, repeatable, call.signal))) throw error;
      }
    }
  }

  private async worthAnotherTry(error: unknown, repeatable: boolean, signal: AbortSignal | undefined): Promise<boolean> {
    if (error instanceof ConnectionLost) {
      if (repeatable) await this.at.connection.back(signal);
      return repeatable;
    }
    if (!(error instanceof Retry)) return false;
    await new Promise((resolve) => setTimeout(resolve, error.after * 1000));
    return true;
  }

  /** authorized makes the request, twice where the token was refused. */
  private async authorized(method: Method, path: string, call: Call): Promise<Response> {
    const token = await this.at.bearer.token(call.signal);
    const response = await this.once(method, path, call, token);
    if (response.status !== 401) return response;
    return this.once(method, path, call, await this.at.bearer.renew(token, call.signal));
  }

  private async once(method: Method, path: string, call: Call, token: string): Promise<Response> {
    const headers = new Headers({ Authorization: `Bearer ${token}`, Accept: "application/json" });
    if (call.body !== undefined) headers.set("Content-Type", "application/json");
    if (call.ifMatch !== undefined) headers.set("If-Match", call.ifMatch);
    const signals = [AbortSignal.timeout(patience), call.signal].filter((signal) => signal !== undefined);
    let response: Response;
    try {
      response = await (this.at.fetch ?? fetch)(this.at.root + path + search(call.query), {
        method,
        headers,
        body: call.body === undefined || typeof call.body === "string" ? (call.body ?? null) : JSON.stringify(call.body),
        signal: AbortSignal.any(signals),
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
      });
    } catch (error) {
      call.signal?.throwIfAborted();
      this.at.connection.lost();
      throw new ConnectionLost({ cause: error });
    }
    // What a proxy says while the server behind it is away.
    if ([502, 504].includes(response.status)) {
      this.at.connection.lost();
      throw new ConnectionLost();
    }
    this.at.connection.reached();
    const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
    if ([429, 503].includes(response.status) && after >= 0 && after <= longestWait)
      throw new Retry(response.status, await readProblem(response), after);
    return response;
  }
}

/** Retry is the refusal of a call that was not begun. */
class Retry extends Refused {
  constructor(
    status: number,
    problem: Refused["problem"],
    readonly after: number,
  ) {
    super(status, problem);
  }
}

function search(query: Call["query"]): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

async function read<T>(response: Response, plain: boolean): Promise<Answer<T>> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw new ConnectionLost({ cause: error });
  }
  return { data: (text === "" || plain ? undefined : JSON.parse(text)) as T, text, etag: response.headers.get("ETag") ?? undefined };
}
