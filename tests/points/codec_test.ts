import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import {
  type Column,
  column,
  namesOf,
  type PointCloud,
  toFloat32,
} from "../../lib/points/cloud.ts";
import { createDecoder, createEncoder } from "../../lib/points/codecs.ts";
import { PointsError } from "../../lib/points/errors.ts";
import {
  type EncodedCloud,
  FRAME_CODECS,
  type FrameCodec,
} from "../../lib/points/codec.ts";
import { isFloat, XYZ } from "../../lib/points/field.ts";
import { zstdDecompress } from "../../lib/points/zstd/zstd.ts";
import { loadWasmZstd } from "../../lib/points/zstd/wasm.ts";
import { countAllocated } from "./allocations.ts";
import { wander } from "./cloudini/support.ts";
import { anyCloud, assertSameBits } from "./file_clouds.ts";

const { decompress: inBrowser } = await loadWasmZstd();
const ZSTD = { none: zstdDecompress, node: zstdDecompress, browser: inBrowser };

const anyResolution = fc.constantFrom(0.001, 0.01, 1, 1e-4, 0.37, 1e-7, 1000);

/** Reads what an encoder wrote. */
function decode(
  { codec, bytes, shape }: EncodedCloud,
  zstd = zstdDecompress,
): PointCloud {
  return createDecoder(codec, { layout: shape, zstd }).decode(bytes);
}

for (const codec of ["f32", "raw", "npy"] as const) {
  Deno.test(`${codec} gives back any cloud as it was`, () => {
    const encoder = createEncoder(codec);
    fc.assert(fc.property(anyCloud(), (cloud) => {
      const encoded = encoder.encode(cloud);
      assertSameBits(decode(encoded), cloud);
      const { data, ...shape } = decode(encoded);
      assertEquals(shape, encoded.shape);
      assertEquals(data.length, shape.points * shape.stride);
      assertEquals(encoded.steps, {});
    }));
  });
}

/** The bits of one field's values. */
function bitsOf(cloud: PointCloud, name: string): Uint8Array {
  return new Uint8Array(column(cloud, name).buffer);
}

/** Checks that values are within half a step, and the rounding of their type. */
function assertWithin(
  before: Column,
  after: Column,
  resolution: number,
): void {
  // Four roundings: of the resolution, its inverse, two products.
  const relative = before instanceof Float64Array ? 2 ** -23 : 4 * 2 ** -24;
  before.forEach((given: number | bigint, i: number) => {
    const value = Number(given);
    const back = Number(after[i]);
    if (Number.isNaN(value)) return assert(Number.isNaN(back));
    if (value === back) return;
    const bound = resolution / 2 * (1 + relative) + Math.abs(value) * relative;
    assert(Math.abs(back - value) <= bound, `${value} came back as ${back}`);
  });
}

for (const [name, zstd] of Object.entries(ZSTD)) {
  Deno.test(`cloudini (zstd: ${name}) rounds positions, and keeps all else`, () => {
    const compression = name === "none" ? "none" : "zstd";
    fc.assert(
      fc.property(anyCloud(), anyResolution, (cloud, resolution) => {
        const encoder = createEncoder("cloudini", { resolution, compression });
        const encoded = encoder.encode(cloud);
        const decoded = decode(encoded, zstd);
        assertEquals(namesOf(decoded.fields), namesOf(cloud.fields));
        for (const { name, type } of cloud.fields) {
          const step = encoded.steps[name];
          if (step === undefined) {
            assertEquals(bitsOf(decoded, name), bitsOf(cloud, name), name);
            continue;
          }
          assert(XYZ.includes(name) && isFloat(type), name);
          assertEquals(step, resolution);
          assertWithin(column(cloud, name), column(decoded, name), step);
        }
      }),
      { numRuns: 300 },
    );
  });
}

Deno.test("cloudini rounds the fields that are named, and those alone", () => {
  const cloud = wander(1000, ["x", "y", "z", "range", "intensity"]);
  const encoder = createEncoder("cloudini", {
    resolution: 0.002,
    resolutions: { range: 0.25 },
  });
  for (const factor of [1, 4]) {
    const encoded = encoder.coarser!(factor).encode(cloud);
    const { range, intensity, ...positions } = encoded.steps;
    assertEquals(range, 0.25 * factor);
    assertEquals(intensity, undefined);
    const step = 0.002 * factor;
    assertEquals(positions, { x: step, y: step, z: step });
    const decoded = decode(encoded);
    const before = bitsOf(cloud, "intensity");
    assertEquals(bitsOf(decoded, "intensity"), before);
    assertWithin(column(cloud, "range"), column(decoded, "range"), range);
  }
});

/** Files that each decoder reads, small, of every form it has. */
function examples(codec: FrameCodec): Uint8Array[] {
  const cloud = wander(12);
  toFloat32(cloud)[4] = NaN;
  const wide = wander(9, ["x", "y", "z", "ring"]);
  const compression = ["none", "zstd"] as const;
  return [cloud, wide, wander(0)].flatMap((cloud) =>
    compression.map((compression) =>
      createEncoder(codec, { compression })
        .encode(cloud).bytes.slice()
    )
  );
}

for (const codec of FRAME_CODECS) {
  for (const [name, zstd] of Object.entries(ZSTD)) {
    if (name === "none" || codec !== "cloudini" && name !== "node") continue;
    const label = codec === "cloudini" ? `${codec} (zstd: ${name})` : codec;

    Deno.test(`${label} reads any bytes or throws PointsError`, () => {
      const files = examples(codec);
      const decoder = createDecoder(codec, { zstd, maxBytes: 1_600_000 });
      const changed = fc.tuple(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }),
        fc.nat(10),
        fc.uint8Array({ maxLength: 3 }),
      ).map(([file, changes, cut, more]) => {
        const bytes = file.slice(0, file.length - cut);
        if (bytes.length === 0) return more;
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return Uint8Array.of(...bytes, ...more);
      });
      const prefixed = fc.tuple(
        fc.constantFrom(...files),
        fc.nat(200),
        fc.uint8Array({ maxLength: 100 }),
      ).map(([file, length, tail]) =>
        Uint8Array.of(...file.subarray(0, length), ...tail)
      );
      const anyBytes = fc.oneof(fc.uint8Array(), changed, prefixed);
      fc.assert(
        fc.property(anyBytes, (bytes) => {
          try {
            const { points, stride, data } = decoder.decode(bytes);
            assertEquals(data.length, points * stride);
          } catch (error) {
            assert(error instanceof PointsError, `${error}`);
          }
        }),
        { numRuns: 1000 },
      );
      for (const file of files) decoder.decode(file);
    });
  }
}

Deno.test("npy and cloudini refuse files cut off anywhere", () => {
  for (const codec of ["npy", "cloudini"] as const) {
    const decoder = createDecoder(codec);
    for (const file of examples(codec)) {
      for (let length = 0; length < file.length; length++) {
        assertThrows(
          () => decoder.decode(file.subarray(0, length)),
          PointsError,
        );
      }
    }
  }
});

Deno.test("decoding takes memory in proportion to what there is", () => {
  for (const codec of ["npy", "cloudini"] as const) {
    const decoder = createDecoder(codec);
    for (const file of examples(codec)) {
      const text = new TextDecoder("latin1").decode(file);
      for (const claim of ["4000000000", "4000000"]) {
        const lie = text.replace(/width: \d+/, `width: ${claim}`)
          .replace(/\(\d+,/, `(${claim},`);
        assertNotEquals(lie, text);
        const bytes = Uint8Array.from(lie, (char) => char.charCodeAt(0));
        const allocated = countAllocated(() => {
          assertThrows(() => decoder.decode(bytes), PointsError);
        });
        assert(allocated < 10 * bytes.length, `${allocated} bytes`);
      }
    }
  }
});
