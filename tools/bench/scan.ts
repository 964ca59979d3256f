import {
  type PointCloud,
  pointCloud,
  selectFields,
} from "../../lib/points/cloud.ts";
import { XYZ } from "../../lib/points/field.ts";
import { decodePcd } from "../../lib/points/pcd/pcd.ts";

/** A cloud to measure with, and where it is from. */
export interface Scan {
  name: string;
  /** Fields x, y, z; metres. */
  cloud: PointCloud;
}

const REAL_SCAN = new URL("../../../shared/data/lidar.pcd", import.meta.url);

/** Reads the real scan beside the repository, else makes one up. */
export async function loadScan(): Promise<Scan> {
  try {
    const cloud = decodePcd(await Deno.readFile(REAL_SCAN));
    return { name: "lidar.pcd", cloud: selectFields(cloud, XYZ) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { name: "synthetic scan", cloud: makeScan() };
  }
}

/**
 * Makes what a spinning lidar of 64 beams sees from within a street: ground,
 * walls on both sides, and boxes here and there. The same in every run.
 */
function makeScan(): PointCloud {
  const beams = 64, turns = 1800;
  const values = new Float32Array(beams * turns * 3);
  const random = makeRandom(1);
  let at = 0;
  for (let beam = 0; beam < beams; beam++) {
    const up = (-25 + 27 * beam / (beams - 1)) * Math.PI / 180;
    for (let turn = 0; turn < turns; turn++) {
      const angle = turn / turns * 2 * Math.PI;
      const wall = 8 / Math.max(Math.abs(Math.sin(angle)), 0.1);
      const box = Math.sin(angle * 11) > 0.7 ? 5 + Math.sin(angle * 3) : 80;
      const ground = up < 0 ? 1.73 / Math.sin(-up) : 80;
      const range = Math.min(ground, Math.min(wall, box) / Math.cos(up)) +
        0.02 * (random() - 0.5);
      values[at++] = range * Math.cos(up) * Math.cos(angle);
      values[at++] = range * Math.cos(up) * Math.sin(angle);
      values[at++] = range * Math.sin(up);
    }
  }
  return pointCloud(values);
}

/** Numbers from 0 to 1 (xorshift32). */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
