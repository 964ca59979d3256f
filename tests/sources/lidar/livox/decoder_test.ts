import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { livox } from "../../../../lib/sources/lidar/livox/make.ts";
import { numbersOf } from "../numbers.ts";
import {
  createLivoxPacket,
  createLivoxPackets,
  type RawPoint,
} from "./packets.ts";

/** 2023-11-14 22:13:20 UTC. */
const NOW_NS = 1_700_000_000_000_000_000n;
const NOW = 1_700_000_000_000;

/** One place, (3, -4, 12) m, in the numbers of each type. */
const PLACES: Record<number, [number, number, number]> = {
  1: [3000, -4000, 12_000],
  2: [300, -400, 1200],
  // 13 m, 22.62 degrees from the zenith, 306.87 degrees around it.
  3: [13_000, 2262, 30_687],
};

Deno.test("A Mid-360's points are where they are in each of its types", () => {
  for (const type of [1, 2, 3]) {
    const point: RawPoint = {
      numbers: PLACES[type],
      reflectivity: 200,
      tag: 0x14,
    };
    const nothing: RawPoint = { numbers: [0, 0, 0], reflectivity: 9, tag: 0 };
    const packet = createLivoxPacket({
      ...{ type, ns: NOW_NS, interval: 30 },
      points: [point, nothing, point],
    });
    assert(livox.recognizes(packet, 56_301));
    const decoder = livox.createDecoder();
    assertEquals(decoder.push(packet, NOW + 5), undefined);
    const scan = decoder.end();
    assert(scan !== undefined);
    const { cloud, captureTime } = scan;
    assertEquals(captureTime, NOW);
    assertEquals(cloud.points, 2);
    const slack = type === 3 ? 2e-3 : 1e-6;
    for (const [i, name] of ["x", "y", "z"].entries()) {
      for (const value of numbersOf(cloud, name)) {
        assertAlmostEquals(value, [3, -4, 12][i], slack);
      }
    }
    assertEquals(numbersOf(cloud, "intensity"), [200, 200]);
    assertEquals(numbersOf(cloud, "tag"), [0x14, 0x14]);
    assertEquals(numbersOf(cloud, "line"), [0, 2]);
    // Three points take 3 microseconds.
    assertEquals(numbersOf(cloud, "t"), [0, 2000]);
  }
});

Deno.test("A Mid-360's frame is a tenth of a second of its clock", () => {
  const start = NOW_NS + 50_000_000n;
  const packets = createLivoxPackets({ count: 500, type: 1, ns: start });
  const decoder = livox.createDecoder();
  const frames = [
    ...packets.map((packet) => decoder.push(packet, NOW)),
    decoder.end(),
  ].filter((frame) => frame !== undefined);
  // 240 ms, of which the first 50 ms are the end of a tenth.
  const times = frames.map(({ captureTime }) => captureTime - NOW);
  assertEquals(frames.length, 3);
  for (const [i, time] of [50, 100, 200].entries()) {
    assertAlmostEquals(times[i], time, 0.5);
  }
  const points = frames.map(({ cloud }) => cloud.points);
  assertEquals(points.reduce((sum, n) => sum + n), 500 * 96);
  assertAlmostEquals(points[1], 20_000, 96);
  for (const { cloud } of frames) {
    const t = numbersOf(cloud, "t");
    assert(t.every((time, i) => i === 0 ? time === 0 : time > t[i - 1]));
  }
});

Deno.test("A Livox without the time is as old as its packets", () => {
  const [packet] = createLivoxPackets({ count: 1, type: 1, ns: 5_000_000n });
  const decoder = livox.createDecoder();
  decoder.push(packet, NOW);
  assertEquals(decoder.end()?.captureTime, NOW);
});

Deno.test("Packets of a Livox that never came are counted", () => {
  const packets = createLivoxPackets({ count: 20, type: 2 });
  const decoder = livox.createDecoder();
  for (const [i, packet] of packets.entries()) {
    if (i !== 7 && i !== 8) decoder.push(packet, NOW);
  }
  // It starts again, which loses nothing.
  decoder.push(packets[0], NOW);
  assertEquals(decoder.counts, { lost: 2, refused: 0 });
});

Deno.test("What is no Livox's packet of points is refused, and told why", () => {
  const [packet] = createLivoxPackets({ count: 1, type: 1 });
  const decoder = livox.createDecoder();
  const cases: [string, Uint8Array][] = [
    ["30 bytes", packet.subarray(0, 30)],
    ["version 0, not 5", packet.with(0, 5)],
    ["type 0", packet.with(10, 0)],
    ["95 points", packet.with(5, 95)],
    ["and has 1379", packet.subarray(0, -1)],
  ];
  for (const [reason, bytes] of cases) {
    assertEquals(livox.recognizes(bytes, 56_301), false);
    assertEquals(decoder.push(bytes, NOW), undefined);
    assert(decoder.reason?.includes(reason), decoder.reason);
  }
  assertEquals(decoder.counts.refused, cases.length);
});
