// Serves the pages of applications whose users go through flows, each on an
// origin of its own.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

// serve returns the running site of an HTTP handler. Its origin has the host
// localhost, which browsers trust without TLS.
export async function serve(handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

const client = await readFile(new URL("client.js", import.meta.url));
const page = `<!doctype html><html lang="en"><title>Application</title><script src="/client.js"></script></html>`;

// startSite returns the site of the test page, which client.js runs in.
export function startSite() {
  return serve((request, response) => {
    const script = request.url === "/client.js";
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html; charset=utf-8");
    response.end(script ? client : page);
  });
}
