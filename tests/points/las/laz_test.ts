import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { column } from "../../../lib/points/cloud.ts";
import { PointsError } from "../../../lib/points/errors.ts";
import { decodeLas } from "../../../lib/points/las/las.ts";
import { LazPerfPool } from "../../../lib/points/las/laz_perf.ts";
import { readSmall } from "../file_clouds.ts";
import { las } from "./support.ts";

const POINTS = 300;

/** What the files were made of, of format 3 and of 8. */
const VALUES: Record<string, (i: number) => number> = {
  x: (i) => i * i * 0.001 + 500_000,
  y: (i) => -i * 3 * 0.001 + 4_000_000,
  z: (i) => i % 7 * 0.01 - 10,
  intensity: (i) => i * 200,
  return_number: (i) => i % 3 + 1,
  number_of_returns: () => 3,
  classification: (i) => i % 20,
  withheld: (i) => i % 2,
  user_data: (i) => i % 256,
  point_source_id: (i) => i + 1000,
  gps_time: (i) => 3e8 + i * 1e-4,
  red: (i) => i % 256,
  green: (i) => 255 - i % 256,
  blue: () => 1,
  reflectance: (i) => i / 8,
};
const MORE: Record<number, typeof VALUES> = {
  3: { scan_angle_rank: (i) => i % 100 - 50 },
  8: {
    scan_angle: (i) => i - 150,
    scanner_channel: (i) => i % 4,
    nir: (i) => i * 3,
  },
};

for (const format of [3, 8]) {
  Deno.test(`decodeLas() decompresses format ${format}`, async () => {
    const cloud = await decodeLas(readSmall(`returns_${format}.laz`));
    assertEquals(cloud.points, POINTS);
    const expected = { ...VALUES, ...MORE[format] };
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(
        Array.from(column(cloud, name), Number),
        Array.from({ length: POINTS }, (_, i) => value(i)),
        name,
      );
    }
  });

  Deno.test(`damaged points of format ${format} are refused or read`, async () => {
    const file = readSmall(`returns_${format}.laz`);
    const changes = fc.array(
      fc.tuple(fc.nat(file.length - 1), fc.nat(255)),
      { minLength: 1, maxLength: 4 },
    );
    const damaged = fc.tuple(changes, fc.nat(file.length)).map(
      ([changed, end]) => {
        const copy = file.slice(0, end % 3 === 0 ? end : file.length);
        for (const [at, value] of changed) {
          if (at < copy.length) copy[at] = value;
        }
        return copy;
      },
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        try {
          const { data, points, stride } = await decodeLas(bytes);
          assertEquals(data.length, points * stride);
        } catch (error) {
          assert(error instanceof PointsError, `${error}`);
        }
      }),
      { numRuns: 100 },
    );
    // What came before leaves nothing behind.
    assertEquals((await decodeLas(file)).points, POINTS);
  });
}

Deno.test("decodeLas() refuses more points than the bytes can hold", async () => {
  for (const [at, value] of [[107, 0x7fffffff], [247, 0xffffffff]]) {
    const file = readSmall(`returns_${at === 107 ? 3 : 8}.laz`).slice();
    new DataView(file.buffer).setUint32(at, value, true);
    await assertRejects(() => decodeLas(file), PointsError, "can't hold");
  }
});

Deno.test("decodeLas() refuses compressed waveforms by their format", async () => {
  for (const format of [4, 5, 9, 10]) {
    const file = las({ format, records: [] });
    file[104] |= 0x80;
    const error = await assertRejects(() => decodeLas(file), PointsError);
    assertEquals(error.reason, "unsupported");
    assert(error.message.includes(`format ${format}`), error.message);
  }
});

Deno.test("decompressing leaves no listeners on the process", async () => {
  const { default: process } = await import("node:process");
  const count = () => process.listenerCount("unhandledRejection");
  const before = count();
  await new LazPerfPool().take();
  assertEquals(count(), before);
});
