import { assert, assertEquals, assertThrows } from "@std/assert";
import { column, namesOf } from "../../../lib/points/cloud.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import { readMetadata } from "../../../lib/sources/lidar/ouster/metadata.ts";
import { ouster } from "../../../lib/sources/lidar/ouster/make.ts";
import type { TimedCloud } from "../../../lib/sources/source.ts";
import {
  COLUMNS,
  flatMetadata,
  metadataOf,
  packetOf,
  packetsOfFrame,
  ROWS,
} from "./ouster_packets.ts";

const createDecoder = (metadata: unknown = metadataOf()) =>
  ouster.createDecoder({ metadata });

function pushAll(
  decoder: ReturnType<typeof createDecoder>,
  packets: readonly Uint8Array[],
  receivedAt = 50_000,
): TimedCloud[] {
  return packets.map((packet) => decoder.push(packet, receivedAt))
    .filter((scan) => scan !== undefined);
}

Deno.test("A scan comes with its last packet, a row for each beam", () => {
  const decoder = createDecoder();
  const [scan, ...more] = pushAll(decoder, packetsOfFrame(7));
  assertEquals(more, []);
  const { cloud, captureTime } = scan;
  assertEquals([cloud.width, cloud.height], [COLUMNS, ROWS]);
  assertEquals(namesOf(cloud.fields), [
    ...["x", "y", "z", "t", "ring", "reflectivity", "near_ir"],
  ]);
  assertEquals(captureTime, 50_000);
  assertEquals(
    column(cloud, "ring"),
    Uint16Array.from({ length: ROWS * COLUMNS }, (_, i) => i / COLUMNS),
  );
  // Each row is turned by its shift: row 0 by one column ahead.
  const t = column(cloud, "t");
  assertEquals(t[1], 0);
  assertEquals(t[0], (COLUMNS - 1) * 1_000_000);
  assertEquals(t[2 * COLUMNS - 1], 0);
  assertEquals(decoder.counts, { lost: 0, refused: 0 });
});

Deno.test("A beam without a return has no place, but its other values", () => {
  const range = (row: number) => row === 3 ? 0 : 800;
  const [{ cloud }] = pushAll(createDecoder(), packetsOfFrame(1, { range }));
  const x = column(cloud, "x");
  const isRow3 = (i: number) => Math.floor(i / COLUMNS) === 3;
  assert(x.every((value, i) => Number.isNaN(value) === isRow3(i)));
  assertEquals(column(cloud, "reflectivity")[3 * COLUMNS], 3);
});

Deno.test("The sensor's clock gives the capture time where it is Unix time", () => {
  const time = 1_700_000_000_123_000_000n;
  const [scan] = pushAll(
    createDecoder(),
    packetsOfFrame(1, { time }),
    1_700_000_000_200,
  );
  assertEquals(scan.captureTime, 1_700_000_000_123);
});

Deno.test("What is lost is counted, and the rest of the scan is given", () => {
  const decoder = createDecoder();
  pushAll(decoder, packetsOfFrame(1));
  const second = packetsOfFrame(2).toSpliced(1, 1);
  // Frame 3 is lost as a whole.
  const [scan] = pushAll(decoder, [...second, ...packetsOfFrame(4)]);
  assertEquals(decoder.counts, { lost: 1 + 4, refused: 0 });
  const missing = column(scan.cloud, "x").filter(Number.isNaN);
  assertEquals(missing.length, ROWS * 16);
  assertEquals(column(scan.cloud, "ring")[COLUMNS], 1);
});

Deno.test("Who joins in the middle of a frame hasn't lost its beginning", () => {
  const decoder = createDecoder();
  const scans = pushAll(decoder, [
    ...packetsOfFrame(65_535).slice(2),
    ...packetsOfFrame(0),
  ]);
  // Frame 0 follows the last number that there is.
  assertEquals(scans.length, 2);
  assertEquals(decoder.counts.lost, 0);
});

Deno.test("The end of a recording gives what there is", () => {
  const decoder = createDecoder();
  pushAll(decoder, packetsOfFrame(1).slice(0, 2));
  const scan = decoder.end();
  assertEquals(scan?.cloud.points, ROWS * COLUMNS);
  assertEquals(decoder.end(), undefined);
  assertEquals(decoder.counts, { lost: 0, refused: 0 });
  // Another round may begin with any frame.
  assertEquals(pushAll(decoder, packetsOfFrame(0)).length, 1);
});

Deno.test("Packets of others are refused, and say why", () => {
  const decoder = createDecoder();
  const good = packetOf({ frame: 1, packet: 0 });
  const other = packetOf({ frame: 1, packet: 1, serial: 99 });
  const imu = good.slice();
  imu[0] = 2;
  const beyond = packetOf({ frame: 1, packet: 4 });
  const late = packetOf({ frame: 0, packet: 0 });
  decoder.push(good, 0);
  const cases: [Uint8Array, RegExp][] = [
    [good.slice(1), /it has 1279 bytes, and 1280 are expected/],
    [other, /it is of sensor 99/],
    [imu, /no packet of points/],
    [beyond, /column 64 of 64/],
    [late, /of a scan before/],
  ];
  for (const [i, [packet, why]] of cases.entries()) {
    assertEquals(decoder.push(packet, 0), undefined);
    assertEquals(decoder.counts.refused, i + 1);
    assert(why.test(decoder.reason ?? ""), decoder.reason);
  }
});

Deno.test("With a window a scan is whole when its packets are here", () => {
  const decoder = createDecoder(metadataOf({ column_window: [20, 40] }));
  const scans = pushAll(decoder, packetsOfFrame(1).slice(1, 3));
  assertEquals(scans.length, 1);
  assertEquals(scans[0].cloud.width, COLUMNS);
});

Deno.test("Flat metadata says the same", () => {
  const [flat, nested] = [flatMetadata(), metadataOf()].map(readMetadata);
  assertEquals({ ...flat, port: 7502 }, nested);
});

Deno.test("Metadata that can't be used is refused by name", () => {
  const cases: [unknown, RegExp][] = [
    [undefined, /without the sensor's metadata/],
    [[], /no JSON object/],
    [{}, /beam_altitude_angles is no list/],
    [metadataOf({ udp_profile_lidar: "toString" }), /"toString", and known/],
    [metadataOf({ columns_per_frame: 1e9 }), /1000000000, and 1 to 4096/],
    [metadataOf({ pixels_per_column: 32 }), /has 16 values, and 32/],
    [metadataOf({ columns_per_packet: 0 }), /columns_per_packet is 0/],
    [metadataOf({ pixel_shift_by_row: [1] }), /pixel_shift_by_row has 1/],
  ];
  for (const [metadata, why] of cases) {
    const error = assertThrows(
      () => ouster.createDecoder({ metadata }),
      SourceError,
    );
    assert(why.test(error.message), error.message);
  }
});

Deno.test("Ouster's packets are told from others", () => {
  const packet = packetOf({ frame: 1, packet: 2 });
  assert(ouster.recognizes(packet, 7502));
  assert(!ouster.recognizes(packet.slice(2), 7502));
  assert(!ouster.recognizes(new Uint8Array(packet.length), 7502));
  assert(!ouster.recognizes(new Uint8Array(1206), 2368));
});
