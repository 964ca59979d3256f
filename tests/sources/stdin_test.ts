import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import {
  createCloud,
  namesOf,
  type PointCloud,
  pointCloud,
  toFloat32,
} from "../../lib/points/cloud.ts";
import { packFields, parseFieldList } from "../../lib/points/field.ts";
import { encodeFile } from "../../lib/points/formats.ts";
import { encodePcd } from "../../lib/points/pcd/pcd.ts";
import { encodePly } from "../../lib/points/ply/ply.ts";
import { SourceError } from "../../lib/sources/errors.ts";
import { withTime } from "../../lib/sources/source.ts";
import {
  stdinSource,
  type StdinSourceOptions,
} from "../../lib/sources/stdin.ts";
import { assertSameBits, concat, typedCloud } from "../points/file_clouds.ts";

/** Standard input that comes in parts of the given sizes, the last again. */
function input(bytes: Uint8Array<ArrayBuffer>, sizes: number[]) {
  let at = 0, i = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const size = sizes[Math.min(i++, sizes.length - 1)] ?? bytes.length;
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

interface Options extends Partial<StdinSourceOptions> {
  sizes?: number[];
  list?: string;
}

async function all(bytes: Uint8Array<ArrayBuffer>, options: Options = {}) {
  const { sizes = [], list, points = 2, ...more } = options;
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const fields = list === undefined ? undefined : parseFieldList(list);
  await using source = stdinSource({
    ...{ points, fields, log, ...more },
    input: input(bytes, sizes),
  });
  const clouds: PointCloud[] = [];
  for (let frame = 0;; frame++) {
    const given = await source.next(frame, 0);
    if (given === undefined) break;
    clouds.push(withTime(given).cloud);
  }
  assertEquals(source.pace, "source");
  return { clouds, lines, skipped: source.skipped };
}

const values = Float32Array.from({ length: 24 }, (_, i) => i / 3);
const bytes = new Uint8Array(values.buffer);

Deno.test("stdinSource cuts raw frames, however the bytes come", async () => {
  for (const sizes of [[], [1, 2, 3, 40], [24, 24, 24], [95, 1], [1]]) {
    const { clouds, skipped, lines } = await all(bytes, { sizes });
    assertEquals(clouds.length, 4);
    assertEquals(toFloat32(clouds[3]), values.slice(18));
    assertEquals([skipped, lines], [0, []]);
  }
});

Deno.test("stdinSource takes further fields, and types", async () => {
  const { clouds } = await all(bytes, { points: 3, list: "x,y,z,intensity" });
  assertEquals(clouds.map((cloud) => cloud.points), [3, 3]);
  assertEquals(namesOf(clouds[1].fields), ["x", "y", "z", "intensity"]);
  const list = "x:f4,y:f4,z:f4,ring:u2";
  const layout = packFields(parseFieldList(list));
  const data = Uint8Array.from({ length: 56 }, (_, i) => i);
  const typed = await all(data, { list });
  assertEquals(typed.clouds, [
    createCloud({ ...layout, data: data.subarray(0, 28) }),
    createCloud({ ...layout, data: data.subarray(28) }),
  ]);
});

/** Clouds of different numbers of points, and fields. */
const CLOUDS = [
  typedCloud("x,y,z,ring:u2", [[1, 2, 3, 4], [5, 6, 7, 65_535]]),
  typedCloud("x,y,z,ring:u2", [[0.5, -2, 3, 0]]),
  typedCloud("x:f8,y:f8,z:f8", [[1, 2, 3], [5e6, 6, 7], [8, 9, 1]]),
  pointCloud(Float32Array.from({ length: 900 }, (_, i) => i / 7)),
];

const FORMS: Record<string, (cloud: PointCloud) => Uint8Array> = {
  "npy": (cloud) => encodeFile("a.npy", cloud).slice(),
  "pcd, binary": (cloud) => encodePcd(cloud),
  "pcd, ascii": (cloud) => encodePcd(cloud, { data: "ascii" }),
  "pcd, compressed": (cloud) => encodePcd(cloud, { data: "binary_compressed" }),
  "ply, binary": (cloud) => encodePly(cloud),
  "ply, ascii": (cloud) => encodePly(cloud, { format: "ascii" }),
};

for (const [form, encode] of Object.entries(FORMS)) {
  Deno.test(`stdinSource knows files that follow one another: ${form}`, async () => {
    const files = concat(...CLOUDS.map(encode));
    for (const sizes of [[], [1], [7, 300, 2], [64]]) {
      const { clouds, skipped, lines } = await all(files, { sizes });
      assertEquals(clouds.length, CLOUDS.length);
      clouds.forEach((cloud, i) => assertSameBits(cloud, CLOUDS[i]));
      assertEquals([skipped, lines], [0, []]);
    }
  });

  Deno.test(`stdinSource gives a file as soon as it is here: ${form}`, async () => {
    const { readable, writable } = new TransformStream<
      Uint8Array<ArrayBuffer>,
      Uint8Array<ArrayBuffer>
    >();
    const log = createLogger({ write() {} });
    await using source = stdinSource({ points: 5, log, input: readable });
    const writer = writable.getWriter();
    for (const cloud of CLOUDS) {
      void writer.write(encode(cloud).slice() as Uint8Array<ArrayBuffer>);
      const given = await source.next(0, 0);
      assertSameBits(withTime(given!).cloud, cloud);
    }
  });
}

Deno.test("stdinSource picks the fields of files that are asked for", async () => {
  const file = FORMS["ply, binary"](CLOUDS[0]).slice();
  const { clouds } = await all(concat(file), { list: "z,y,x" });
  assertEquals(namesOf(clouds[0].fields), ["z", "y", "x"]);
});

Deno.test("stdinSource passes over a file that lacks a field, or is wrong", async () => {
  const good = FORMS["pcd, ascii"](CLOUDS[0]);
  const bare = FORMS["pcd, ascii"](CLOUDS[3]);
  const wrong = new TextEncoder().encode(
    new TextDecoder().decode(good).replace("\n5 ", "\nfive "),
  );
  const { clouds, skipped, lines } = await all(
    concat(bare, good, wrong, good),
    { list: "x,y,z,ring" },
  );
  assertEquals([clouds.length, skipped, lines.length], [2, 2, 2]);
  for (const cloud of clouds) assertSameBits(cloud, CLOUDS[0]);
  assert(lines[0].includes("frame 0 on standard input"), lines[0]);
  assert(lines[0].includes("no field ring"), lines[0]);
  assert(lines[1].includes("frame 2 on standard input"), lines[1]);
  assert(lines[1].includes("five"), lines[1]);
  await assertRejects(
    () => all(concat(bare, bare), { list: "x,y,z,ring" }),
    SourceError,
    "None of 2 frames on standard input could be read",
  );
});

Deno.test("stdinSource takes blank lines between text files", async () => {
  const file = FORMS["pcd, ascii"](CLOUDS[0]);
  const { clouds, lines } = await all(concat(file, "\n\r\n", file, "\n\n"));
  assertEquals([clouds.length, lines], [2, []]);
});

Deno.test("stdinSource tells of an end in the middle of a frame", async () => {
  const { clouds, skipped, lines } = await all(bytes, { points: 5 });
  assertEquals([clouds.length, skipped, lines.length], [1, 1, 1]);
  assert(lines[0].includes("byte 36 of 60"), lines[0]);
  const file = FORMS.npy(CLOUDS[3]);
  const cut = await all(concat(file, file.subarray(0, 100)));
  assertEquals([cut.clouds.length, cut.skipped, cut.lines.length], [1, 1, 1]);
});

Deno.test("stdinSource says what is wrong where there is no frame", async () => {
  const rejects = (bytes: Uint8Array, words: string, options?: Options) =>
    assertRejects(() => all(concat(bytes), options), SourceError, words);
  await rejects(new Uint8Array(0), "Standard input ended without a frame");
  await rejects(
    bytes,
    "byte 96 of 120; it was read as raw frames of 10 points of x,y,z",
    { points: 10 },
  );
  const file = FORMS["pcd, binary"](CLOUDS[0]);
  await rejects(file.subarray(0, 60), "ended in the middle of a frame");
  await rejects(concat("ply\nformat nonsense\nend_header\n"), "Frame 0 on");
});

Deno.test("stdinSource takes no frame over its limit, and no memory for it", async () => {
  const log = createLogger({ write() {} });
  const raw = { points: 2 ** 30, log, input: input(bytes, []) };
  let error: unknown;
  try {
    stdinSource(raw);
  } catch (thrown) {
    error = thrown;
  }
  assert(error instanceof SourceError, `${error}`);
  assert(error.message.includes("at most 268435456 are taken"), error.message);
  const header = "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\n" +
    "COUNT 1 1 1\nWIDTH 900000000\nHEIGHT 1\nPOINTS 900000000\nDATA binary\n";
  await assertRejects(
    () => all(concat(header)),
    SourceError,
    "at most 268435456 are taken",
  );
  const text = header.replace("binary", "ascii");
  const endless = concat(text, "1 2 3\n".repeat(1000));
  await assertRejects(
    () => all(endless, { maxFrameBytes: 5000 }),
    SourceError,
    "lines of more than 5000 bytes",
  );
});
