/** What a client makes of servers that mean it no good. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MAX_ANSWER_BYTES } from "../../lib/limits/answer_limits.ts";
import { ask, type Question, refusal } from "../../lib/signaling/ask.ts";
import { SignalingError } from "../../lib/signaling/errors.ts";
import { testWith } from "../support.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const QUESTION: Question = {
  method: "POST",
  body: "v=0 offer",
  token: "secret",
  timeoutMs: 30_000,
  remedies: { token: "--token", caCerts: "--ca" },
};
/** Controls, changes of direction, and what else is not seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

interface TestServer extends AsyncDisposable {
  url: string;
}

/** A server on a free port of loopback. */
function serve(respond: (request: Request) => Response): TestServer {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const http = Deno.serve(options, respond);
  return {
    url: `http://127.0.0.1:${http.addr.port}`,
    [Symbol.asyncDispose]: () => http.shutdown(),
  };
}

/** Text without end, and what tells how much of it was taken. */
function endless() {
  const taken = { bytes: 0, cancelled: Promise.withResolvers<void>() };
  const piece = new Uint8Array(64 * 1024).fill(0x20);
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      taken.bytes += piece.length;
      controller.enqueue(piece);
    },
    cancel: () => taken.cancelled.resolve(),
  });
  return { body, taken };
}

testWith([], "an answer without end is left, whatever its status", async () => {
  for (const status of [200, 404, 503]) {
    const { body, taken } = endless();
    await using server = serve(() => new Response(body, { status }));
    const error = await assertRejects(
      () => ask(server.url, QUESTION),
      SignalingError,
      `${server.url} answered ${status} with more than 256 KiB`,
    );
    assertEquals(error.status, status);
    await taken.cancelled.promise;
    // What the sockets hold was taken too.
    assertEquals(taken.bytes < 32 * 1024 * 1024, true, `${taken.bytes}`);
  }
});

testWith(
  [],
  "an answer that says that it is too large isn't read",
  async () => {
    // Nothing but the head comes.
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const answered = (async () => {
      using connection = await listener.accept();
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode(
        "HTTP/1.1 200 OK\r\ncontent-length: 1200000000\r\n\r\n",
      ));
      while (await connection.read(new Uint8Array(4096)) !== null);
    })().catch(() => {});
    await assertRejects(
      () => ask(`http://127.0.0.1:${listener.addr.port}/offer`, QUESTION),
      SignalingError,
      "with more than 256 KiB",
    );
    await answered;
  },
);

testWith([], "an answer is counted as it is after decompression", async () => {
  const zeros = new Response(new Uint8Array(64 * 1024 * 1024));
  const body = await new Response(
    zeros.body!.pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  assertEquals(body.length < MAX_ANSWER_BYTES, true);
  const headers = { "content-encoding": "gzip" };
  await using server = serve(() => new Response(body, { headers }));
  await assertRejects(
    () => ask(server.url, QUESTION),
    SignalingError,
    "with more than 256 KiB",
  );
});

testWith([], "an answer that drips is waited for only so long", async () => {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(Uint8Array.of(0x20)),
  });
  await using server = serve(() => new Response(body));
  await assertRejects(
    () => ask(server.url, { ...QUESTION, timeoutMs: 200 }),
    SignalingError,
    `${server.url} did not answer within 0.2 s`,
  );
});

testWith([], "a question is sent on over HTTP, and not for ever", async () => {
  const shown: (string | null)[] = [];
  await using other = serve(({ headers }) => {
    shown.push(headers.get("authorization"));
    return new Response("other");
  });
  let asked = 0;
  await using server = serve((request) => {
    asked++;
    const location = {
      "/other": `${other.url}/x`,
      "/loop": "/loop",
      "/file": "file:///etc/hostname",
      "/data": "data:text/plain,hello",
    }[new URL(request.url).pathname]!;
    return new Response(null, { status: 307, headers: { location } });
  });
  const { url, text } = await ask(`${server.url}/other`, QUESTION);
  assertEquals({ url, text }, { url: `${other.url}/x`, text: "other" });
  assertEquals(shown, [null], "the token is for its server alone");
  for (const path of ["/loop", "/file", "/data"]) {
    asked = 0;
    await assertRejects(
      () => ask(server.url + path, QUESTION),
      SignalingError,
      `Can't reach ${server.url}${path}: `,
    );
    assertEquals(asked, path === "/loop" ? 21 : 1);
  }
});

testWith([], "a server's words are shown escaped, and cut", async () => {
  const words = "no\x1b[2J\r\n\x9b1m\u202e" + "x".repeat(10_000);
  const headers = { "content-type": "application/problem+json" };
  const answers: [body: string, start: string][] = [
    [JSON.stringify({ detail: words }), "no\\u001b[2J\\u000d\\u000a\\u009b1m"],
    [words, "no\\u001b[2J"],
    ["y".repeat(10_000), "y".repeat(199) + "…"],
  ];
  for (const [body, start] of answers) {
    await using server = serve(() =>
      new Response(body, { status: 400, headers })
    );
    const reply = await ask(server.url, QUESTION);
    const { message } = refusal(server.url, reply, QUESTION);
    const shown = message.slice(`${server.url} answered 400: `.length);
    assertEquals(UNSEEN.test(message), false, message);
    assertEquals(shown.length <= 200, true, message);
    assertEquals(shown.startsWith(start), true, message);
  }
});

testWith([], "an answer that isn't HTTP is no message of ours", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answered = (async () => {
    using connection = await listener.accept();
    await connection.write(new TextEncoder().encode("\x1b[2J\r\n\r\n"));
  })();
  const error = await assertRejects(
    () => ask(`http://127.0.0.1:${listener.addr.port}/`, QUESTION),
    SignalingError,
  );
  assertMatch(error.message, /^Can't reach http.*; does it speak https\?$/);
  assertEquals(UNSEEN.test(error.message), false);
  await answered;
});
