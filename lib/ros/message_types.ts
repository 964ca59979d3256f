/**
 * The types of messages that are written, as ROS 2's `.msg` files define them
 * (`ros2msg` of https://mcap.dev/spec/registry).
 */

/** A type of messages, for those who read them. */
export interface MessageType {
  /** As ROS 2 has it, `package/msg/Type`. */
  readonly name: string;
  /** Its fields, and those of each type in it. */
  readonly definition: string;
}

/** The fields of types that others are made of, by package and type. */
const PARTS = {
  "builtin_interfaces/Time": "int32 sec\nuint32 nanosec",
  "std_msgs/Header": "builtin_interfaces/Time stamp\nstring frame_id",
  "sensor_msgs/PointField": `uint8 INT8=1
uint8 UINT8=2
uint8 INT16=3
uint8 UINT16=4
uint8 INT32=5
uint8 UINT32=6
uint8 FLOAT32=7
uint8 FLOAT64=8
string name
uint32 offset
uint8 datatype
uint32 count`,
  "geometry_msgs/Vector3": "float64 x\nfloat64 y\nfloat64 z",
  "geometry_msgs/Quaternion": "float64 x\nfloat64 y\nfloat64 z\nfloat64 w",
  "geometry_msgs/Transform":
    "geometry_msgs/Vector3 translation\ngeometry_msgs/Quaternion rotation",
  "geometry_msgs/TransformStamped": `std_msgs/Header header
string child_frame_id
geometry_msgs/Transform transform`,
} as const;

/** What PointCloud2 and its compressed sibling begin with. */
const CLOUD_LAYOUT = `std_msgs/Header header
uint32 height
uint32 width
sensor_msgs/PointField[] fields
bool is_bigendian
uint32 point_step
uint32 row_step`;
const CLOUD_PARTS = [
  "std_msgs/Header",
  "builtin_interfaces/Time",
  "sensor_msgs/PointField",
] as const;

/** What `encodePointCloud2()` writes. */
export const POINT_CLOUD: MessageType = {
  name: "sensor_msgs/msg/PointCloud2",
  definition: withParts(
    `${CLOUD_LAYOUT}\nuint8[] data\nbool is_dense`,
    CLOUD_PARTS,
  ),
};

/** What `writeCompressedCloud()` writes. */
export const COMPRESSED_CLOUD: MessageType = {
  name: "point_cloud_interfaces/msg/CompressedPointCloud2",
  definition: withParts(
    `${CLOUD_LAYOUT}\nuint8[] compressed_data\nbool is_dense\nstring format`,
    CLOUD_PARTS,
  ),
};

/** What `writeTransforms()` writes. */
export const TRANSFORMS: MessageType = {
  name: "tf2_msgs/msg/TFMessage",
  definition: withParts("geometry_msgs/TransformStamped[] transforms", [
    "geometry_msgs/TransformStamped",
    "std_msgs/Header",
    "builtin_interfaces/Time",
    "geometry_msgs/Transform",
    "geometry_msgs/Vector3",
    "geometry_msgs/Quaternion",
  ]),
};

/** What `writeCompressedVideo()` writes. */
export const COMPRESSED_VIDEO: MessageType = {
  name: "foxglove_msgs/msg/CompressedVideo",
  definition: withParts(
    `builtin_interfaces/Time timestamp
string frame_id
uint8[] data
string format`,
    ["builtin_interfaces/Time"],
  ),
};

/** What `writeCompressedAudio()` writes. */
export const COMPRESSED_AUDIO: MessageType = {
  name: "foxglove_msgs/msg/CompressedAudio",
  definition: withParts(
    "builtin_interfaces/Time timestamp\nuint8[] data\nstring format",
    ["builtin_interfaces/Time"],
  ),
};

/** Each part comes after a line of `=`, and one with its name. */
function withParts(
  fields: string,
  parts: readonly (keyof typeof PARTS)[],
): string {
  return [
    fields,
    ...parts.map((name) => `${"=".repeat(80)}\nMSG: ${name}\n${PARTS[name]}`),
  ].join("\n");
}
