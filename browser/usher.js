// Starts the built binary in an empty folder and talks to it as its
// administrator.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, open, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const binary = process.env.USHER_BINARY ?? fileURLToPath(new URL("../build/usher", import.meta.url));
const password = "Browser.Admin.26";

// freePort returns a port of the loopback interface nobody listened on a
// moment ago.
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// startUsher returns a running server. settings are NAME: value and win over
// those given here; stop ends it and removes its folder.
export async function startUsher(settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "usher-browser-"));
  const [port, ops] = [await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  const usher = new Usher(url, folder, {
    PATH: process.env.PATH,
    HOME: folder,
    USHER_LISTEN_ADDR: `127.0.0.1:${port}`,
    USHER_OPS_ADDR: `127.0.0.1:${ops}`,
    USHER_PUBLIC_URL: url,
    USHER_TLS: "off",
    USHER_ADMIN_PASSWORD: password,
    USHER_PASSWORD_HASH_MEMORY_KIB: "8",
    USHER_PASSWORD_HASH_TIME: "1",
    USHER_LOG_LEVEL: "debug",
    ...settings,
  });
  try {
    await usher.resume();
  } catch (error) {
    await usher.stop();
    throw error;
  }
  return usher;
}

class Usher {
  constructor(url, folder, env) {
    Object.assign(this, { url, folder, env });
  }

  // resume starts the server, again after a pause.
  async resume() {
    const log = await open(join(this.folder, "serve.log"), "a");
    const child = spawn(binary, ["serve"], { cwd: this.folder, stdio: ["ignore", log.fd, log.fd], env: this.env });
    await log.close();
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once("exit", resolve);
      child.once("error", resolve); // there is no binary
    });
    await this.ready(`http://${this.env.USHER_OPS_ADDR}/readyz`);
  }

  // pause ends the server and keeps its folder.
  async pause() {
    this.child.kill("SIGTERM");
    await this.ended;
  }

  log() {
    return readFile(join(this.folder, "serve.log"), "utf8");
  }

  async ready(url) {
    let running = true;
    this.ended.then(() => (running = false));
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
      if (!running) break;
      const up = await fetch(url).then((r) => r.ok, () => false);
      if (up) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${binary} does not serve (make build makes it):\n${await this.log()}`);
  }

  async stop() {
    await this.pause();
    await rm(this.folder, { recursive: true, force: true });
  }

  // call makes a request with Basic credentials and returns status and body.
  async call(method, path, body, credentials = `admin:${password}`) {
    const response = await fetch(this.url + path, {
      method,
      headers: { "Content-Type": "application/json", Authorization: "Basic " + Buffer.from(credentials).toString("base64") },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, text, body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : undefined };
  }

  // admin is call as the administrator, which has to succeed.
  async admin(method, path, body) {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  publish(definition) {
    return this.admin("PUT", "/api/server/v1/flow", definition);
  }

  // application creates one and returns it.
  async application(body) {
    const made = await this.admin("POST", "/api/server/v1/applications", body);
    return made.body;
  }

  // template returns a template's definition.
  async template(flowType, name) {
    const { body } = await this.admin("GET", `/api/server/v1/flow/templates?flowType=${flowType}`);
    return body.find((one) => one.name === name).definition;
  }

  // invitation returns the code of a fresh invitation of the user.
  async invitation(username) {
    const { text } = await this.admin("POST", "/api/users/v1/offline-invite-link", { username });
    return new URL(text).searchParams.get("confirmation");
  }
}
