import { assertEquals, assertRejects } from "@std/assert";
import { MAX_BODY_BYTES } from "../../lib/limits/request_limits.ts";
import { readBody } from "../../lib/serving/body.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A request whose body comes in the given parts. */
function request(...parts: (string | Uint8Array)[]): Request {
  const encoder = new TextEncoder();
  const bytes = parts.map((part) =>
    typeof part === "string" ? encoder.encode(part) : part
  );
  const body = ReadableStream.from(bytes);
  return new Request("http://localhost/offer", { method: "POST", body });
}

async function assertRefused(
  promise: Promise<string>,
  status: number,
  text: string,
): Promise<void> {
  const problem = await assertRejects(() => promise, HttpProblem, text);
  assertEquals(problem.status, status);
}

Deno.test("readBody() reads text that comes in parts", async () => {
  assertEquals(await readBody(request("{", '"sdp":""', "}")), '{"sdp":""}');
});

Deno.test("readBody() reads characters that are cut in two", async () => {
  const bytes = new TextEncoder().encode("äö€😀");
  const parts = Array.from(bytes, (byte) => Uint8Array.of(byte));
  assertEquals(await readBody(request(...parts)), "äö€😀");
});

Deno.test("readBody() reads no body as empty", async () => {
  const none = new Request("http://localhost/offer", { method: "POST" });
  assertEquals(await readBody(none), "");
  assertEquals(await readBody(request()), "");
});

Deno.test("readBody() reads just as much as is allowed", async () => {
  const text = "x".repeat(MAX_BODY_BYTES);
  assertEquals(MAX_BODY_BYTES, 256 * 1024);
  assertEquals(await readBody(request(text)), text);
  await assertRefused(
    readBody(request(text, "x")),
    413,
    `The body is larger than ${MAX_BODY_BYTES} bytes`,
  );
});

Deno.test("readBody() counts bytes, not characters", async () => {
  assertEquals(await readBody(request("aä"), 3), "aä");
  await assertRefused(readBody(request("ää"), 3), 413, "larger than 3 bytes");
});

Deno.test("readBody() reads nothing of a body that says it is too large", async () => {
  let pulled = 0;
  const body = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(Uint8Array.of(1));
    },
  }, { highWaterMark: 0 });
  const headers = { "content-length": String(MAX_BODY_BYTES + 1) };
  const request = new Request("http://localhost/", {
    method: "POST",
    headers,
    body,
  });
  await assertRefused(readBody(request), 413, "larger");
  assertEquals(pulled, 0);
});

Deno.test("readBody() stops reading a body that doesn't end", async () => {
  let pulled = 0;
  let cancelled = false;
  const body = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1024).fill(0x20));
    },
    cancel() {
      cancelled = true;
    },
  });
  const endless = new Request("http://localhost/", { method: "POST", body });
  await assertRefused(readBody(endless, 10_000), 413, "larger than 10000");
  assertEquals(cancelled, true);
  assertEquals(pulled < 20, true);
});

Deno.test("readBody() refuses what is not UTF-8", async () => {
  const wrong = [
    Uint8Array.of(0xff, 0xfe),
    Uint8Array.of(0x22, 0xc3),
    Uint8Array.of(0xed, 0xa0, 0x80),
  ];
  for (const bytes of wrong) {
    await assertRefused(readBody(request(bytes)), 400, "not UTF-8 text");
  }
});

Deno.test("readBody() names a body that is cut off", async () => {
  const body = new ReadableStream({
    pull(controller) {
      controller.error(new Error("connection reset"));
    },
  });
  const cut = new Request("http://localhost/", { method: "POST", body });
  await assertRefused(readBody(cut), 400, "The body was cut off");
});

Deno.test("readBody() waits only so long for a body to be whole", async () => {
  let cancelled = false;
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Uint8Array.of(0x20));
    },
    cancel() {
      cancelled = true;
    },
  });
  const slow = new Request("http://localhost/", { method: "POST", body });
  await assertRefused(
    readBody(slow, MAX_BODY_BYTES, 20),
    408,
    "The body did not come whole within 0.02 s",
  );
  assertEquals(cancelled, true);
});
