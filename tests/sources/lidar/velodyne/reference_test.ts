/** velodyne-decoder says the same of each value of each point. */
import { assert, assertEquals, assertFalse, assertLess } from "@std/assert";
import type { PointCloud } from "../../../../lib/points/cloud.ts";
import { velodyne } from "../../../../lib/sources/lidar/velodyne/make.ts";
import { ROOT, testWith } from "../../../support.ts";
import { numbersOf } from "../numbers.ts";
import { askPython } from "../python.ts";
import { createPackets, MODES, SENSORS } from "./packets.ts";

/** Values of a point as velodyne-decoder has them. */
const VALUES = 8;

/** A point, in either's words. */
interface Point {
  x: number;
  y: number;
  z: number;
  intensity: number;
  /** Nanoseconds since the first. */
  t: number;
  ring: number;
  returnType: number;
}

async function decodeWithOthers(lists: Uint8Array[][]): Promise<Point[][]> {
  const said = await askPython<string[]>(
    "velodyne/reference.py",
    lists.map((packets) => packets.map((packet) => packet.toBase64())),
  );
  return said.map((base64) =>
    theirPoints(new Float64Array(Uint8Array.fromBase64(base64).buffer))
  );
}

function theirPoints(values: Float64Array): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < values.length; i += VALUES) {
    const [x, y, z, intensity, seconds, , ring, returnType] = values.subarray(
      i,
      i + VALUES,
    );
    points.push({ x, y, z, intensity, t: seconds * 1e9, ring, returnType });
  }
  return sinceFirst(points);
}

function sinceFirst(points: Point[]): Point[] {
  const first = Math.min(...points.map(({ t }) => t));
  return points.map((point) => ({ ...point, t: point.t - first }));
}

function decode(packets: Uint8Array[]): PointCloud {
  const decoder = velodyne.createDecoder();
  for (const packet of packets) {
    assert(velodyne.recognizes(packet, 2368));
    assertEquals(decoder.push(packet, 1000), undefined);
  }
  const scan = decoder.end();
  assert(scan !== undefined);
  return scan.cloud;
}

function pointsOf(cloud: PointCloud): Point[] {
  const [x, y, z, intensity, t, ring, returnType] = [
    ...["x", "y", "z", "intensity", "t", "ring", "return_type"],
  ].map((name) => numbersOf(cloud, name));
  return sinceFirst(x.map((_, i) => ({
    ...{ x: x[i], y: y[i], z: z[i], intensity: intensity[i] },
    ...{ t: t[i], ring: ring[i], returnType: returnType[i] },
  })));
}

function inOrder(points: Point[]): Point[] {
  return points.toSorted((a, b) =>
    a.ring - b.ring || a.t - b.t || a.returnType - b.returnType
  );
}

/**
 * Compares points.
 *
 * @param slack radians that azimuths may be apart.
 */
function compare(ours: Point[], theirs: Point[], slack: number): void {
  assertEquals(ours.length, theirs.length);
  const sorted = inOrder(theirs);
  for (const [i, our] of inOrder(ours).entries()) {
    const their = sorted[i];
    const { ring, intensity, returnType } = their;
    assertEquals(
      { ring: our.ring, intensity: our.intensity, returnType: our.returnType },
      { ring, intensity, returnType },
    );
    const range = Math.hypot(their.x, their.y, their.z);
    // It computes with float32 throughout.
    const rounding = 2e-5 + range * 2e-6;
    const where = `point ${i}: ${JSON.stringify({ our, their })}`;
    assertLess(Math.abs(our.t - their.t), 10, where);
    assertLess(Math.abs(our.z - their.z), rounding, where);
    const across = Math.hypot(our.x - their.x, our.y - their.y);
    assertLess(across, rounding + range * slack, where);
  }
}

/**
 * Half a hundredth of a degree: it rounds azimuths to whole ones. Of a VLS-128
 * it takes the rate from another pair of azimuths, which are rounded too.
 */
const HALF_HUNDREDTH = 1.01 * Math.PI / 36_000;

/**
 * Leaves out a VLS-128's first packet: velodyne-decoder knows how fast it turns
 * from the second one on.
 */
function withoutFirst(points: Point[], mode: number): Point[] {
  const packet = mode === MODES.dual ? 52_000 : 168_000;
  return sinceFirst(points.filter(({ t }) => t > packet));
}

for (const [name, sensor] of Object.entries(SENSORS)) {
  testWith(
    ["velodyne-decoder"],
    `velodyne-decoder says the same of a ${name}'s packets`,
    async () => {
      const cases = Object.values(MODES).flatMap((mode) =>
        [{ rate: sensor.evenRate, slack: 0 }, {
          rate: 0.36,
          slack: sensor.banks > 1 ? 2 : 1,
        }]
          .map(({ rate, slack }) => {
            const same = { count: 8, azimuth: 4200 };
            const packets = createPackets(sensor, { ...same, mode, rate });
            return { mode, slack, packets };
          })
      );
      const theirs = await decodeWithOthers(
        cases.map(({ packets }) => packets),
      );
      for (const [i, { mode, slack, packets }] of cases.entries()) {
        const both = [pointsOf(decode(packets)), theirs[i]];
        const [our, their] = name === "VLS-128"
          ? both.map((points) => withoutFirst(points, mode))
          : both;
        compare(our, their, slack * HALF_HUNDREDTH);
      }
    },
  );
}

testWith(
  ["velodyne-decoder", "shared data"],
  "velodyne-decoder says the same of what a real sensor measured",
  async () => {
    const pcap = await Deno.readFile(
      `${ROOT}../shared/data/ouster/VLI-16-one-packet.pcap`,
    );
    // A VLI-16's blocks are a VLP-16's; its tail has six bytes more.
    const measured = pcap.subarray(-1212);
    const packet = new Uint8Array(1206);
    packet.set(measured.subarray(0, 1200));
    packet.set(measured.subarray(-6), 1200);
    packet[1205] = SENSORS["VLP-16"].product;
    const [theirs] = await decodeWithOthers([[packet]]);
    compare(pointsOf(decode([packet])), theirs, HALF_HUNDREDTH);
    assertFalse(velodyne.recognizes(measured, 2368));
  },
);
