/**
 * Messages in CDR, for recordings and for who reads ROS 2; clouds are written
 * by `encodePointCloud2()`.
 */
import type { CloudShape, Pose } from "../points/cloud.ts";
import { CdrWriter } from "../points/pointcloud2/cdr_writer.ts";
import { writeRosLayout } from "../points/pointcloud2/encode.ts";

/** Room for all but the data of a message. */
const REST_BYTES = 512;

/** What every stamped message has. */
export interface Stamped {
  /** Milliseconds since the Unix epoch. */
  stamp: number;
  /** The coordinate frame (REP 105). */
  frameId: string;
}

/** Where a frame stands in its parent frame. */
export interface StampedTransform extends Stamped {
  child: string;
  pose: Pose;
}

/** Writes a tf2_msgs/TFMessage; `frameId` is the parent. */
export function writeTransforms(
  transforms: readonly StampedTransform[],
): Uint8Array<ArrayBuffer> {
  const writer = new CdrWriter();
  writer.uint32(transforms.length);
  for (const { stamp, frameId, child, pose } of transforms) {
    writer.header(stamp, frameId);
    writer.string(child);
    for (const value of [...pose.translation, ...pose.rotation]) {
      writer.float64(value);
    }
  }
  return writer.finish();
}

/** A cloud as point_cloud_transport compresses it. */
export interface CompressedCloud extends Stamped {
  shape: CloudShape;
  /** What `bytes` are: `cloudini`, `draco`, `zstd`. */
  format: string;
  bytes: Uint8Array;
}

/** Writes a point_cloud_interfaces/CompressedPointCloud2. */
export function writeCompressedCloud(
  { stamp, frameId, shape, format, bytes }: CompressedCloud,
): Uint8Array<ArrayBuffer> {
  const writer = new CdrWriter(bytes.length + REST_BYTES);
  writer.header(stamp, frameId);
  writeRosLayout(writer, shape);
  writer.byteSequence(bytes);
  writer.uint8(1); // Dense: who reads it looks for himself.
  writer.string(format);
  return writer.finish();
}

/** Sound or pictures as their codec has them. */
export interface CompressedMedia extends Stamped {
  bytes: Uint8Array;
  /** `h264`, `vp8`, … of pictures; `opus` of sound. */
  format: string;
}

/** Writes a foxglove_msgs/CompressedVideo. */
export function writeCompressedVideo(
  { stamp, frameId, bytes, format }: CompressedMedia,
): Uint8Array<ArrayBuffer> {
  const writer = new CdrWriter(bytes.length + REST_BYTES);
  writer.header(stamp, frameId);
  writer.byteSequence(bytes);
  writer.string(format);
  return writer.finish();
}

/** Writes a foxglove_msgs/CompressedAudio. */
export function writeCompressedAudio(
  { stamp, bytes, format }: Omit<CompressedMedia, "frameId">,
): Uint8Array<ArrayBuffer> {
  const writer = new CdrWriter(bytes.length + REST_BYTES);
  writer.time(stamp);
  writer.byteSequence(bytes);
  writer.string(format);
  return writer.finish();
}
