import { assert, assertEquals, assertRejects } from "@std/assert";
import { SourceError } from "../../lib/sources/errors.ts";
import { BLOCK_BYTES, RemoteFile } from "../../lib/viewer/remote_file.ts";

const SIZE = 5 * BLOCK_BYTES + 12_345;
const BYTES = Uint8Array.from({ length: SIZE }, (_, i) => i * i >> 5);

/** A file of which is noted what is asked for, in blocks. */
function openFile(options: { fails?(offset: number): boolean } = {}) {
  const asked: [number, number][] = [];
  const file = new RemoteFile({
    name: "drive.mcap",
    size: SIZE,
    readBytes(offset, length) {
      asked.push([offset, length]);
      if (options.fails?.(offset)) {
        return Promise.reject(new Error("the network is gone"));
      }
      return Promise.resolve(BYTES.slice(offset, offset + length));
    },
  });
  return { file, asked };
}

Deno.test("a remote file is read as it is, whatever was read before", async () => {
  const { file } = openFile();
  const spans = [
    ...[[0, 8], [BLOCK_BYTES - 4, 8], [100, 3 * BLOCK_BYTES]],
    ...[[SIZE - 20, 50], [SIZE, 5], [2 * BLOCK_BYTES, BLOCK_BYTES]],
    ...[[BLOCK_BYTES, 20_000], [0, SIZE], [4 * BLOCK_BYTES - 1, 40_000]],
  ];
  for (const [offset, length] of spans) {
    const read = await file.read(offset, length);
    const expected = BYTES.subarray(offset, offset + length);
    assertEquals(read.length, expected.length);
    assert(read.every((byte, i) => byte === expected[i]));
  }
});

Deno.test("little is asked for alone, much in blocks that are kept", async () => {
  const { file, asked } = openFile();
  await file.read(SIZE - 37, 37);
  assertEquals(asked.splice(0), [[SIZE - 37, 37]]);
  await file.read(3 * BLOCK_BYTES - 10, 100_000);
  assertEquals(asked.splice(0), [[2 * BLOCK_BYTES, 2 * BLOCK_BYTES]]);
  await file.read(2 * BLOCK_BYTES, 100);
  await file.read(3 * BLOCK_BYTES, 50_000);
  // What follows is asked for before it is wanted.
  assertEquals(asked, [
    [4 * BLOCK_BYTES, BLOCK_BYTES],
    [5 * BLOCK_BYTES, SIZE - 5 * BLOCK_BYTES],
  ]);
});

Deno.test("what didn't come is asked for again", async () => {
  let isGone = true;
  const { file, asked } = openFile({ fails: () => isGone });
  await assertRejects(
    () => file.read(0, 100_000),
    SourceError,
    "drive.mcap: the network is gone",
  );
  isGone = false;
  assertEquals((await file.read(0, 100_000)).length, 100_000);
  assertEquals(asked[0], [0, BLOCK_BYTES]);
  await assertRejects(
    () => new RemoteFile({ ...HUGE }).read(0, 2 ** 30),
    SourceError,
    "1073741824 bytes in one piece from byte 0, and at most 268435456",
  );
});

const HUGE = {
  name: "huge.mcap",
  size: 2 ** 40,
  readBytes: () => Promise.reject(new Error("asked for")),
};
