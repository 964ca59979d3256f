/** WebSockets of clients that stay, and of one that goes at once. */
import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { HttpListener } from "../../lib/serving/http_listener.ts";
import { upgradeToWebSocket } from "../../lib/serving/web_socket.ts";
import { testWith, until } from "../support.ts";

/** Has what is told of each WebSocket; one is made when `ready` says so. */
function startServer(ready: (request: Request) => Promise<void>) {
  const told: string[] = [];
  const end = new AbortController();
  const { addr } = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: end.signal,
    onListen() {},
  }, async (request) => {
    await ready(request);
    return upgradeToWebSocket(request, {
      onOpen(socket) {
        told.push("open");
        socket.addEventListener("close", () => told.push("close"));
      },
      onLost: () => told.push("lost"),
    });
  });
  // Deno's own shutdown would wait for ever for one that never opened.
  return { port: addr.port, told, [Symbol.dispose]: () => end.abort() };
}

/** Asks for a WebSocket, and leaves. */
async function askAndGo(port: number): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = [
    ...["GET / HTTP/1.1", "Host: 127.0.0.1"],
    ...["Connection: upgrade", "Upgrade: websocket"],
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  const text = `${lines.join("\r\n")}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(text));
  connection.close();
}

testWith([], "A WebSocket that opens is told of once", async () => {
  using server = startServer(() => Promise.resolve());
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}`);
  socket.onopen = () => socket.close();
  await until(() => server.told.includes("close"), { what: "its end" });
  assertEquals(server.told, ["open", "close"]);
});

testWith(
  [],
  "A client that goes before it is answered is told of as lost",
  async () => {
    const gone = Promise.withResolvers<void>();
    using server = startServer((request) => {
      request.signal.addEventListener("abort", () => gone.resolve());
      return gone.promise;
    });
    await askAndGo(server.port);
    await until(() => server.told.length > 0, { what: "the loss" });
    assertEquals(server.told, ["lost"]);
  },
  // What Deno keeps of it is out of reach.
  { sanitizeOps: false, sanitizeResources: false },
);

testWith(
  [],
  "A client that goes before it is answered doesn't keep a server from ending",
  async () => {
    const answered = Promise.withResolvers<void>();
    const listener = new HttpListener({
      ...{ hostname: "127.0.0.1", port: 0, lastMs: 500 },
      log: createLogger({ write: () => {} }),
    }, async (request) => {
      const gone = Promise.withResolvers<void>();
      request.signal.addEventListener("abort", () => gone.resolve());
      await gone.promise;
      setTimeout(() => answered.resolve());
      return upgradeToWebSocket(request, { onOpen() {}, onLost() {} });
    });
    await askAndGo(listener.addr.port);
    await answered.promise;
    await listener.shutdown();
    await listener.finished;
  },
  { sanitizeOps: false, sanitizeResources: false },
);
