import { testWith } from "../../support.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { namesOf, pointCloud, toFloat32 } from "../../../lib/points/cloud.ts";
import { CloudiniDecoder } from "../../../lib/points/cloudini/mod.ts";
import {
  PointsError,
  type PointsErrorReason,
} from "../../../lib/points/errors.ts";
import { zstdCompress, zstdDecompress } from "../../../lib/points/zstd/zstd.ts";
import { loadWasmZstd } from "../../../lib/points/zstd/wasm.ts";
import { countAllocated } from "../allocations.ts";
import { VECTORS } from "./naive.ts";
import {
  assemble,
  decoder,
  encoder,
  headerText,
  plainEncoder,
  wander,
} from "./support.ts";

const DATA = new URL("../../data/cloudini/", import.meta.url);

/** One point of x, y, z, all 0. */
const ZEROS = Uint8Array.of(1, 1, 1);

function assertRefused(
  bytes: Uint8Array,
  reason: PointsErrorReason,
  text: string,
): void {
  const error = assertThrows(() => decoder().decode(bytes), PointsError, text);
  assertEquals(error.reason, reason);
}

/** Compares float32 values by their bits. */
function assertSameBits(actual: Float32Array, due: Uint8Array): void {
  const { buffer, byteOffset, byteLength } = actual;
  assertEquals(new Uint8Array(buffer, byteOffset, byteLength), due);
}

for (const [name, { names }] of Object.entries(VECTORS)) {
  testWith([], `CloudiniDecoder reads the vector ${name}`, async () => {
    const bytes = await Deno.readFile(new URL(`${name}.cloudini`, DATA));
    const due = await Deno.readFile(new URL(`${name}.decoded.f32`, DATA));
    const cloud = decoder().decode(bytes);
    assertEquals(namesOf(cloud.fields), names);
    assertSameBits(toFloat32(cloud), due);
  });
}

Deno.test("CloudiniDecoder reads versions 2 to 5", () => {
  for (const version of [2, 3, 4, 5]) {
    const magic = `CLOUDINI_V0${version}`;
    const bytes = assemble(headerText({ magic }), [ZEROS]);
    // Version 2 has one chunk, and no count before it.
    const buffer = version > 2
      ? bytes
      : Uint8Array.of(...bytes.subarray(0, -7), ...ZEROS);
    const cloud = decoder().decode(buffer);
    assertEquals(toFloat32(cloud), Float32Array.of(0, 0, 0));
  }
});

Deno.test("CloudiniDecoder reads rows, padding and other orders of keys", () => {
  const text = headerText({
    version: undefined,
    width: undefined,
    height: "height: 2",
    point_step: "point_step: 32",
    x: "  - type: FLOAT32\n    resolution: 5e-01\n    name: x\n    offset: 0",
    z: "  -   name:   z\n    offset: 16\n    type: FLOAT32\n" +
      "    resolution: 1\n\nwidth: 3",
  });
  const point = [3, 4, 5];
  const bytes = assemble(text, [
    Uint8Array.from({ length: 18 }, (_, i) => i < 3 ? point[i] : 1),
  ]);
  const cloud = decoder().decode(bytes);
  const { points, width, height, stride, fields } = cloud;
  assertEquals([points, width, height, stride], [6, 3, 2, 32]);
  assertEquals(namesOf(fields), ["x", "y", "z"]);
  const values = toFloat32(cloud);
  for (let i = 0; i < values.length; i += 3) {
    assertEquals(
      [...values.subarray(i, i + 3)],
      [0.5, Math.fround(-2 * Math.fround(0.001)), 2],
    );
  }
});

Deno.test("CloudiniDecoder refuses by name what it doesn't read", () => {
  const field = "  - name: w\n    offset: 12\n    type: FLOAT32\n" +
    "    resolution: 1";
  const point_step = "point_step: 16";
  const cases: [Parameters<typeof headerText>[0], string][] = [
    [{ magic: "CLOUDINI_V06" }, "version 6"],
    [{ magic: "CLOUDINI_V01" }, "version 1"],
    [{ encoding: "encoding_opt: SOMEHOW" }, "SOMEHOW"],
    [{ compression: "compression_opt: GZIP" }, "GZIP"],
    [{ compression: "compression_opt: NONE\ncolor: a" }, '"color"'],
    [{ point_step, w: field.replace("FLOAT32", "FLOAT16") }, '"FLOAT16"'],
    [{ point_step, w: field + "\n    unit: m" }, '"unit"'],
    [{ point_step: "point_step: 4000" }, "4000 bytes with 12 of values"],
  ];
  for (const [changes, text] of cases) {
    assertRefused(
      assemble(headerText(changes), [ZEROS]),
      "unsupported",
      text,
    );
  }
});

Deno.test("CloudiniDecoder reads a binary header", () => {
  const fields = ["x", "y", "z"].flatMap((name, i) => [
    ...[1, 0, name.charCodeAt(0), 4 * i, 0, 0, 0, 7],
    ...new Uint8Array(Float32Array.of(0.5).buffer),
  ]);
  const bytes = Uint8Array.of(
    ...new TextEncoder().encode("CLOUDINI_V05"),
    ...[1, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0, 1, 0, 3, 0],
    ...fields,
    ...[3, 0, 0, 0, 3, 4, 5],
  );
  const cloud = decoder().decode(bytes);
  assertEquals(namesOf(cloud.fields), ["x", "y", "z"]);
  assertEquals(toFloat32(cloud), Float32Array.of(0.5, -1, 1));
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(
      () => decoder().decode(bytes.subarray(0, length)),
      PointsError,
    );
  }
});

Deno.test("CloudiniDecoder refuses damaged headers", () => {
  const cases: Parameters<typeof headerText>[0][] = [
    { magic: "CLOUDINO_V05" },
    { magic: "CLOUDINI_VX5" },
    { width: undefined },
    { width: "width: -1" },
    { width: "width: 1.5" },
    { width: "width: 4294967296" },
    { width: "width: 1\nwidth: 1" },
    { width: "  width: 1" },
    { width: "width 1" },
    { height: "height: " },
    { point_step: "point_step: 11" },
    { encoding: undefined },
    { compression: undefined },
    { fields: undefined },
    { fields: "fields: 3" },
    { x: "  - name: x\n    offset: 0\n    type: FLOAT32\n" },
    { x: "  - name: x\n    offset: 0\n    resolution: 1" },
    { x: "  - offset: 0\n    type: FLOAT32\n    resolution: 1" },
    { x: "  - name: y\n    offset: 0\n    type: FLOAT32\n    resolution: 1" },
    { x: "  - name: a\n    offset: 0\n    type: FLOAT32\n    resolution: 1" },
    { x: "  - name: x\n    offset: 2\n    type: FLOAT32\n    resolution: 1" },
    { x: "  - name: x\n    offset: 9\n    type: FLOAT32\n    resolution: 1" },
    { x: undefined },
    ...["0", "-1", "1e99", "1e-99", "x", "", "NaN"].map((resolution) => ({
      x: "  - name: x\n    offset: 0\n    type: FLOAT32\n" +
        `    resolution: ${resolution}`,
    })),
  ];
  for (const changes of cases) {
    assertRefused(assemble(headerText(changes), [ZEROS]), "header", "");
  }
  assertRefused(new Uint8Array(), "header", "no magic text");
  const endless = new Uint8Array(100_000).fill(32);
  endless.set(new TextEncoder().encode(headerText()));
  assertRefused(endless, "header", "doesn't end");
});

Deno.test("CloudiniDecoder names what a stranger wrote in short", () => {
  const x = `  - name: ${"x".repeat(10_000)}\n    offset: 0\n    type: FLOAT8`;
  const bytes = assemble(headerText({ x }), [ZEROS]);
  const error = assertThrows(() => decoder().decode(bytes), PointsError);
  assert(error.message.length < 300, error.message);
});

Deno.test("CloudiniDecoder refuses chunks that don't fit their points", () => {
  const text = headerText();
  assertRefused(assemble(text, []), "length", "chunk 0 of 1 is cut off");
  assertRefused(assemble(text, [ZEROS, ZEROS]), "length", "7 bytes follow");
  assertRefused(assemble(text, [Uint8Array.of()]), "length", "ends before");
  assertRefused(assemble(text, [Uint8Array.of(1, 1)]), "length", "ends before");
  assertRefused(
    assemble(text, [Uint8Array.of(1, 1, 1, 1)]),
    "length",
    "1 bytes follow the 1 points",
  );
  assertRefused(
    assemble(text, [Uint8Array.of(1, 1, 0x81)]),
    "length",
    "ends before",
  );
  const five = [0x80, 0x80, 0x80, 0x80, 0x00];
  for (
    const overlong of [[0x81, ...five], five, [0x80, 0x00], [0x80, 0x80, 0x00]]
  ) {
    assertRefused(
      assemble(text, [Uint8Array.of(1, ...overlong, 1, 1, 1, 1, 1, 1, 1)]),
      "header",
      "varint",
    );
  }
});

Deno.test("CloudiniDecoder refuses a first stage cut off anywhere", () => {
  for (const fields of [["x", "y", "z"], ["x", "y", "z", "intensity"]]) {
    const cloud = wander(20, fields);
    const { bytes } = plainEncoder().encode(cloud);
    const header = bytes.indexOf(0);
    const text = new TextDecoder().decode(bytes.subarray(0, header));
    const stage = bytes.slice(header + 5);
    for (let length = 0; length < stage.length; length++) {
      const cut = assemble(text, [stage.subarray(0, length)]);
      assertRefused(cut, "length", "ends before its last point");
    }
  }
});

Deno.test("CloudiniDecoder adds in int32, as the reference does", () => {
  const [least, most] = [-(2 ** 31), 2 ** 31 - 128];
  for (const names of [["x", "y", "z"], ["x", "y", "z", "intensity"]]) {
    for (let field = 0; field < names.length; field++) {
      const values = new Float32Array(names.length * 40);
      for (let point = 0; point < 40; point++) {
        // 128 more than the most is the least.
        const value = point < 20 ? most : least;
        values[point * names.length + field] = value;
      }
      const { bytes } = plainEncoder(1).encode(pointCloud(values, names));
      assertEquals(toFloat32(decoder().decode(bytes)), values);
    }
  }
});

Deno.test("CloudiniDecoder refuses any truncation", () => {
  const cloud = wander(20);
  toFloat32(cloud)[7] = NaN;
  toFloat32(cloud)[30] = 1e6;
  for (
    const { bytes } of [encoder().encode(cloud), plainEncoder().encode(cloud)]
  ) {
    const whole = bytes.slice();
    for (let length = 0; length < whole.length; length++) {
      assertThrows(
        () => decoder().decode(whole.subarray(0, length)),
        PointsError,
      );
    }
    assertEquals(decoder().decode(whole).points, 20);
  }
});

Deno.test("CloudiniDecoder allocates nothing for points that are not there", () => {
  const lies = [
    ["width: 4294967295", "too-large"],
    ["width: 4294967295\nheight: 4294967295", "too-large"],
    ["width: 4000000", "length"],
  ] as const;
  const allocated = countAllocated(() => {
    for (const [width, reason] of lies) {
      for (const chunks of [[], [ZEROS]]) {
        const height = width.includes("height") ? undefined : "height: 1";
        const text = headerText({ width, height });
        assertRefused(assemble(text, chunks), reason, "");
      }
    }
  });
  assert(allocated < 100_000, `${allocated} bytes`);
  const chunks = Array.from({ length: 123 }, () => ZEROS);
  const text = headerText({ width: "width: 4000000" });
  const bytes = assemble(text, chunks);
  const byChunk = countAllocated(() => {
    assertRefused(bytes, "length", "ends before");
  });
  assert(byChunk < 500_000, `${byChunk} bytes, more than for one chunk`);
});

Deno.test("CloudiniDecoder makes room as chunks decode", () => {
  const cloud = wander(300_000);
  const { bytes } = plainEncoder().encode(cloud);
  const fresh = decoder();
  const allocated = countAllocated(() => fresh.decode(bytes));
  assert(allocated < 3 * cloud.data.length, `${allocated} bytes`);
  const again = countAllocated(() => fresh.decode(bytes));
  assert(again < 100, `${again} bytes`);
});

const { decompress: inBrowser } = await loadWasmZstd();

Deno.test("CloudiniDecoder stops a zstd bomb at what the header promised", () => {
  const bomb = zstdCompress(new Uint8Array(50_000_000).fill(1), 1);
  const text = headerText({ compression: "compression_opt: ZSTD" });
  const bytes = assemble(text, [bomb]);
  for (const zstd of [zstdDecompress, inBrowser]) {
    const allocated = countAllocated(() => {
      const error = assertThrows(
        () => new CloudiniDecoder({ zstd }).decode(bytes),
        PointsError,
        "expected at most 15",
      );
      assertEquals(error.reason, "too-large");
    });
    assert(allocated < 100_000, `${allocated} bytes`);
  }
});

Deno.test("CloudiniDecoder reads at most as many bytes as it may", () => {
  const { bytes } = plainEncoder().encode(wander(101));
  assertEquals(
    new CloudiniDecoder({ maxBytes: 1212 }).decode(bytes).points,
    101,
  );
  const strict = new CloudiniDecoder({ maxBytes: 1211 });
  assertThrows(() => strict.decode(bytes), PointsError, "at most 1211 bytes");
});

Deno.test("CloudiniDecoder refuses zstd where it has no decompressor", () => {
  const { bytes } = encoder().encode(wander(10));
  assertThrows(
    () => new CloudiniDecoder().decode(bytes),
    PointsError,
    "without a decompressor",
  );
});

Deno.test("CloudiniDecoder goes on after any error and any size", () => {
  const reused = decoder();
  for (const points of [5, 70_000, 1, 0, 40_000]) {
    const cloud = wander(points);
    const { bytes } = encoder().encode(cloud);
    assertThrows(() => reused.decode(bytes.subarray(0, -1)), PointsError);
    assertEquals(reused.decode(bytes), decoder().decode(bytes));
  }
});

Deno.test("CloudiniDecoder reads a buffer at any offset", () => {
  const { bytes } = encoder().encode(wander(50));
  const due = decoder().decode(bytes);
  for (let offset = 0; offset < 8; offset++) {
    const buffer = new Uint8Array(offset + bytes.length + 3);
    buffer.set(bytes, offset);
    const view = buffer.subarray(offset, offset + bytes.length);
    assertEquals(decoder().decode(view), due);
  }
});
