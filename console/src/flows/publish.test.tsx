import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Client } from "../api/client";
import { Connection } from "../api/connection";
import { ServerContext } from "../api/context";
import { newQueries } from "../api/queries";
import type { Draft, Overview, Publication, Version } from "../api/types";
import { Toaster } from "../ui/toast";
import { Publish } from "./publish";

const version = (number: number, name: string): Version => ({
  number,
  created: "2026-11-23T12:00:00Z",
  author: { id: name, name },
  note: "",
  live: true,
});

/** A server with one flow and its draft. */
class Server {
  live = version(3, "ada");
  draft: Draft = {
    flowType: "REGISTRATION",
    revision: 7,
    base: 3,
    saved: "2026-11-23T12:00:00Z",
    definition: { flowType: "REGISTRATION", steps: [] },
    problems: [],
  };
  readonly published: Publication[] = [];

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(input), "https://id.example.com");
    switch (pathname) {
      case "/api/server/v1/flow/overview": {
        const { flowType, revision, base, saved } = this.draft;
        const draft = { revision, base, saved, behind: base !== this.live.number };
        const executions = { running: 0, started: 0, finished: 0, expired: 0 };
        return Response.json([{ flowType, isEnabled: true, live: this.live, draft, executions } satisfies Overview]);
      }
      case "/api/server/v1/flow/draft":
        return Response.json(this.draft);
      case "/api/server/v1/flow/diff":
        return Response.json({ flowType: "REGISTRATION", from: { version: this.live.number }, to: { draft: 7 }, logic: [], layout: [] });
      case "/api/server/v1/flow/publish":
        return this.publish(JSON.parse(String(init?.body)));
    }
    throw new Error(`nobody serves ${pathname}`);
  };

  private publish(what: Publication): Response {
    this.published.push(what);
    if (what.over !== this.live.number) {
      const problem = {
        code: "UE-28409",
        message: "Another version is live.",
        description: "Version 4 was published by ben.",
        traceId: "",
        current: this.live,
      };
      return Response.json(problem, { status: 409 });
    }
    this.live = version(this.live.number + 1, "me");
    return Response.json({ flowType: what.flowType, ...this.live });
  }
}

function open(server: Server) {
  const bearer = { token: async () => "token", renew: async () => "token" };
  const connection = new Connection(async () => {});
  const client = new Client({ root: "", bearer, connection, fetch: server.fetch });
  const onClose = vi.fn();
  render(
    <ServerContext value={{ client, connection }}>
      <QueryClientProvider client={newQueries()}>
        <Toaster>
          <Publish flowType="REGISTRATION" onClose={onClose} />
        </Toaster>
      </QueryClientProvider>
    </ServerContext>,
  );
  return { onClose };
}

const button = (name: string | RegExp) => screen.findByRole("button", { name });

test("a draft is published with its note, over the version that was seen", async () => {
  const server = new Server();
  const { onClose } = open(server);
  await screen.findByText("Nothing differs.");
  await userEvent.type(screen.getByLabelText(/^Note/), " Asks less. ");
  await userEvent.click(await button("Publish"));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(server.published).toEqual([{ flowType: "REGISTRATION", revision: 7, note: "Asks less.", over: 3 }]);
});

test("who has begun from an older version is told whose they would replace", async () => {
  const server = new Server();
  server.live = version(4, "ben");
  open(server);
  expect((await screen.findByText(/ben published version 4/)).textContent).toContain("from version 3");
  await userEvent.click(await button("Publish over version 4"));
  expect(server.published).toMatchObject([{ over: 4 }]);
});

test("what somebody publishes in between is not replaced unseen", async () => {
  const server = new Server();
  const { onClose } = open(server);
  await screen.findByText("Nothing differs.");
  server.live = version(4, "ben");
  await userEvent.click(await button("Publish"));
  await screen.findByText(/ben published version 4/);
  expect(onClose).not.toHaveBeenCalled();
  await userEvent.click(await button("Publish over version 4"));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(server.published.map((one) => one.over)).toEqual([3, 4]);
});

test("a draft that cannot run is not published, and it says why", async () => {
  const server = new Server();
  server.draft.problems = [{ code: "RFM-60003", message: "a VIEW needs at least one component", stepId: "ask" }];
  open(server);
  expect((await screen.findByRole("alert")).textContent).toContain("Step “ask”: a VIEW needs at least one component");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Publish" }).disabled).toBe(true);
});
