/**
 * Foxglove's messages (docs.foxglove.dev, Schemas), in Protocol Buffers, JSON
 * or as ROS serialises its package foxglove_msgs.
 */
import { createCloud, type PointCloud, type Pose } from "../points/cloud.ts";
import { PointsError } from "../points/errors.ts";
import type { FieldType, PointField } from "../points/field.ts";
import { scanCloud } from "./laser_scan.ts";
import type { RosMessage } from "./message.ts";
import { readPictureFormat } from "./picture_format.ts";
import { isIdentity, poseFrom } from "./pose.ts";
import type { Shape, Values } from "./shape.ts";

/** Reads a message of a shape, whichever way it is serialised. */
export type ReadShape = <S extends Shape>(shape: S) => Values<S>;

const VECTOR = {
  x: ["float64", 1],
  y: ["float64", 2],
  z: ["float64", 3],
} as const;
const QUATERNION = { ...VECTOR, w: ["float64", 4] } as const;
const POSE = { position: [VECTOR, 1], orientation: [QUATERNION, 2] } as const;
const FIELD = {
  name: ["string", 1],
  offset: ["uint32", 2],
  type: ["uint8", 3],
} as const;

/** By their numbers; 0 is unknown. */
const FIELD_TYPES: readonly (FieldType | undefined)[] = [
  undefined,
  ...["uint8", "int8", "uint16", "int16"] as const,
  ...["uint32", "int32", "float32", "float64"] as const,
];
/** The most fields of a point. */
const MAX_FIELDS = 512;

const POINT_CLOUD = {
  timestamp: ["time", 1],
  frame_id: ["string", 2],
  pose: [POSE, 3],
  point_stride: ["uint32", 4],
  fields: [[FIELD], 5],
  data: ["bytes", 6],
} as const;

/** Reads a foxglove.PointCloud. */
export function readPointCloud(read: ReadShape): RosMessage {
  const message = read(POINT_CLOUD);
  return {
    kind: "cloud",
    cloud: cloudOf(message),
    stamp: message.timestamp,
    frameId: message.frame_id,
    ...placed(message.pose),
  };
}

function cloudOf(
  { point_stride: stride, fields, data }: Values<typeof POINT_CLOUD>,
): PointCloud {
  if (fields.length > MAX_FIELDS) {
    throw new PointsError("header", `${fields.length} fields a point`);
  }
  return createCloud({ data, fields: fields.map(fieldOf), stride });
}

function fieldOf({ name, offset, type: number }: Values<typeof FIELD>) {
  const type = FIELD_TYPES[number];
  if (type !== undefined) return { name, offset, type } satisfies PointField;
  throw new PointsError(
    "unsupported",
    `Field ${name.slice(0, 64)} of type ${number}, expected 1 to ` +
      `${FIELD_TYPES.length - 1}`,
  );
}

function placed(
  { position, orientation }: Values<typeof POSE>,
): { pose?: Pose } {
  const pose = poseFrom(position, orientation);
  return pose === undefined || isIdentity(pose) ? {} : { pose };
}

const LASER_SCAN = {
  timestamp: ["time", 1],
  frame_id: ["string", 2],
  pose: [POSE, 3],
  start_angle: ["float64", 4],
  end_angle: ["float64", 5],
  ranges: ["float64s", 6],
  intensities: ["float64s", 7],
} as const;

/** Reads a foxglove.LaserScan. */
export function readScan(read: ReadShape): RosMessage {
  const { start_angle: start, end_angle: end, ranges, ...scan } = read(
    LASER_SCAN,
  );
  const increment = ranges.length > 1 ? (end - start) / (ranges.length - 1) : 0;
  const { intensities } = scan;
  return {
    kind: "cloud",
    cloud: scanCloud({ start, increment, ranges, intensities }),
    stamp: scan.timestamp,
    frameId: scan.frame_id,
    ...placed(scan.pose),
  };
}

const FRAME_TRANSFORM = {
  timestamp: ["time", 1],
  parent_frame_id: ["string", 2],
  child_frame_id: ["string", 3],
  translation: [VECTOR, 4],
  rotation: [QUATERNION, 5],
} as const;
const FRAME_TRANSFORMS = { transforms: [[FRAME_TRANSFORM], 1] } as const;

/** Reads a foxglove.FrameTransform. */
export function readFrameTransform(read: ReadShape): RosMessage {
  return {
    kind: "transforms",
    transforms: transformOf(read(FRAME_TRANSFORM)),
  };
}

/** Reads a foxglove.FrameTransforms. */
export function readFrameTransforms(read: ReadShape): RosMessage {
  const { transforms } = read(FRAME_TRANSFORMS);
  return { kind: "transforms", transforms: transforms.flatMap(transformOf) };
}

function transformOf(given: Values<typeof FRAME_TRANSFORM>) {
  const pose = poseFrom(given.translation, given.rotation);
  if (pose === undefined) return [];
  const { timestamp: stamp, parent_frame_id: parent, child_frame_id: child } =
    given;
  return [{ parent, child, stamp, pose }];
}

/** Both pictures and parts of videos; their numbers differ. */
const COMPRESSED_IMAGE = {
  timestamp: ["time", 1],
  frame_id: ["string", 4],
  data: ["bytes", 2],
  format: ["string", 3],
} as const;
const COMPRESSED_VIDEO = {
  timestamp: ["time", 1],
  frame_id: ["string", 2],
  data: ["bytes", 3],
  format: ["string", 4],
} as const;

/** Reads a foxglove.CompressedImage. */
export function readImage(read: ReadShape): RosMessage {
  return pictureOf(read(COMPRESSED_IMAGE));
}

/** Reads a foxglove.CompressedVideo. */
export function readVideo(read: ReadShape): RosMessage {
  return pictureOf(read(COMPRESSED_VIDEO));
}

const COMPRESSED_AUDIO = {
  timestamp: ["time", 1],
  data: ["bytes", 2],
  format: ["string", 3],
} as const;

/** Reads a foxglove.CompressedAudio. */
export function readAudio(read: ReadShape): RosMessage {
  const { timestamp: stamp, data: bytes, format } = read(COMPRESSED_AUDIO);
  if (format.toLowerCase() === "opus") return { kind: "sound", stamp, bytes };
  throw new PointsError(
    "unsupported",
    `Sound of format "${format.slice(0, 64)}", expected opus`,
  );
}

function pictureOf(
  { timestamp, frame_id, data, format }: Values<typeof COMPRESSED_VIDEO>,
): RosMessage {
  return {
    kind: "picture",
    format: readPictureFormat(format),
    bytes: data,
    stamp: timestamp,
    frameId: frame_id,
  };
}
