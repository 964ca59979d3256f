import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { column, namesOf, type PointCloud } from "../../../lib/points/cloud.ts";
import {
  PointsError,
  type PointsErrorReason,
} from "../../../lib/points/errors.ts";
import { decodeLas } from "../../../lib/points/las/las.ts";
import { concat, fieldList } from "../file_clouds.ts";
import {
  anyRecord,
  describeField,
  las,
  type LasParts,
  RECORD_BYTES,
} from "./support.ts";

/** The first value of each field. */
function firstOf(cloud: PointCloud): Record<string, number | bigint> {
  return Object.fromEntries(
    namesOf(cloud.fields).map((name) => [name, column(cloud, name)[0]]),
  );
}

async function assertRefused(
  bytes: Uint8Array,
  reason: PointsErrorReason,
  text: string,
): Promise<void> {
  const error = await assertRejects(() => decodeLas(bytes), PointsError, text);
  assertEquals(error.reason, reason, error.message);
}

const CORE = "x:f8,y:f8,z:f8,intensity:u2,return_number:u1," +
  "number_of_returns:u1,scan_direction_flag:u1,edge_of_flight_line:u1," +
  "classification:u1,synthetic:u1,key_point:u1,withheld:u1," +
  "scan_angle_rank:i1,user_data:u1,point_source_id:u2";
const CORE6 = "x:f8,y:f8,z:f8,intensity:u2,return_number:u1," +
  "number_of_returns:u1,synthetic:u1,key_point:u1,withheld:u1,overlap:u1," +
  "scanner_channel:u1,scan_direction_flag:u1,edge_of_flight_line:u1," +
  "classification:u1,user_data:u1,scan_angle:i2,point_source_id:u2";
const TIME = "gps_time:f8";
const COLOR = "red:u2,green:u2,blue:u2";
const NIR = "nir:u2";
const WAVE = "wavepacket_index:u1,wavepacket_offset:u8,wavepacket_size:u4," +
  "return_point_wave_location,x_t,y_t,z_t";

Deno.test("decodeLas() reads the fields of each format of records", async () => {
  const formats = [
    [CORE],
    [CORE, TIME],
    [CORE, COLOR],
    [CORE, TIME, COLOR],
    [CORE, TIME, WAVE],
    [CORE, TIME, COLOR, WAVE],
    [CORE6, TIME],
    [CORE6, TIME, COLOR],
    [CORE6, TIME, COLOR, NIR],
    [CORE6, TIME, WAVE],
    [CORE6, TIME, COLOR, NIR, WAVE],
  ];
  for (const [format, parts] of formats.entries()) {
    const records = [1, 2, 3].map((i) => anyRecord(RECORD_BYTES[format], i));
    const cloud = await decodeLas(las({ format, records }));
    assertEquals(fieldList(cloud), parts.join(","), `format ${format}`);
    assertEquals(cloud.points, 3);
    // The last value of the last point ends where the record does.
    const last = column(cloud, cloud.fields.at(-1)!.name).slice(2);
    const bytes = new Uint8Array(last.buffer);
    assertEquals(bytes, records[2].slice(-bytes.length), `format ${format}`);
  }
});

Deno.test("decodeLas() reads the bits and numbers of old records", async () => {
  const record = new Uint8Array(34);
  const view = new DataView(record.buffer);
  [-123_456_789, 2, 2 ** 31 - 1].forEach((value, i) =>
    view.setInt32(4 * i, value, true)
  );
  view.setUint16(12, 60_000, true);
  record.set([0b10_101_011, 0b110_00101, 0x80, 200], 14);
  view.setUint16(18, 4711, true);
  view.setFloat64(20, 3e8 + 1e-7, true);
  [0x0102, 0x0304, 0xffff].forEach((value, i) =>
    view.setUint16(28 + 2 * i, value, true)
  );
  const scales = [0.001, 0.01, 1e-7];
  const origins = [500_000, -0.5, 4_000_000];
  const file = las({ format: 3, records: [record], scales, origins });
  assertEquals(firstOf(await decodeLas(file)), {
    x: -123_456_789 * 0.001 + 500_000,
    y: 2 * 0.01 - 0.5,
    z: (2 ** 31 - 1) * 1e-7 + 4_000_000,
    intensity: 60_000,
    ...{ return_number: 3, number_of_returns: 5 },
    ...{ scan_direction_flag: 0, edge_of_flight_line: 1 },
    ...{ classification: 5, synthetic: 0, key_point: 1, withheld: 1 },
    ...{ scan_angle_rank: -128, user_data: 200, point_source_id: 4711 },
    gps_time: 3e8 + 1e-7,
    ...{ red: 0x0102, green: 0x0304, blue: 0xffff },
  });
});

Deno.test("decodeLas() reads the bits of records of version 1.4", async () => {
  const record = new Uint8Array(30);
  record.set([0xa7, 0b01_10_1001, 65, 3, 0xff, 0x7f], 14);
  const first = firstOf(await decodeLas(las({ format: 6, records: [record] })));
  const { return_number, number_of_returns, synthetic, key_point } = first;
  assertEquals([return_number, number_of_returns], [7, 10]);
  assertEquals([synthetic, key_point], [1, 0]);
  const { withheld, overlap, scanner_channel, classification } = first;
  assertEquals([withheld, overlap, scanner_channel], [0, 1, 2]);
  const { scan_direction_flag, edge_of_flight_line, scan_angle } = first;
  assertEquals([scan_direction_flag, edge_of_flight_line], [1, 0]);
  assertEquals([classification, scan_angle], [65, 32_767]);
});

Deno.test("decodeLas() makes colour one of 8 bits where that is exact", async () => {
  const cases: [colors: number[][], type: string, first: number[]][] = [
    [[[1, 2, 255], [0, 0, 3]], "uint8", [1, 2, 255]],
    [[[0x0100, 0, 0xff00], [0, 0, 0x300]], "uint8", [1, 0, 255]],
    [[[257, 0, 65_535], [0, 0, 771]], "uint8", [1, 0, 255]],
    [[[257, 0, 65_535], [0, 0, 772]], "uint16", [257, 0, 65_535]],
    [[[1, 0, 0], [0, 0, 0x300]], "uint16", [1, 0, 0]],
    [[[0x0100, 0, 0], [0, 0, 257]], "uint16", [0x0100, 0, 0]],
  ];
  for (const [colors, type, first] of cases) {
    const records = colors.map((color) => {
      const record = new Uint8Array(26);
      record.set(new Uint8Array(Uint16Array.from(color).buffer), 20);
      return record;
    });
    const cloud = await decodeLas(las({ format: 2, records }));
    for (const [i, name] of ["red", "green", "blue"].entries()) {
      const field = cloud.fields.find((field) => field.name === name);
      assertEquals(field?.type, type, `${colors}`);
      assertEquals(column(cloud, name)[0], first[i], `${colors}`);
    }
  }
});

Deno.test("decodeLas() reads fields that a file describes itself", async () => {
  const record = new Uint8Array(20 + 4 + 2 + 3 + 8 + 5);
  const view = new DataView(record.buffer);
  view.setFloat32(20, 0.25, true);
  view.setUint16(24, 40, true);
  view.setBigInt64(29, -(2n ** 60n), true);
  view.setUint8(37, 7);
  const extra = [
    describeField(9, "reflectance"),
    describeField(3, "deviation", { options: 24, scale: 0.5, origin: -3 }),
    describeField(0, "nothing", { options: 3 }),
    describeField(8, "stamp"),
    describeField(1, "x"),
  ];
  const cloud = await decodeLas(
    las({ format: 0, records: [record], stride: record.length, extra }),
  );
  assertEquals(
    fieldList(cloud),
    `${CORE},reflectance,deviation:f8,stamp:i8,x_2:u1`,
  );
  const { reflectance, deviation, stamp, x_2 } = firstOf(cloud);
  assertEquals(
    [reflectance, deviation, stamp, x_2],
    [0.25, 17, -(2n ** 60n), 7],
  );
});

Deno.test("decodeLas() passes over bytes that nothing describes", async () => {
  const records = [anyRecord(25, 1), anyRecord(25, 2)];
  const cloud = await decodeLas(las({ format: 0, records, stride: 25 }));
  assertEquals(fieldList(cloud), CORE);
  assertEquals(
    column(cloud, "point_source_id")[1],
    records[1][18] +
      256 * records[1][19],
  );
});

Deno.test("decodeLas() reads a file of no points", async () => {
  for (const format of [0, 3, 6, 8]) {
    assertEquals((await decodeLas(las({ format, records: [] }))).points, 0);
  }
});

Deno.test("decodeLas() says what it refuses", async () => {
  const records = [new Uint8Array(20)];
  const file = (parts: Partial<LasParts>) =>
    las({ format: 0, records, ...parts });
  const changed = (at: number, ...values: number[]) => {
    const bytes = file({});
    bytes.set(values, at);
    return bytes;
  };
  await assertRefused(changed(0, 0), "header", "LASF");
  await assertRefused(file({}).subarray(0, 226), "header", "cut off");
  await assertRefused(changed(24, 2), "unsupported", "version 2.2");
  await assertRefused(changed(25, 5), "unsupported", "version 1.5");
  await assertRefused(changed(104, 11), "unsupported", "format 11");
  await assertRefused(changed(104, 3), "header", "records of 20 bytes");
  await assertRefused(changed(96, 0, 0, 0, 1), "header", "begin at byte");
  await assertRefused(file({ points: 2 }), "length", "2 points of 20 bytes");
  await assertRefused(
    las({ format: 6, records: [], points: 2 ** 52 }),
    "length",
    "but 0 bytes",
  );
  await assertRefused(file({ scales: [1, NaN, 1] }), "header", "NaN");
});

Deno.test("decodeLas() reads any bytes or throws PointsError", async () => {
  const files = [0, 3, 6, 10].map((format) =>
    las({
      format,
      records: [1, 2].map((i) => anyRecord(RECORD_BYTES[format] + 6, i)),
      stride: RECORD_BYTES[format] + 6,
      extra: [describeField(9, "a"), describeField(3, "b", { options: 8 })],
    })
  );
  const damaged = fc.tuple(
    fc.constantFrom(...files),
    fc.array(fc.tuple(fc.nat(450), fc.nat(255)), { maxLength: 4 }),
    fc.nat(100),
  );
  await fc.assert(
    fc.asyncProperty(damaged, async ([file, changes, cut]) => {
      const bytes = concat(file.subarray(0, file.length - cut % 90));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        const { data, points, stride } = await decodeLas(bytes);
        assertEquals(data.length, points * stride);
      } catch (error) {
        if (!(error instanceof PointsError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
