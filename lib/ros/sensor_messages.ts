/** The messages of ROS's own packages: sensor_msgs, tf2_msgs. */
import type { RosReader } from "../points/pointcloud2/ros_reader.ts";
import { scanCloud } from "./laser_scan.ts";
import type { RosMessage } from "./message.ts";
import { readPictureFormat } from "./picture_format.ts";
import { poseFrom } from "./pose.ts";
import { readRosMessage } from "./ros_message.ts";

const LASER_SCAN = {
  header: ["header"],
  angle_min: ["float32"],
  angle_max: ["float32"],
  angle_increment: ["float32"],
  time_increment: ["float32"],
  scan_time: ["float32"],
  range_min: ["float32"],
  range_max: ["float32"],
  ranges: ["float32s"],
  intensities: ["float32s"],
} as const;

/** Reads a sensor_msgs/LaserScan. */
export function readLaserScan(reader: RosReader): RosMessage {
  const { header, ...scan } = readRosMessage(reader, LASER_SCAN);
  const cloud = scanCloud({
    start: scan.angle_min,
    increment: scan.angle_increment,
    ranges: scan.ranges,
    intensities: scan.intensities,
    min: scan.range_min,
    max: scan.range_max,
  });
  return { kind: "cloud", cloud, ...header };
}

const VECTOR = { x: ["float64"], y: ["float64"], z: ["float64"] } as const;
const QUATERNION = { ...VECTOR, w: ["float64"] } as const;

const TF_MESSAGE = {
  transforms: [[{
    header: ["header"],
    child_frame_id: ["string"],
    translation: [VECTOR],
    rotation: [QUATERNION],
  }]],
} as const;

/** Reads a tf2_msgs/TFMessage; transforms that are no numbers are left out. */
export function readTransforms(reader: RosReader): RosMessage {
  const { transforms } = readRosMessage(reader, TF_MESSAGE);
  return {
    kind: "transforms",
    transforms: transforms.flatMap(
      ({ header, child_frame_id: child, translation, rotation }) => {
        const pose = poseFrom(translation, rotation);
        if (pose === undefined) return [];
        const { frameId: parent, stamp } = header;
        return [{ parent, child, stamp, pose }];
      },
    ),
  };
}

const COMPRESSED_IMAGE = {
  header: ["header"],
  format: ["string"],
  data: ["bytes"],
} as const;

/** Reads a sensor_msgs/CompressedImage. */
export function readCompressedImage(reader: RosReader): RosMessage {
  const { header, format, data } = readRosMessage(reader, COMPRESSED_IMAGE);
  return {
    kind: "picture",
    format: readPictureFormat(format),
    bytes: data,
    ...header,
  };
}
