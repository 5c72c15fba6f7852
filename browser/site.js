// Serves the test page, the application whose users go through flows, on an
// origin of its own.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const client = await readFile(new URL("client.js", import.meta.url));
const page = `<!doctype html><html lang="en"><title>Application</title><script src="/client.js"></script></html>`;

// startSite returns the running site. Its origin has the host localhost, which
// browsers trust without TLS.
export async function startSite() {
  const server = createServer((request, response) => {
    const script = request.url === "/client.js";
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html; charset=utf-8");
    response.end(script ? client : page);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}
