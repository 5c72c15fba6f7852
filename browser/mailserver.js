// A mail server (RFC 5321) that does what a test tells it to.
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

// startMailServer returns a running server. answer is what it says to RCPT,
// "250 OK" to begin with; received are the letters that it took.
export async function startMailServer() {
  const mail = { answer: "250 OK", received: [] };
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    const say = (line) => socket.write(`${line}\r\n`);
    let letter;
    say("220 mail.example.com");
    createInterface({ input: socket }).on("line", (line) => {
      if (letter) {
        if (line !== ".") return letter.push(line);
        mail.received.push(letter.join("\n"));
        letter = undefined;
        return say("250 OK");
      }
      const command = line.slice(0, 4).toUpperCase();
      if (command === "DATA") letter = [];
      say({ RCPT: mail.answer, DATA: "354 go on", QUIT: "221 bye" }[command] ?? "250 OK");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(mail, {
    url: `smtp://127.0.0.1:${server.address().port}?tls=none`,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
}
