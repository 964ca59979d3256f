import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { pointCloud } from "../../../lib/points/cloud.ts";
import {
  PointsError,
  type PointsErrorReason,
} from "../../../lib/points/errors.ts";
import { NpyEncoder } from "../../../lib/points/npy/encoder.ts";
import { crc32 } from "../../../lib/points/npz/crc32.ts";
import { decodeNpz } from "../../../lib/points/npz/npz.ts";
import {
  assertSameBits,
  concat,
  fieldList,
  readCase,
  typedCloud,
  utf8,
} from "../file_clouds.ts";

const CLOUD = typedCloud("x,y,z,ring:u2", [[1, 2, 3, 4], [5, NaN, -0, 65_535]]);
const npy = (cloud = CLOUD) => new NpyEncoder().encode(cloud).bytes.slice();

/** A file in an archive; `crc` and `bytes` where they lie. */
interface ZipFile {
  name: string;
  content: Uint8Array<ArrayBuffer>;
  isDeflated?: boolean;
  method?: number;
  crc?: number;
  bytes?: number;
  flags?: number;
}

async function deflate(
  content: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([content]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Writes an archive as APPNOTE.TXT describes it. */
async function zip(
  files: readonly ZipFile[],
  comment = "",
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, content, isDeflated, ...claims } of files) {
    const packed = isDeflated ? await deflate(content) : content;
    const { method = isDeflated ? 8 : 0, bytes = content.length } = claims;
    const { crc = crc32(content), flags = 0 } = claims;
    const shared = [
      ...u16(20, flags, method, 0, 0),
      ...u32(crc, packed.length, bytes),
      ...u16(utf8(name).length, 4),
    ];
    const local = concat(
      Uint8Array.from([...utf8("PK\x03\x04"), ...shared]),
      name,
      new Uint8Array(4),
      packed,
    );
    const rest = [...u16(0, 0, 0), ...u32(0, at)];
    directory.push(concat(
      Uint8Array.from([...utf8("PK\x01\x02"), ...u16(20), ...shared, ...rest]),
      name,
      new Uint8Array(4),
    ));
    parts.push(local);
    at += local.length;
  }
  const listed = concat(...directory);
  const end = Uint8Array.from([
    ...utf8("PK\x05\x06"),
    ...u16(0, 0, files.length, files.length),
    ...u32(listed.length, at),
    ...u16(comment.length),
  ]);
  return concat(...parts, listed, end, comment);
}

function u16(...values: number[]): number[] {
  return values.flatMap((value) => [value & 0xff, value >> 8]);
}

function u32(...values: number[]): number[] {
  return [...new Uint8Array(Uint32Array.from(values).buffer)];
}

async function assertRefused(
  bytes: Uint8Array,
  reason: PointsErrorReason,
  text: string,
): Promise<void> {
  const error = await assertRejects(() => decodeNpz(bytes), PointsError, text);
  assertEquals(error.reason, reason, error.message);
}

Deno.test("decodeNpz() takes the first array that is points", async () => {
  const label = { name: "label.npy", content: npyVector() };
  const text = { name: "readme.txt", content: utf8("points.npy") };
  for (const isDeflated of [false, true]) {
    const points = { name: "points.npy", content: npy(), isDeflated };
    const other = pointCloud(new Float32Array(3));
    const later = { name: "later.npy", content: npy(other) };
    const notes: string[] = [];
    const onNote = (note: string) => notes.push(note);
    const bytes = await zip([text, label, points, later], "a comment");
    assertSameBits(await decodeNpz(bytes, { onNote }), CLOUD);
    assertEquals(notes, [
      "The points are the array points, the first that fits of 3",
    ]);
  }
});

Deno.test("decodeNpz() names the columns of an array", async () => {
  const content = npy(pointCloud(new Float32Array(4), ["x", "y", "z", "c3"]));
  const bytes = await zip([{ name: "a.npy", content }]);
  const names = ["x", "y", "z", "intensity"];
  const cloud = await decodeNpz(bytes, { names });
  assertEquals(fieldList(cloud), "x,y,z,intensity");
});

Deno.test("decodeNpz() says of each array why it isn't points", async () => {
  const none = await zip([{ name: "readme.txt", content: utf8("") }]);
  await assertRefused(none, "unsupported", "none of its 0 arrays is points");
  const vector = await zip([{ name: "label.npy", content: npyVector() }]);
  await assertRefused(vector, "unsupported", "label (shape (5)");
});

Deno.test("decodeNpz() refuses damaged archives", async () => {
  const file = { name: "a.npy", content: npy() };
  const deflated = { ...file, isDeflated: true };
  await assertRefused(utf8("no archive, but long enough"), "header", "zip");
  const cases: [ZipFile, PointsErrorReason, string][] = [
    [{ ...file, crc: 1 }, "header", "a.npy is damaged"],
    [{ ...deflated, crc: 1 }, "header", "a.npy is damaged"],
    [{ ...deflated, bytes: 100 }, "header", "a.npy is damaged"],
    [{ ...deflated, bytes: 1000 }, "header", "a.npy is damaged"],
    [{ ...deflated, bytes: 1e9 }, "header", "can't be 1000000000 bytes"],
    [{ ...file, method: 8 }, "header", "a.npy is damaged"],
    [{ ...file, method: 14 }, "unsupported", "method 14"],
    [{ ...file, flags: 1 }, "unsupported", "encrypted"],
    [{ ...file, bytes: 0xffffffff }, "unsupported", "4 GB"],
    [{ ...file, name: "a".repeat(256) }, "unsupported", "256 characters"],
  ];
  for (const [entry, reason, text] of cases) {
    await assertRefused(await zip([entry]), reason, text);
  }
});

Deno.test("decodeNpz() refuses files that lie over each other", async () => {
  const content = new Uint8Array(100);
  const bytes = await zip([{ name: "a.npy", content }]);
  const end = bytes.length - 22;
  const entry = bytes.subarray(end - 46 - 5 - 4, end);
  const many = Array.from({ length: 10 }, () => entry);
  const last = bytes.slice(end);
  last.set(u16(10, 10), 8);
  const bomb = concat(bytes.subarray(0, end - entry.length), ...many, last);
  await assertRefused(bomb, "header", "can't hold 1000");
});

Deno.test("decodeNpz() reads any bytes or throws PointsError", async () => {
  const files = [
    await zip([{ name: "a.npy", content: npy() }]),
    await zip([{ name: "a.npy", content: npy(), isDeflated: true }]),
  ];
  const damaged = fc.tuple(
    fc.constantFrom(...files),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.nat(60),
  );
  await fc.assert(
    fc.asyncProperty(damaged, async ([file, changes, cut]) => {
      const bytes = file.slice(0, file.length - cut);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        const { data, points, stride } = await decodeNpz(bytes);
        assertEquals(data.length, points * stride);
      } catch (error) {
        assert(error instanceof PointsError, `${error}`);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("crc32() is the one of ISO 3309", () => {
  assertEquals(crc32(utf8("123456789")), 0xcbf43926);
  assertEquals(crc32(utf8("")), 0);
});

const archive = readCase("pts.npz");

Deno.test({
  name: "decodeNpz() reads what NumPy wrote",
  ignore: archive === undefined,
  async fn() {
    const notes: string[] = [];
    const onNote = (note: string) => notes.push(note);
    const cloud = await decodeNpz(archive!, { onNote });
    assertEquals([fieldList(cloud), cloud.points], ["x,y,z", 20]);
    assertEquals(notes, ["The points are the array points"]);
  },
});

/** An array of five labels, which are no points. */
function npyVector(): Uint8Array<ArrayBuffer> {
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }\n";
  const start = [0x93, ...utf8("NUMPY"), 1, 0, ...u16(header.length)];
  return concat(Uint8Array.from(start), header, new Uint8Array(20));
}
