import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import type { PointCloud } from "../../lib/points/cloud.ts";
import { withTime } from "../../lib/sources/source.ts";
import { stdinSource } from "../../lib/sources/stdin.ts";

/** Standard input that comes in parts of the given sizes. */
function input(bytes: Uint8Array<ArrayBuffer>, ...sizes: number[]) {
  let at = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const size = sizes.shift() ?? bytes.length;
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

async function all(
  bytes: Uint8Array<ArrayBuffer>,
  points: number,
  sizes: number[],
  fields?: string[],
) {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const source = stdinSource({
    ...{ points, fields, log },
    input: input(bytes, ...sizes),
  });
  const clouds: PointCloud[] = [];
  for (let frame = 0;; frame++) {
    const given = await source.next(frame, 0);
    if (given === undefined) break;
    clouds.push(withTime(given).cloud);
  }
  assertEquals(source.pace, "source");
  await source[Symbol.asyncDispose]?.();
  return { clouds, lines, skipped: source.skipped };
}

const values = Float32Array.from({ length: 24 }, (_, i) => i / 3);
const bytes = new Uint8Array(values.buffer);

Deno.test("stdinSource cuts frames, however the bytes come", async () => {
  for (const sizes of [[], [1, 2, 3, 40], [24, 24, 24], [95, 1]]) {
    const { clouds, skipped, lines } = await all(bytes, 2, sizes);
    assertEquals(clouds.length, 4);
    assertEquals(clouds[3].values, values.slice(18));
    assertEquals([skipped, lines], [0, []]);
  }
});

Deno.test("stdinSource takes further fields", async () => {
  const fields = ["x", "y", "z", "intensity"];
  const { clouds } = await all(bytes, 3, [], fields);
  assertEquals(clouds.map((cloud) => cloud.points), [3, 3]);
  assertEquals(clouds[1].fields, fields);
});

Deno.test("stdinSource tells of an end in the middle of a frame", async () => {
  const { clouds, skipped, lines } = await all(bytes, 5, []);
  assertEquals([clouds.length, skipped], [1, 1]);
  assertEquals(lines.length, 1);
  assertEquals(/byte 36 of 60/.test(lines[0]), true, lines[0]);
});

Deno.test("stdinSource of nothing has no frames", async () => {
  const { clouds, skipped } = await all(new Uint8Array(0), 5, []);
  assertEquals([clouds.length, skipped], [0, 0]);
});
