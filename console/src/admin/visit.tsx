// What the tests of this folder's pages are shown in.
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { Client } from "../api/client";
import { Connection } from "../api/connection";
import { ServerContext } from "../api/context";
import { newQueries } from "../api/queries";
import { SessionContext } from "../auth/context";
import type { Session } from "../auth/session";
import { Toaster } from "../ui/toast";

interface Sent {
  query: URLSearchParams;
  body: unknown;
  ifMatch: string | null;
}

/** FakeServer answers each call as it was told last. */
export class FakeServer {
  private readonly answers = new Map<string, () => Response>();
  private readonly calls: (Sent & { call: string })[] = [];

  on(method: string, path: string, body: unknown, headers: Record<string, string> = {}): this {
    this.answers.set(`${method} ${path}`, () =>
      typeof body === "string" ? new Response(body, { headers }) : Response.json(body ?? null, { headers }),
    );
    return this;
  }

  refuse(method: string, path: string, status: number, problem: unknown): this {
    this.answers.set(`${method} ${path}`, () => Response.json(problem, { status }));
    return this;
  }

  /** sent are the calls there were. */
  sent(method: string, path: string): Sent[] {
    return this.calls.filter(({ call }) => call === `${method} ${path}`);
  }

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const { pathname, searchParams } = new URL(String(input), "https://id.example.com");
    const call = `${init.method} ${pathname}`;
    const ifMatch = new Headers(init.headers).get("If-Match");
    this.calls.push({ call, query: searchParams, ifMatch, body: init.body ? JSON.parse(String(init.body)) : undefined });
    const answer = this.answers.get(call);
    if (!answer) throw new Error(`nobody serves ${call}`);
    return answer();
  };
}

export interface Visit {
  at?: string;
  path?: string;
  /** What the person may do; everything unless it is said. */
  scopes?: string[];
}

/** visit shows the page to somebody. */
export function visit(server: FakeServer, page: ReactNode, { at = "/", path = "*", scopes }: Visit = {}) {
  const bearer = { token: async () => "token", renew: async () => "token" };
  const connection = new Connection(async () => {});
  const client = new Client({ root: "", bearer, connection, fetch: server.fetch });
  const may = scopes ? new Set(scopes) : { has: () => true };
  const state = { kind: "someone", person: { id: "p1", name: "ada" }, scopes: may };
  const session = { subscribe: () => () => {}, state: () => state } as unknown as Session;
  const queries = newQueries();
  const router = createMemoryRouter(
    [
      { path, element: page },
      { path: "*", element: null },
    ],
    { initialEntries: [at] },
  );
  render(
    <SessionContext value={session}>
      <ServerContext value={{ client, connection }}>
        <QueryClientProvider client={queries}>
          <Toaster>
            <RouterProvider router={router} />
          </Toaster>
        </QueryClientProvider>
      </ServerContext>
    </SessionContext>,
  );
  return { queries, router };
}
