/**
 * The scans of two benchmarks, `.bin`: little-endian float32, and nothing else.
 *
 * KITTI (Geiger et al. 2013): x, y, z (metres) and intensity (0 to 1).
 * nuScenes (Caesar et al. 2020), `.pcd.bin`: x, y, z (metres), intensity (0 to
 * 255) and ring.
 */
import type { PointCloud } from "../cloud.ts";
import { type NamedType, XYZ } from "../field.ts";
import {
  decodeHeaderless,
  encodeHeaderless,
  type WrittenField,
} from "../headerless/headerless.ts";
import { findIntensity } from "../meaning.ts";

const KITTI = float32Of(...XYZ, "intensity");
const NUSCENES = float32Of(...XYZ, "intensity", "ring");

/**
 * Reads a KITTI `.bin` file; no bytes are no points.
 *
 * @param layout the fields of a point, where it is another file without header.
 * @returns a view of `bytes`: x, y, z, intensity.
 * @throws {PointsError} `length` when the bytes are not whole points.
 */
export function decodeKitti(
  bytes: Uint8Array,
  layout?: readonly NamedType[],
): PointCloud {
  return layout === undefined
    ? decodeHeaderless(bytes, KITTI, "KITTI .bin")
    : decodeHeaderless(bytes, layout, ".bin");
}

/**
 * Reads a nuScenes `.pcd.bin` file; no bytes are no points.
 *
 * @param layout the fields of a point, where it is another file without header.
 * @returns a view of `bytes`: x, y, z, intensity, ring.
 * @throws {PointsError} `length` when the bytes are not whole points.
 */
export function decodeNuscenes(
  bytes: Uint8Array,
  layout?: readonly NamedType[],
): PointCloud {
  return layout === undefined
    ? decodeHeaderless(bytes, NUSCENES, "nuScenes .pcd.bin")
    : decodeHeaderless(bytes, layout, ".pcd.bin");
}

/**
 * Writes a KITTI `.bin` file: intensity is 0 where the cloud has none, further
 * fields are left out, and all become float32.
 *
 * @returns a view of the cloud's bytes where they are just what is written.
 */
export function encodeKitti(cloud: PointCloud): Uint8Array {
  return encodeHeaderless(cloud, kittiFields(cloud));
}

/** Lists the fields of a KITTI file, and what of a cloud they are made of. */
export function kittiFields({ fields }: PointCloud): WrittenField[] {
  return KITTI.map((to, i) => ({
    to,
    from: i < XYZ.length ? to.name : findIntensity(fields)?.name,
  }));
}

function float32Of(...names: string[]): NamedType[] {
  return names.map((name) => ({ name, type: "float32" }));
}
