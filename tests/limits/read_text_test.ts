import { assertEquals, assertRejects } from "@std/assert";
import { BodyError, readText } from "../../lib/limits/read_text.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("a byte order mark is no part of a text", async () => {
  const body = new Response(encode("\ufeff{}"));
  assertEquals(await readText(body, { maxBytes: 5, fatal: true }), "{}");
});

Deno.test("a text of many small pieces comes whole", async () => {
  const text = "äö€😀".repeat(1000);
  const pieces = Array.from(encode(text), (byte) => Uint8Array.of(byte));
  const body = new Response(ReadableStream.from(pieces));
  assertEquals(await readText(body, { maxBytes: pieces.length }), text);
});

Deno.test("what is no UTF-8 is refused where that is asked for", async () => {
  const body = () => new Response(Uint8Array.of(0x61, 0xff));
  assertEquals(await readText(body(), { maxBytes: 2 }), "a\ufffd");
  const error = await assertRejects(
    () => readText(body(), { maxBytes: 2, fatal: true }),
    BodyError,
  );
  assertEquals(error.reason, "not-utf8");
});

Deno.test("reading ends with its signal, and the body is let go of", async () => {
  const late = new AbortController();
  const cancelled = Promise.withResolvers<void>();
  const body = new Response(
    new ReadableStream({
      pull: () => late.abort(new Error("enough")),
      cancel: () => cancelled.resolve(),
    }),
  );
  const { signal } = late;
  await assertRejects(
    () => readText(body, { maxBytes: 9, signal }),
    Error,
    "enough",
  );
  await cancelled.promise;
});
