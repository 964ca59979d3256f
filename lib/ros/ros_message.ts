import { PointsError } from "../points/errors.ts";
import type { RosReader } from "../points/pointcloud2/ros_reader.ts";
import {
  isList,
  MAX_ELEMENTS,
  type MemberType,
  type Shape,
  type Values,
} from "./shape.ts";

/**
 * Reads a message as ROS serialises it.
 *
 * @throws {PointsError} `length` where it is cut off, `too-large` for a list of
 * more than 10,000 messages.
 */
export function readRosMessage<S extends Shape>(
  reader: RosReader,
  shape: S,
): Values<S> {
  const values = Object.entries(shape).map(([name, [type]]) => [
    name,
    readMember(reader, type),
  ]);
  return Object.fromEntries(values) as Values<S>;
}

function readMember(reader: RosReader, type: MemberType): unknown {
  if (isList(type)) return readList(reader, type[0]);
  if (typeof type === "object") return readRosMessage(reader, type);
  return READERS[type](reader);
}

const READERS = {
  header: (reader: RosReader) => reader.header(),
  time: (reader: RosReader) => reader.time(),
  string: (reader: RosReader) => reader.string(),
  uint8: (reader: RosReader) => reader.uint8(),
  uint32: (reader: RosReader) => reader.uint32(),
  float32: (reader: RosReader) => reader.float32(),
  float64: (reader: RosReader) => reader.float64(),
  bytes: (reader: RosReader) => reader.byteSequence(),
  float32s: (reader: RosReader) => reader.float32Sequence(),
  float64s: (reader: RosReader) => reader.float64Sequence(),
};

function readList(reader: RosReader, shape: Shape): unknown[] {
  const count = reader.uint32();
  if (count > MAX_ELEMENTS) {
    throw new PointsError(
      "too-large",
      `A list of ${count} messages, and at most ${MAX_ELEMENTS} are read`,
    );
  }
  const list: unknown[] = [];
  while (list.length < count) list.push(readRosMessage(reader, shape));
  return list;
}
