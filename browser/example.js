// Starts what `make example` starts, in an empty folder, and ends it as Ctrl-C
// does.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./usher.js";

const repository = fileURLToPath(new URL("..", import.meta.url));

// startExample returns the running example: the addresses of the shop and of
// its Usher, start to run it again in the same folder, and stop and remove.
export async function startExample() {
  const folder = await mkdtemp(join(tmpdir(), "usher-example-"));
  const [usherPort, shopPort, opsPort] = [await freePort(), await freePort(), await freePort()];
  const example = { shop: `http://localhost:${shopPort}`, usher: `http://localhost:${usherPort}` };
  let child, ended;

  example.start = async () => {
    const flags = `-data ${folder} -usher-port ${usherPort} -shop-port ${shopPort} -ops-port ${opsPort}`;
    child = spawn("make", ["--no-print-directory", "example", `EXAMPLE=${flags}`], {
      cwd: repository, detached: true, stdio: ["ignore", "pipe", "pipe"], // in a process group of its own, like a terminal's
    });
    ended = once(child, "exit");
    let output = "";
    await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (text) => {
          output += text;
          if (output.includes(`The shop is at ${example.shop}\n`)) resolve();
        });
      }
      ended.then(() => reject(new Error(`make example ended:\n${output}`)));
    });
  };
  example.stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGINT");
    await ended;
  };
  example.remove = async () => {
    await example.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await example.start();
  } catch (error) {
    await example.remove();
    throw error;
  }
  return example;
}
