import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { type PointCloud, pointCloud } from "../../lib/points/cloud.ts";
import { createDecoder, createEncoder } from "../../lib/points/codecs.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { FRAME_CODECS, type FrameCodec } from "../../lib/points/codec.ts";
import { zstdDecompress } from "../../lib/points/zstd/zstd.ts";
import { loadWasmZstd } from "../../lib/points/zstd/wasm.ts";
import { countAllocated } from "./allocations.ts";
import { encodeNaively } from "./cloudini/naive.ts";
import { wander } from "./cloudini/support.ts";

const { decompress: inBrowser } = await loadWasmZstd();
const ZSTD = { none: zstdDecompress, node: zstdDecompress, browser: inBrowser };

/** float32 of every size, and NaN. */
const anyValue = fc.float({ noDefaultInfinity: true });

/** As in scans: values of some metres, which repeat, creep and jump. */
const scanValue = fc.oneof(
  { weight: 8, arbitrary: fc.float({ min: -100, max: 100, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, NaN, 0.0005, 1, 2e6, -2e6) },
);

/** Clouds of these fields. */
function clouds(
  names: string[],
  value: fc.Arbitrary<number>,
): fc.Arbitrary<PointCloud> {
  const point = fc.tuple(...names.map(() => value));
  // A point and how often it repeats, so that chunks and runs come up.
  const run = fc.tuple(point, fc.integer({ min: 1, max: 3 }));
  return fc.array(run, { maxLength: 60 }).map((runs) =>
    pointCloud(
      Float32Array.from(
        runs.flatMap(([values, times]) => Array(times).fill(values).flat()),
      ),
      names,
    )
  );
}

const anyCloud = fc.oneof(
  clouds(["x", "y", "z"], anyValue),
  clouds(["x", "y", "z"], scanValue),
  clouds(["x", "y", "z", "intensity"], anyValue),
  clouds(["x", "y", "z", "ring"], scanValue),
  clouds(["x", "y", "z", "intensity", "c4", "t"], scanValue),
);

const anyResolution = fc.constantFrom(0.001, 0.01, 1, 1e-4, 0.37, 1e-7, 1000);

function assertWithin(
  { values }: PointCloud,
  decoded: PointCloud,
  resolution: number,
): void {
  assertEquals(decoded.values.length, values.length);
  // Four roundings to float32: of the resolution, its inverse, two products.
  const relative = 4 * 2 ** -24;
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return assert(Number.isNaN(decoded.values[i]));
    const error = Math.abs(decoded.values[i] - value);
    const bound = resolution / 2 * (1 + relative) + Math.abs(value) * relative;
    assert(error <= bound, `${value} came back as ${decoded.values[i]}`);
  });
}

for (const codec of ["f32", "npy"] as const) {
  Deno.test(`${codec} gives back any cloud as it was`, () => {
    const encoder = createEncoder(codec);
    const npyDecoder = createDecoder(codec);
    fc.assert(fc.property(anyCloud, (cloud) => {
      const { fields } = cloud;
      const encoded = encoder.encode(cloud);
      assertEquals(encoded.codec, codec);
      const decoder = codec === "npy"
        ? npyDecoder
        : createDecoder(codec, { fields });
      assertEquals(decoder.decode(encoded.bytes), cloud);
    }));
  });
}

for (const [name, zstd] of Object.entries(ZSTD)) {
  Deno.test(`cloudini (zstd: ${name}) gives back any cloud within half a resolution`, () => {
    fc.assert(
      fc.property(anyCloud, anyResolution, (cloud, resolution) => {
        const { values, fields } = cloud;
        const { codec, bytes } = createEncoder("cloudini", {
          resolution,
          compression: name === "none" ? "none" : "zstd",
        }).encode(cloud);
        const multiplier = Math.fround(1 / Math.fround(resolution));
        const fits = fields.length <= 4 && values.every((value) => {
          const steps = Math.fround(value * multiplier);
          return Number.isNaN(steps) ||
            steps >= -(2 ** 31) && steps < 2 ** 31;
        });
        assertEquals(codec, fits ? "cloudini" : "f32");
        const decoder = createDecoder(codec, { zstd, fields });
        const decoded = decoder.decode(bytes);
        assertEquals(decoded.fields, fields);
        assertWithin(cloud, decoded, fits ? resolution : 0);
      }),
      { numRuns: 300 },
    );
  });
}

Deno.test("cloudini encodes any cloud as its description says", () => {
  const cases = fc.tuple(
    fc.oneof(
      clouds(["x", "y", "z"], scanValue),
      clouds(["x", "y", "z", "i"], scanValue),
      clouds(["x", "y", "z"], fc.float({ min: -2e6, max: 2e6 })),
    ),
    fc.constantFrom("0.001", "0.01", "1", "0.37"),
  );
  fc.assert(
    fc.property(cases, ([{ fields, values, points }, resolution]) => {
      const { bytes } = createEncoder("cloudini", {
        resolution: Number(resolution),
        compression: "none",
      }).encode({ fields, values, points });
      const due = encodeNaively({
        names: [...fields],
        resolutions: fields.map(() => resolution),
        values: [...values],
      });
      assertEquals(bytes, due);
    }),
    { numRuns: 300 },
  );
});

/** Files that each decoder reads, small, of every form it has. */
function examples(codec: FrameCodec): Uint8Array[] {
  const cloud = wander(12);
  cloud.values[4] = NaN;
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
      const decoder = createDecoder(codec, { zstd, maxPoints: 100_000 });
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
            const { points, fields, values } = decoder.decode(bytes);
            assertEquals(values.length, points * fields.length);
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
