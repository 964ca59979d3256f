import type { PointCloud } from "../../lib/points/cloud.ts";
import { writeCompressedCloud } from "../../lib/ros/write_messages.ts";

/** Writes a CompressedPointCloud2 in CDR, little-endian. */
export function compressedCloudMessage(
  shape: PointCloud,
  format: string,
  bytes: Uint8Array,
): Uint8Array {
  const stamped = { stamp: 1_700_000_000_250, frameId: "lidar" };
  return writeCompressedCloud({ ...stamped, shape, format, bytes });
}
