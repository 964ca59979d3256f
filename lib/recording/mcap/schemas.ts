/**
 * The types of messages that a recording has, as `.msg` files define them, with
 * those that they are made of (mcap.dev/spec/registry: `ros2msg`).
 */

/** A type of messages. */
export interface MessageSchema {
  /** As ROS 2 has it, `package/msg/Type`. */
  name: string;
  /** Its definition, and after it those of the types in it. */
  text: string;
}

const TIME: MessageSchema = {
  name: "builtin_interfaces/Time",
  text: "int32 sec\nuint32 nanosec",
};

const HEADER: MessageSchema = {
  name: "std_msgs/Header",
  text: "builtin_interfaces/Time stamp\nstring frame_id",
};

const POINT_FIELD: MessageSchema = {
  name: "sensor_msgs/PointField",
  text: `uint8 INT8=1
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
};

/** What PointCloud2 and its compressed sibling begin with. */
const CLOUD_LAYOUT = `std_msgs/Header header
uint32 height
uint32 width
sensor_msgs/PointField[] fields
bool is_bigendian
uint32 point_step
uint32 row_step`;

/** Clouds, decoded. */
export const POINT_CLOUD: MessageSchema = schema(
  "sensor_msgs/msg/PointCloud2",
  `${CLOUD_LAYOUT}\nuint8[] data\nbool is_dense`,
  [HEADER, TIME, POINT_FIELD],
);

/** Clouds as they came. */
export const COMPRESSED_CLOUD: MessageSchema = schema(
  "point_cloud_interfaces/msg/CompressedPointCloud2",
  `${CLOUD_LAYOUT}\nuint8[] compressed_data\nbool is_dense\nstring format`,
  [HEADER, TIME, POINT_FIELD],
);

/** Where frames stand. */
export const TRANSFORMS: MessageSchema = schema(
  "tf2_msgs/msg/TFMessage",
  "geometry_msgs/TransformStamped[] transforms",
  [
    {
      name: "geometry_msgs/TransformStamped",
      text: "std_msgs/Header header\nstring child_frame_id\n" +
        "geometry_msgs/Transform transform",
    },
    HEADER,
    TIME,
    {
      name: "geometry_msgs/Transform",
      text: "geometry_msgs/Vector3 translation\n" +
        "geometry_msgs/Quaternion rotation",
    },
    {
      name: "geometry_msgs/Vector3",
      text: "float64 x\nfloat64 y\nfloat64 z",
    },
    {
      name: "geometry_msgs/Quaternion",
      text: "float64 x\nfloat64 y\nfloat64 z\nfloat64 w",
    },
  ],
);

/** Pictures as their codec has them. */
export const COMPRESSED_VIDEO: MessageSchema = schema(
  "foxglove_msgs/msg/CompressedVideo",
  "builtin_interfaces/Time timestamp\nstring frame_id\nuint8[] data\n" +
    "string format",
  [TIME],
);

/** Sound as its codec has it. */
export const COMPRESSED_AUDIO: MessageSchema = schema(
  "foxglove_msgs/msg/CompressedAudio",
  "builtin_interfaces/Time timestamp\nuint8[] data\nstring format",
  [TIME],
);

function schema(
  name: string,
  text: string,
  parts: readonly MessageSchema[],
): MessageSchema {
  const more = parts.map((part) =>
    `${"=".repeat(80)}\nMSG: ${part.name}\n${part.text}\n`
  );
  return { name, text: [`${text}\n`, ...more].join("") };
}
