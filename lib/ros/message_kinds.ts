/** Which types of messages there are, and what is made of them. */
import type { RosMessage } from "./message.ts";

/** What is made of the messages of a type. */
export type MessageKind = RosMessage["kind"];

/** Types that ROS serialises, by package and name. */
const ROS_KINDS = {
  "sensor_msgs/PointCloud2": "cloud",
  "sensor_msgs/LaserScan": "cloud",
  "sensor_msgs/CompressedImage": "picture",
  "point_cloud_interfaces/CompressedPointCloud2": "encodedCloud",
  "tf2_msgs/TFMessage": "transforms",
  "tf/tfMessage": "transforms",
} as const satisfies Record<string, MessageKind>;

/** Foxglove's types, which come in any encoding. */
const FOXGLOVE_KINDS = {
  PointCloud: "cloud",
  LaserScan: "cloud",
  CompressedImage: "picture",
  CompressedVideo: "picture",
  CompressedAudio: "sound",
  FrameTransform: "transforms",
  FrameTransforms: "transforms",
} as const satisfies Record<string, MessageKind>;

/** A type that ROS serialises. */
export type RosTypeName = keyof typeof ROS_KINDS;

/** A type of Foxglove's. */
export type FoxgloveTypeName = keyof typeof FOXGLOVE_KINDS;

/** Says what is made of the messages of a type; nothing of others. */
export function messageKindOf(schemaName: string): MessageKind | undefined {
  const foxglove = foxgloveTypeOf(schemaName);
  if (foxglove !== undefined) return FOXGLOVE_KINDS[foxglove];
  const ros = rosTypeOf(schemaName);
  return ros && ROS_KINDS[ros];
}

/** ROS 2 puts `/msg/` between package and name, ROS 1 a slash alone. */
export function rosTypeOf(schemaName: string): RosTypeName | undefined {
  const name = schemaName.replace("/msg/", "/");
  return Object.hasOwn(ROS_KINDS, name) ? name as RosTypeName : undefined;
}

/** Finds the name that a type has among Foxglove's. */
export function foxgloveTypeOf(
  schemaName: string,
): FoxgloveTypeName | undefined {
  const [, name] = /^foxglove(?:\.|_msgs\/(?:msg\/)?)(\w+)$/.exec(schemaName) ??
    [];
  return name !== undefined && Object.hasOwn(FOXGLOVE_KINDS, name)
    ? name as FoxgloveTypeName
    : undefined;
}
