/**
 * ROS's `sensor_msgs/PointCloud2`, in CDR or as ROS 1 serialises it.
 */
import { checkFields, createCloud, type PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { FIELD_TYPES, type PointField, typeBytes } from "../field.ts";
import { swapRecords } from "../records/record.ts";
import { CdrReader } from "./cdr.ts";
import type { RosReader } from "./ros_reader.ts";

/** A cloud, and what its message says beside it. */
export interface StampedCloud {
  /** The points; a view of the message where its rows have no gaps. */
  cloud: PointCloud;
  /** The coordinate frame that the points are in (REP 105). */
  frameId: string;
  /** When they were measured, milliseconds since the Unix epoch. */
  stamp: number;
}

/** ROS's PointField has the first 8 types, from 1. */
export const ROS_TYPES = 8;

/** The most fields of a message, and values of a field. */
const MAX_FIELDS = 1024;

/** Bytes that a field takes at least, without a name. */
const MIN_FIELD_BYTES = 13;

/** How the points of a message lie, whichever way its data is compressed. */
export interface RosCloudLayout {
  fields: readonly PointField[];
  /** Points of a row. */
  width: number;
  height: number;
  /** Bytes from one point to the next, and from one row to the next. */
  stride: number;
  rowStep: number;
  isBigEndian: boolean;
}

/**
 * Reads a message in CDR. A field of count n above 1 becomes name_0 to
 * name_(n-1); big endian values are swapped.
 *
 * @throws {PointsError} naming the byte: `header`; `length` where there are
 * fewer bytes than promised; `unsupported` for a type that ROS doesn't have.
 */
export function decodePointCloud2(bytes: Uint8Array): StampedCloud {
  return readPointCloud2(new CdrReader(bytes));
}

/**
 * Reads a message, whichever way it is serialised, as
 * {@linkcode decodePointCloud2} does.
 */
export function readPointCloud2(reader: RosReader): StampedCloud {
  const { stamp, frameId } = reader.header();
  const layout = readRosLayout(reader);
  return { cloud: rosCloud(layout, reader.byteSequence()), frameId, stamp };
}

/**
 * Reads how the points lie: all between the header and the data.
 *
 * @throws {PointsError} as {@linkcode decodePointCloud2} does.
 */
export function readRosLayout(reader: RosReader): RosCloudLayout {
  const height = reader.uint32();
  const width = reader.uint32();
  const fields = readFields(reader);
  const isBigEndian = reader.uint8() !== 0;
  const stride = reader.uint32();
  const rowStep = reader.uint32();
  return { fields, width, height, stride, rowStep, isBigEndian };
}

/**
 * Makes the cloud of a message's data: a view of it where its rows have no gaps
 * and its values are little-endian.
 *
 * @throws {PointsError} `header` or `length` where they don't fit each other.
 */
export function rosCloud(
  layout: RosCloudLayout,
  data: Uint8Array,
): PointCloud {
  const { fields, stride, height, isBigEndian } = layout;
  checkFields(fields, stride);
  const packed = packRows(data, layout);
  return createCloud({
    data: isBigEndian ? swapRecords(packed, fields, stride) : packed,
    fields,
    stride,
    height: Math.max(1, height),
  });
}

function readFields(reader: RosReader): PointField[] {
  const count = reader.uint32();
  if (count > MAX_FIELDS || count * MIN_FIELD_BYTES > reader.rest) {
    throw malformed(`${count} fields in ${reader.rest} bytes`);
  }
  const fields = Array.from({ length: count }, () => readField(reader)).flat();
  if (fields.length <= MAX_FIELDS) return fields;
  throw malformed(`${fields.length} values a point`);
}

function readField(reader: RosReader): PointField[] {
  const name = reader.string();
  const offset = reader.uint32();
  const datatype = reader.uint8();
  const type = datatype <= ROS_TYPES ? FIELD_TYPES[datatype - 1] : undefined;
  const count = reader.uint32();
  if (type === undefined) {
    throw new PointsError(
      "unsupported",
      `Cannot read PointCloud2: field ${name.slice(0, 64)} of datatype ` +
        `${datatype}, expected 1 to ${ROS_TYPES}`,
    );
  }
  if (count > MAX_FIELDS) throw malformed(`a field of ${count} values`);
  // Some drivers write 0 for 1.
  if (count <= 1) return [{ name, type, offset }];
  return Array.from({ length: count }, (_, i) => ({
    name: `${name}_${i}`,
    type,
    offset: offset + i * typeBytes(type),
  }));
}

/** Takes out what lies between the rows, where something does. */
function packRows(
  data: Uint8Array,
  { width, height, stride, rowStep }: RosCloudLayout,
): Uint8Array {
  const rowBytes = width * stride;
  // Some drivers write 0 where rows have no gaps.
  const step = height > 1 && rowStep > 0 ? rowStep : rowBytes;
  const due = height === 0 ? 0 : step * (height - 1) + rowBytes;
  if (step < rowBytes || due > data.length) {
    throw new PointsError(
      "length",
      `Cannot read PointCloud2: ${height} rows of ${width} points of ` +
        `${stride} bytes, ${step} bytes a row, and ${data.length} bytes of data`,
    );
  }
  if (step === rowBytes) return data.subarray(0, due);
  const packed = new Uint8Array(height * rowBytes);
  for (let row = 0; row < height; row++) {
    const from = row * step;
    packed.set(data.subarray(from, from + rowBytes), row * rowBytes);
  }
  return packed;
}

function malformed(what: string): PointsError {
  return new PointsError("header", `Cannot read PointCloud2: ${what}`);
}
