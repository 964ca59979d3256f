/** The messages that are read, by type: the one place that knows them all. */
import { PointsError } from "../points/errors.ts";
import { CdrReader } from "../points/pointcloud2/cdr.ts";
import { readPointCloud2 } from "../points/pointcloud2/pointcloud2.ts";
import type { RosReader } from "../points/pointcloud2/ros_reader.ts";
import { readCompressedCloud } from "./compressed_cloud.ts";
import {
  readAudio,
  readFrameTransform,
  readFrameTransforms,
  readImage,
  readPointCloud,
  readScan,
  type ReadShape,
  readVideo,
} from "./foxglove_messages.ts";
import { readJsonMessage } from "./json_message.ts";
import type { RosMessage } from "./message.ts";
import {
  type FoxgloveTypeName,
  foxgloveTypeOf,
  type RosTypeName,
  rosTypeOf,
} from "./message_kinds.ts";
import { readProtobufMessage } from "./protobuf_message.ts";
import { Ros1Reader } from "./ros1_reader.ts";
import { readRosMessage } from "./ros_message.ts";
import type { MessageEncoding, MessageSchema } from "./schema.ts";
import {
  readCompressedImage,
  readLaserScan,
  readTransforms,
} from "./sensor_messages.ts";

/** Reads the messages of one topic. */
export type MessageReader = (data: Uint8Array) => RosMessage;

/** What reads a type that ROS serialises, by package and name. */
const ROS_TYPES: Record<RosTypeName, (reader: RosReader) => RosMessage> = {
  "sensor_msgs/PointCloud2": (reader) => ({
    kind: "cloud",
    ...readPointCloud2(reader),
  }),
  "sensor_msgs/LaserScan": readLaserScan,
  "sensor_msgs/CompressedImage": readCompressedImage,
  "point_cloud_interfaces/CompressedPointCloud2": readCompressedCloud,
  "tf2_msgs/TFMessage": readTransforms,
  "tf/tfMessage": readTransforms,
};

/** What reads one of Foxglove's types, which come in any encoding. */
const FOXGLOVE_TYPES: Record<
  FoxgloveTypeName,
  (read: ReadShape) => RosMessage
> = {
  PointCloud: readPointCloud,
  LaserScan: readScan,
  CompressedImage: readImage,
  CompressedVideo: readVideo,
  CompressedAudio: readAudio,
  FrameTransform: readFrameTransform,
  FrameTransforms: readFrameTransforms,
};

/**
 * Finds what reads the messages of a topic.
 *
 * @returns nothing for a type that is none of ours, or doesn't come in that
 * encoding. The reader throws a {@linkcode PointsError} that names the type and
 * the place; what it returns may be views of the message.
 */
export function messageReaderOf(
  { name, encoding }: MessageSchema,
): MessageReader | undefined {
  const read = findReader(name, encoding);
  if (read === undefined) return undefined;
  return (data) => {
    try {
      return read(data);
    } catch (cause) {
      if (!(cause instanceof PointsError)) throw cause;
      const { reason, message } = cause;
      throw new PointsError(reason, `${name}: ${message}`, { cause });
    }
  };
}

function findReader(
  name: string,
  encoding: MessageEncoding,
): MessageReader | undefined {
  const foxglove = foxgloveReaderOf(name);
  switch (encoding) {
    case "protobuf":
      return foxglove &&
        ((data) => foxglove((shape) => readProtobufMessage(data, shape)));
    case "json":
      return foxglove &&
        ((data) => foxglove((shape) => readJsonMessage(data, shape)));
    case "cdr":
      return rosReaderOf(name, (data) => new CdrReader(data));
    case "ros1":
      return rosReaderOf(name, (data) => new Ros1Reader(data));
  }
}

function rosReaderOf(
  name: string,
  open: (data: Uint8Array) => RosReader,
): MessageReader | undefined {
  const ros = rosTypeOf(name);
  if (ros !== undefined) return (data) => ROS_TYPES[ros](open(data));
  const foxglove = foxgloveReaderOf(name);
  return foxglove && ((data) => {
    const reader = open(data);
    return foxglove((shape) => readRosMessage(reader, shape));
  });
}

function foxgloveReaderOf(name: string) {
  const type = foxgloveTypeOf(name);
  return type && FOXGLOVE_TYPES[type];
}
