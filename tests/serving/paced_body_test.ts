import { assertEquals, assertRejects } from "@std/assert";
import { pacedBody } from "../../lib/serving/paced_body.ts";

/** Parts of so many bytes each. */
async function* parts(...sizes: number[]) {
  for (const size of sizes) {
    await Promise.resolve();
    yield new Uint8Array(size).fill(size);
  }
}

Deno.test("pacedBody() gives every byte of its parts, and ends once", async () => {
  let ends = 0;
  const body = pacedBody(parts(3, 0, 200_000, 7), { onEnd: () => ends++ });
  const bytes = await new Response(body).bytes();
  assertEquals(bytes.length, 200_010);
  assertEquals([bytes[0], bytes[2], bytes.at(-1)], [3, 3, 7]);
  assertEquals(ends, 1);
});

Deno.test("pacedBody() cuts off who takes no piece", async () => {
  const ended = Promise.withResolvers<void>();
  const body = pacedBody(parts(200_000), {
    pieceMs: 10,
    onEnd: ended.resolve,
  });
  const reader = body.getReader();
  await reader.read();
  await ended.promise;
  await assertRejects(() => reader.read(), Error, "The reader was too slow");
});

Deno.test("pacedBody() cuts off who takes too long for a part", async () => {
  const ended = Promise.withResolvers<void>();
  const body = pacedBody(parts(20_000_000), {
    partMs: 10,
    onEnd: ended.resolve,
  });
  const reader = body.getReader();
  const readAll = async () => {
    // Each piece in time, and never all of them.
    while (!(await reader.read()).done) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await assertRejects(readAll, Error, "The reader was too slow");
  await ended.promise;
});

Deno.test("pacedBody() closes its parts when nobody reads any more", async () => {
  const closed = Promise.withResolvers<void>();
  const given = (async function* () {
    try {
      yield new Uint8Array(1);
      yield new Uint8Array(1);
    } finally {
      closed.resolve();
    }
  })();
  let ends = 0;
  const reader = pacedBody(given, { onEnd: () => ends++ }).getReader();
  await reader.read();
  await reader.cancel();
  await closed.promise;
  assertEquals(ends, 1);
});
