import type { CloudShape, PointCloud } from "../cloud.ts";
import { FIELD_TYPES, type PointField } from "../field.ts";
import { CdrWriter } from "./cdr_writer.ts";
import { ROS_TYPES, type StampedCloud } from "./pointcloud2.ts";

/** Bytes of a field, its name left out, and of all else but the data. */
const FIELD_BYTES = 24;
const FIXED_BYTES = 64;

/**
 * Writes a sensor_msgs/PointCloud2 in CDR, little-endian. The points' bytes
 * are copied once, as they are.
 *
 * ROS has no integers of 64 bits: a field of such becomes one of two uint32,
 * the lower half first, of the same bytes.
 */
export function encodePointCloud2(
  { cloud, frameId, stamp }: StampedCloud,
): Uint8Array<ArrayBuffer> {
  const { data, fields } = cloud;
  const names = fields.reduce((sum, { name }) => sum + 3 * name.length, 0);
  const writer = new CdrWriter(
    FIXED_BYTES + 3 * frameId.length + FIELD_BYTES * fields.length + names +
      data.length,
  );
  writer.header(stamp, frameId);
  writeRosLayout(writer, cloud);
  writer.byteSequence(data);
  writer.uint8(Number(isDense(cloud)));
  return writer.finish();
}

/** Writes how the points lie: all between the header and the data. */
export function writeRosLayout(
  writer: CdrWriter,
  { fields, stride, width, height }: CloudShape,
): void {
  writer.uint32(height);
  writer.uint32(width);
  writer.uint32(fields.length);
  for (const field of fields) writeField(writer, field);
  writer.uint8(0); // Little-endian.
  writer.uint32(stride);
  writer.uint32(width * stride);
}

function writeField(writer: CdrWriter, { name, type, offset }: PointField) {
  const index = FIELD_TYPES.indexOf(type);
  const isKnown = index < ROS_TYPES;
  writer.string(name);
  writer.uint32(offset);
  writer.uint8(1 + (isKnown ? index : FIELD_TYPES.indexOf("uint32")));
  writer.uint32(isKnown ? 1 : 2);
}

/**
 * Only where there are rows may points be missing in their middle; looking at
 * each would take longer than all else.
 */
function isDense({ height }: PointCloud): boolean {
  return height === 1;
}
