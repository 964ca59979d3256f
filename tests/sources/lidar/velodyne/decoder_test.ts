import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { velodyne } from "../../../../lib/sources/lidar/velodyne/make.ts";
import type { TimedCloud } from "../../../../lib/sources/source.ts";
import { numbersOf } from "../numbers.ts";
import { createPackets, MODES, SENSORS } from "./packets.ts";

/** An hour that has just begun. */
const HOUR = Date.UTC(2024, 4, 1, 12);

const TEN_HERTZ = 0.36;

/** Points of a packet. */
const PACKET = 384;

function decodeAll(packets: Uint8Array[], receivedAt: number): TimedCloud[] {
  const decoder = velodyne.createDecoder();
  const scans = packets.map((packet) => decoder.push(packet, receivedAt));
  assertEquals(decoder.counts, { lost: 0, refused: 0 });
  return [...scans, decoder.end()].filter((scan) => scan !== undefined);
}

/** A Puck's packet whose only return is the first laser's, 10 m away. */
function onePoint(azimuth: number, micros: number): Uint8Array {
  const packet = new Uint8Array(1206);
  const view = new DataView(packet.buffer);
  for (let block = 0; block < 12; block++) {
    view.setUint16(block * 100, 0xeeff, true);
    view.setUint16(block * 100 + 2, (azimuth + 40 * block) % 36_000, true);
  }
  view.setUint16(4, 5000, true);
  packet[6] = 77;
  view.setUint32(1200, micros, true);
  packet[1204] = MODES.strongest;
  packet[1205] = SENSORS["VLP-16"].product;
  return packet;
}

Deno.test("A Puck's point is where its manual says", () => {
  const [{ cloud }] = decodeAll([onePoint(9000, 0)], HOUR);
  const value = (name: string) => numbersOf(cloud, name)[0];
  assertEquals(cloud.points, 1);
  // Ninety degrees clockwise is to the right; the first laser looks 15 down,
  // from 11.2 mm above the origin.
  assertAlmostEquals(value("x"), 0, 1e-5);
  assertAlmostEquals(value("y"), -10 * Math.cos(Math.PI / 12), 1e-5);
  assertAlmostEquals(value("z"), 0.0112 - 10 * Math.sin(Math.PI / 12), 1e-4);
  assertEquals(value("intensity"), 77);
  assertEquals(value("ring"), 0);
});

Deno.test("A turn of a Velodyne is a scan, from azimuth 0 to the next", () => {
  for (const sensor of Object.values(SENSORS)) {
    for (const mode of Object.values(MODES)) {
      // 250 ms, from 90 degrees on: most of a turn, a turn, most of another.
      const blocks = Math.floor(
        12 / (sensor.banks * (mode === MODES.dual ? 2 : 1)),
      );
      const count = Math.round(250_000 / (blocks * sensor.column));
      const scans = decodeAll(
        createPackets(sensor, {
          ...{ count, mode, azimuth: 9000, rate: TEN_HERTZ },
        }),
        HOUR,
      );
      assertEquals(scans.length, 3);
      const [first, , last] = scans.map(({ captureTime }) => captureTime);
      assertAlmostEquals(first, HOUR + 1000, 0.01);
      assertAlmostEquals(last - first, 175, 0.2);
      for (const { cloud } of scans) {
        assert(numbersOf(cloud, "ring").includes(0));
        assert(numbersOf(cloud, "t").every((t) => t < 101e6));
      }
      // The middle one has all around it, and the first nothing to the right.
      const sides = scans.map(({ cloud }) => {
        const ahead = numbersOf(cloud, "x").map((x) => x > 30);
        return numbersOf(cloud, "y").filter((_, i) => ahead[i]).map(Math.sign);
      });
      assert(sides[1].includes(-1) && sides[1].includes(1));
      // But for the last firing, which goes on while the head turns, and
      // lasers that look to the side.
      if (sensor.product < SENSORS["VLP-32C"].product) {
        assert(!sides[0].slice(0, -PACKET).includes(-1));
      }
    }
  }
});

Deno.test("A time past the hour is of the hour that its packet came in", () => {
  for (
    const [micros, receivedAt, captureTime] of [
      [2_000_000, HOUR + 2005, HOUR + 2000],
      // It was measured before the hour struck.
      [3_599_999_000, HOUR + 3, HOUR - 1],
      [500, HOUR - 3, HOUR + 0.5],
      // Nobody told the sensor the time.
      [1_800_000_000, HOUR + 3, HOUR + 3],
    ]
  ) {
    const [scan] = decodeAll([onePoint(0, micros)], receivedAt);
    assertAlmostEquals(scan.captureTime, captureTime, 1e-3);
  }
});

Deno.test("A scan goes on over the end of the hour", () => {
  const packets = createPackets(SENSORS["VLP-16"], {
    ...{ count: 20, mode: MODES.strongest, azimuth: 0, rate: TEN_HERTZ },
    micros: 3_599_990_000,
  });
  const scans = decodeAll(packets, HOUR);
  assertEquals(scans.length, 1);
  assertAlmostEquals(scans[0].captureTime, HOUR - 10, 0.01);
  const last = numbersOf(scans[0].cloud, "t").at(-1)!;
  assertAlmostEquals(last / 1e3, 20 * 12 * 110.592 - 21, 20);
});

Deno.test("A head that stands still gives a scan a second", () => {
  const packets = createPackets(SENSORS["HDL-32E"], {
    ...{ count: 4000, mode: MODES.strongest, azimuth: 100, rate: 0 },
  });
  assertEquals(decodeAll(packets, HOUR).length, 3);
});

Deno.test("A sensor that sends another mode begins another scan", () => {
  const same = { count: 10, azimuth: 100, rate: TEN_HERTZ };
  const decoder = velodyne.createDecoder();
  const [single, dual] = [MODES.last, MODES.dual].map((mode) =>
    createPackets(SENSORS["VLP-16"], { ...same, mode })
  );
  for (const packet of single) assertEquals(decoder.push(packet, 0), undefined);
  const scan = decoder.push(dual[0], 0);
  assert(scan !== undefined);
  assert(numbersOf(scan.cloud, "return_type").every((type) => type === 2));
});

Deno.test("What is no Velodyne's packet is refused, and told why", () => {
  const decoder = velodyne.createDecoder();
  const packet = onePoint(0, 0);
  const cases: [string, Uint8Array][] = [
    ["not 1205", packet.subarray(1)],
    ["ff ee", new Uint8Array(1206)],
    ["Product 0x63", packet.with(1205, 0x63)],
    ["Return mode 0x40", packet.with(1204, 0x40)],
  ];
  for (const [reason, bytes] of cases) {
    assertEquals(velodyne.recognizes(bytes, 2368), false);
    assertEquals(decoder.push(bytes, 0), undefined);
    assert(decoder.reason?.includes(reason), decoder.reason);
  }
  assertEquals(decoder.counts, { lost: 0, refused: 4 });
  assertEquals(decoder.end(), undefined);
});
