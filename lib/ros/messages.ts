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

/** What is made of the messages of a type. */
export type MessageKind = RosMessage["kind"];

interface RosType {
  kind: MessageKind;
  read(reader: RosReader): RosMessage;
}

interface FoxgloveType {
  kind: MessageKind;
  read(read: ReadShape): RosMessage;
}

/** Types that ROS serialises, by package and name. */
const ROS_TYPES: ReadonlyMap<string, RosType> = new Map<string, RosType>([
  ["sensor_msgs/PointCloud2", {
    kind: "cloud",
    read: (reader) => ({ kind: "cloud", ...readPointCloud2(reader) }),
  }],
  ["sensor_msgs/LaserScan", { kind: "cloud", read: readLaserScan }],
  ["sensor_msgs/CompressedImage", {
    kind: "picture",
    read: readCompressedImage,
  }],
  ["point_cloud_interfaces/CompressedPointCloud2", {
    kind: "encodedCloud",
    read: readCompressedCloud,
  }],
  ["tf2_msgs/TFMessage", { kind: "transforms", read: readTransforms }],
  ["tf/tfMessage", { kind: "transforms", read: readTransforms }],
]);

/** Foxglove's types, which come in any encoding. */
const FOXGLOVE_TYPES: ReadonlyMap<string, FoxgloveType> = new Map<
  string,
  FoxgloveType
>([
  ["PointCloud", { kind: "cloud", read: readPointCloud }],
  ["LaserScan", { kind: "cloud", read: readScan }],
  ["CompressedImage", { kind: "picture", read: readImage }],
  ["CompressedVideo", { kind: "picture", read: readVideo }],
  ["CompressedAudio", { kind: "sound", read: readAudio }],
  ["FrameTransform", { kind: "transforms", read: readFrameTransform }],
  ["FrameTransforms", { kind: "transforms", read: readFrameTransforms }],
]);

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

/** Says what is made of the messages of a type; nothing of others. */
export function messageKindOf(schemaName: string): MessageKind | undefined {
  return findFoxgloveType(schemaName)?.kind ?? findRosType(schemaName)?.kind;
}

function findReader(
  name: string,
  encoding: MessageEncoding,
): MessageReader | undefined {
  const foxglove = findFoxgloveType(name);
  switch (encoding) {
    case "protobuf":
      return foxglove &&
        ((data) => foxglove.read((shape) => readProtobufMessage(data, shape)));
    case "json":
      return foxglove &&
        ((data) => foxglove.read((shape) => readJsonMessage(data, shape)));
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
  const ros = findRosType(name);
  if (ros !== undefined) return (data) => ros.read(open(data));
  const foxglove = findFoxgloveType(name);
  return foxglove && ((data) => {
    const reader = open(data);
    return foxglove.read((shape) => readRosMessage(reader, shape));
  });
}

/** ROS 2 puts `/msg/` between package and name, ROS 1 a slash alone. */
function findRosType(name: string): RosType | undefined {
  return ROS_TYPES.get(name.replace("/msg/", "/"));
}

function findFoxgloveType(name: string): FoxgloveType | undefined {
  const [, own] = /^foxglove(?:\.|_msgs\/(?:msg\/)?)(\w+)$/.exec(name) ?? [];
  return own === undefined ? undefined : FOXGLOVE_TYPES.get(own);
}
