import type { PointCloud } from "../points/cloud.ts";
import { createCloud } from "../points/cloud.ts";
import { createDecoder } from "../points/codecs.ts";
import { PointsError } from "../points/errors.ts";
import {
  readRosLayout,
  rosCloud,
  type RosCloudLayout,
} from "../points/pointcloud2/pointcloud2.ts";
import type { RosReader } from "../points/pointcloud2/ros_reader.ts";
import { zstdDecompress } from "../points/zstd/zstd.ts";
import { decodeDraco } from "./draco.ts";
import type { RosMessage } from "./message.ts";

/** The most bytes of a decompressed cloud. */
const MAX_CLOUD_BYTES = 256 * 1024 * 1024;

/**
 * Reads a point_cloud_interfaces/CompressedPointCloud2, as
 * point_cloud_transport's `cloudini`, `draco` and `zstd` write it.
 *
 * @throws {PointsError} `unsupported` for another format.
 */
export function readCompressedCloud(reader: RosReader): RosMessage {
  const header = reader.header();
  const layout = readRosLayout(reader);
  const bytes = reader.byteSequence();
  reader.uint8(); // Whether all points are valid.
  const format = reader.string();
  checkSize(layout);
  switch (format) {
    case "zstd":
      return {
        kind: "cloud",
        // What comes out of zstd is valid until the next call.
        cloud: rosCloud(layout, zstdDecompress(bytes, sizeOf(layout)).slice()),
        ...header,
      };
    case "cloudini":
      return {
        kind: "encodedCloud",
        codec: "cloudini",
        bytes,
        decode: () => Promise.try(() => decodeCloudini(bytes)),
        ...header,
      };
    case "draco":
      return {
        kind: "encodedCloud",
        codec: "draco",
        bytes,
        decode: () => decodeDracoCloud(layout, bytes),
        ...header,
      };
  }
  throw new PointsError(
    "unsupported",
    `A cloud of format "${format.slice(0, 64)}", expected cloudini, draco or ` +
      "zstd",
  );
}

function decodeCloudini(bytes: Uint8Array): PointCloud {
  // A decoder reuses its buffer, so each cloud has one of its own.
  return createDecoder("cloudini", { maxBytes: MAX_CLOUD_BYTES }).decode(bytes);
}

async function decodeDracoCloud(
  { fields, stride, width, height }: RosCloudLayout,
  bytes: Uint8Array,
): Promise<PointCloud> {
  const points = width * height;
  const data = await decodeDraco(bytes, { fields, stride, points });
  return createCloud({ data, fields, stride, height: Math.max(1, height) });
}

function sizeOf({ width, height, stride, rowStep }: RosCloudLayout): number {
  return height * Math.max(rowStep, width * stride);
}

function checkSize(layout: RosCloudLayout): void {
  const size = sizeOf(layout);
  if (size <= MAX_CLOUD_BYTES) return;
  throw new PointsError(
    "too-large",
    `A cloud of ${size} bytes, and at most ${MAX_CLOUD_BYTES} are read`,
  );
}
