/**
 * Packets as Ouster's SDK writes them, read by us: the SDK says the same of
 * each point, of every profile.
 */
import { assert, assertEquals } from "@std/assert";
import { column, type PointCloud } from "../../lib/points/cloud.ts";
import { ouster } from "../../lib/sources/lidar/ouster/make.ts";
import { PROFILES } from "../../lib/sources/lidar/ouster/profiles.ts";
import { COLUMNS, metadataOf, ROWS } from "../sources/lidar/ouster_packets.ts";
import { ROOT, temporaryFolder, testWith } from "../support.ts";

const PYTHON = Deno.env.get("LIDAR_PYTHON");
const POINTS = ROWS * COLUMNS;
/** Of a point's distance. */
const TOLERANCE = 1e-5;

/** Packets that the SDK wrote, and behind them what it says is in them. */
async function packetsOf(
  profile: string,
  header: "STANDARD" | "FUSA",
): Promise<{ packets: Uint8Array[]; rest: ArrayBuffer }> {
  await using folder = await temporaryFolder();
  const metadata = `${folder.path}/sensor.json`;
  await Deno.writeTextFile(metadata, JSON.stringify(metadataOf()));
  const { success, stdout, stderr } = await new Deno.Command(PYTHON!, {
    args: [`${ROOT}tests/peers/ouster_sdk.py`, metadata, profile, header],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const view = new DataView(stdout.buffer, stdout.byteOffset);
  const [count, size] = [view.getUint32(0, true), view.getUint32(4, true)];
  const packets = Array.from(
    { length: count },
    (_, i) => stdout.subarray(8 + i * size, 8 + (i + 1) * size),
  );
  return { packets, rest: stdout.slice(8 + count * size).buffer };
}

/** Compares the points of one return, and gives the bytes that were read. */
function compare(cloud: PointCloud, at: number, rest: ArrayBuffer): void {
  const bytesOfReturn = POINTS * (3 * 8 + 3 * 4);
  const from = at * bytesOfReturn;
  const xyz = new Float64Array(rest.slice(from, from + POINTS * 24));
  const ours = ["x", "y", "z"].map((name) =>
    column(cloud, name).slice(at * POINTS, (at + 1) * POINTS)
  );
  for (let i = 0; i < POINTS; i++) {
    const theirs = xyz.subarray(3 * i, 3 * i + 3);
    const distance = Math.hypot(...theirs);
    for (const [axis, value] of theirs.entries()) {
      const own = Number(ours[axis][i]);
      if (distance === 0) assert(Number.isNaN(own), `point ${i} has none`);
      else {
        const error = Math.abs(own - value) / distance;
        assert(error <= TOLERANCE, `point ${i}: ${own}, not ${value}`);
      }
    }
  }
  for (const [i, name] of ["reflectivity", "signal", "near_ir"].entries()) {
    const start = from + POINTS * (24 + 4 * i);
    const theirs = new Uint32Array(rest.slice(start, start + POINTS * 4));
    if (!cloud.fields.some((field) => field.name === name)) {
      assert(theirs.every((value) => value === 0), `${name} is missing`);
      continue;
    }
    const values = column(cloud, name).slice(at * POINTS, (at + 1) * POINTS);
    assertEquals(Uint32Array.from(values, Number), theirs, name);
  }
}

for (const [profile, { returns }] of PROFILES) {
  testWith(
    ["ouster-sdk"],
    `Packets of ${profile} hold what Ouster's SDK wrote`,
    async () => {
      const header = profile.startsWith("FUSA") ? "FUSA" : "STANDARD";
      const { packets, rest } = await packetsOf(profile, header);
      const decoder = ouster.createDecoder({
        metadata: metadataOf({ udp_profile_lidar: profile }),
      });
      assert(packets.every((packet) => ouster.recognizes(packet, 7502)));
      const scans = packets.map((packet) => decoder.push(packet, 0));
      assertEquals(decoder.counts, { lost: 0, refused: 0 }, decoder.reason);
      const cloud = scans.at(-1)?.cloud;
      assert(cloud !== undefined);
      assertEquals(
        [cloud.width, cloud.height],
        [COLUMNS, ROWS * returns.length],
      );
      for (const at of returns.keys()) compare(cloud, at, rest);
    },
  );
}
