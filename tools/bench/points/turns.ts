/** A lidar with all that sensors tell of a point, as files. */
import {
  createCloud,
  type PointCloud,
  viewOf,
} from "../../../lib/points/cloud.ts";
import { packFields } from "../../../lib/points/field.ts";
import { encodePcd } from "../../../lib/points/pcd/pcd.ts";
import { lidarSource } from "../../../lib/sources/synthetic/lidar.ts";

const LAYOUT = packFields([
  ...["x", "y", "z", "intensity"].map((name) =>
    ({ name, type: "float32" }) as const
  ),
  { name: "ring", type: "uint16" },
  { name: "t", type: "uint32" },
]);
const RINGS = 128;
/** Bytes of x, y, z and intensity. */
const FLOATS = 16;

/** Writes a turn a file: so many points each, at so many turns a second. */
export async function writeTurns(
  folder: string,
  { points, rate, turns }: { points: number; rate: number; turns: number },
): Promise<void> {
  const source = lidarSource(points);
  for (let turn = 0; turn < turns; turn++) {
    const cloud = withRingAndTime(source.next(turn, turn / rate), rate);
    await Deno.writeFile(`${folder}/${turn}.pcd`, encodePcd(cloud));
  }
}

function withRingAndTime(cloud: PointCloud, rate: number): PointCloud {
  const { points, stride } = cloud;
  const data = new Uint8Array(points * LAYOUT.stride);
  const whole = createCloud({ ...LAYOUT, data });
  const view = viewOf(whole);
  for (let i = 0, at = 0; i < points; i++, at += LAYOUT.stride) {
    data.set(cloud.data.subarray(i * stride, i * stride + FLOATS), at);
    view.setUint16(at + FLOATS, i % RINGS, true);
    // Nanoseconds since the turn's begin; a column is one moment.
    const column = i - i % RINGS;
    view.setUint32(at + FLOATS + 2, column * 1e9 / (points * rate), true);
  }
  return whole;
}
