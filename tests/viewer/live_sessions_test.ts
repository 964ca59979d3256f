import { assertEquals } from "@std/assert";
import { followSessions } from "../../lib/viewer/live_sessions.ts";
import { testWith } from "../support.ts";

testWith([], "an event without end is left", async () => {
  const sent = { bytes: 0 };
  const piece = new TextEncoder().encode("x".repeat(64 * 1024));
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => {
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) =>
          controller.enqueue(new TextEncoder().encode("data: ")),
        pull(controller) {
          sent.bytes += piece.length;
          controller.enqueue(piece);
        },
      });
      const headers = { "content-type": "text/event-stream" };
      return new Response(body, { headers });
    },
  );
  const over = new AbortController();
  const asked: number[] = [];
  await followSessions(
    {
      onSessions: () => {},
      onClosed: () => {},
      onRecordings: () => {},
      onRefused: () => {},
      onOffline: () => {
        asked.push(sent.bytes);
        over.abort();
      },
    },
    (path, { timeoutMs: _, ...init } = {}) =>
      fetch(`http://127.0.0.1:${http.addr.port}${path}`, init),
    over.signal,
  );
  const [bytes] = asked;
  assertEquals(bytes < 64 * 1024 * 1024, true, `${bytes} bytes were taken`);
});
