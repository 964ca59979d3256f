import { type PointCloud, selectFields } from "../../lib/points/cloud.ts";
import { XYZ } from "../../lib/points/field.ts";
import { decodePcd } from "../../lib/points/pcd/pcd.ts";
import { decodePointCloud2 } from "../../lib/points/pointcloud2/pointcloud2.ts";
import { rgbdSource } from "../../lib/sources/synthetic/rgbd.ts";
import { loadScan } from "./scan.ts";

/** A cloud to measure with, and what it is. */
export interface BenchCloud {
  name: string;
  cloud: PointCloud;
}

const SHARED = new URL("../../../shared/data/", import.meta.url);

/**
 * Gives the clouds at hand: real scans where they are beside the repository,
 * and a depth camera's picture.
 */
export async function loadClouds(): Promise<BenchCloud[]> {
  const scan = await loadScan();
  const clouds: BenchCloud[] = [{ ...scan, name: `${scan.name}, x y z` }];
  const lidar = await readShared("lidar.pcd");
  if (lidar !== undefined) {
    clouds.push({ name: "lidar.pcd, all fields", cloud: decodePcd(lidar) });
  }
  const hesai = await readShared("pointcloud2_hesai.cdr");
  if (hesai !== undefined) {
    const { cloud } = decodePointCloud2(hesai);
    clouds.push({ name: "hesai, all fields", cloud });
  }
  const picture = await rgbdSource().next(3, 0.2);
  clouds.push({ name: "depth camera, 640 x 480, rgb", cloud: picture });
  return clouds;
}

/** Returns a cloud's x, y and z alone. */
export function positionsOf(cloud: PointCloud): PointCloud {
  return selectFields(cloud, XYZ);
}

async function readShared(name: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(new URL(name, SHARED));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
