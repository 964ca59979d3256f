"""Writes messages with the libraries of ROS's and Foxglove's users.

Each line is JSON: the type, its encoding, the bytes in base64.
"""
import base64
import json
import struct

import numpy
from foxglove import messages as fg
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

POINTS = b"".join(
    struct.pack("<fffHd", i, -i / 2, i / 4, 60000 + i, 1.7e9 + i / 8)
    for i in range(6)
)
STAMP = (1_700_000_000, 250_000_000)
PICTURE = bytes(range(256))

EXTRA = {
    "point_cloud_interfaces/msg/CompressedPointCloud2": """
std_msgs/Header header
uint32 height
uint32 width
sensor_msgs/PointField[] fields
bool is_bigendian
uint32 point_step
uint32 row_step
uint8[] compressed_data
bool is_dense
string format
""",
    "foxglove_msgs/msg/CompressedVideo": """
builtin_interfaces/Time timestamp
string frame_id
uint8[] data
string format
""",
    "foxglove_msgs/msg/CompressedAudio": """
builtin_interfaces/Time timestamp
uint8[] data
string format
""",
    "foxglove_msgs/msg/CompressedImage": """
builtin_interfaces/Time timestamp
string frame_id
uint8[] data
string format
""",
    "foxglove_msgs/msg/PackedElementField": """
string name
uint32 offset
uint8 type
""",
    "foxglove_msgs/msg/PointCloud": """
builtin_interfaces/Time timestamp
string frame_id
geometry_msgs/Pose pose
uint32 point_stride
foxglove_msgs/PackedElementField[] fields
uint8[] data
""",
    "foxglove_msgs/msg/FrameTransform": """
builtin_interfaces/Time timestamp
string parent_frame_id
string child_frame_id
geometry_msgs/Vector3 translation
geometry_msgs/Quaternion rotation
""",
    "foxglove_msgs/msg/FrameTransforms": """
foxglove_msgs/FrameTransform[] transforms
""",
    "tf2_msgs/msg/TFMessage": """
geometry_msgs/TransformStamped[] transforms
""",
}


def put(name, encoding, data):
    text = base64.b64encode(bytes(data)).decode()
    print(json.dumps({"name": name, "encoding": encoding, "data": text}))


def bytes_of(data):
    return numpy.frombuffer(data, dtype=numpy.uint8)


def write_ros(store, encoding):
    t = store.types
    serialize = store.serialize_cdr if encoding == "cdr" else store.serialize_ros1
    time = t["builtin_interfaces/msg/Time"](*STAMP)
    seq = {"seq": 7} if encoding == "ros1" else {}
    header = t["std_msgs/msg/Header"](stamp=time, frame_id="lidar", **seq)
    field = t["sensor_msgs/msg/PointField"]
    fields = [field("x", 0, 7, 1), field("y", 4, 7, 1), field("z", 8, 7, 1),
              field("ring", 12, 4, 1), field("time", 14, 8, 1)]

    def name(full):
        return full if encoding == "cdr" else full.replace("/msg/", "/")

    def send(full, message, called=None):
        put(called or name(full), encoding, serialize(message, full))

    cloud = "sensor_msgs/msg/PointCloud2"
    send(cloud, t[cloud](header, 2, 3, fields, False, 22, 66,
                         bytes_of(POINTS), True))
    scan = "sensor_msgs/msg/LaserScan"
    send(scan, t[scan](
        header, 0.0, 3.0, 0.5, 0.0, 0.1, 0.5, 20.0,
        numpy.array([1, numpy.nan, 2, numpy.inf, 0.25, 3, 25], numpy.float32),
        numpy.arange(7, dtype=numpy.float32)))
    image = "sensor_msgs/msg/CompressedImage"
    send(image, t[image](header, "rgb8; jpeg compressed bgr8",
                         bytes_of(PICTURE)))
    vector = t["geometry_msgs/msg/Vector3"]
    quaternion = t["geometry_msgs/msg/Quaternion"]
    stamped = t["geometry_msgs/msg/TransformStamped"](
        header, "camera",
        t["geometry_msgs/msg/Transform"](vector(1, 2, 3),
                                         quaternion(0, 0, 0.6, 0.8)))
    tf = "tf2_msgs/msg/TFMessage"
    send(tf, t[tf]([stamped, stamped]))
    if encoding == "ros1":
        send(tf, t[tf]([stamped]), "tf/tfMessage")
    packed = "point_cloud_interfaces/msg/CompressedPointCloud2"
    import zstandard
    send(packed, t[packed](
        header, 2, 3, fields, False, 22, 66,
        bytes_of(zstandard.ZstdCompressor().compress(POINTS)), True, "zstd"))
    if encoding == "ros1":
        return
    video = "foxglove_msgs/msg/CompressedVideo"
    send(video, t[video](time, "cam", bytes_of(PICTURE), "h264"))
    audio = "foxglove_msgs/msg/CompressedAudio"
    send(audio, t[audio](time, bytes_of(PICTURE), "opus"))
    image = "foxglove_msgs/msg/CompressedImage"
    send(image, t[image](time, "cam", bytes_of(PICTURE), "webp"))
    element = t["foxglove_msgs/msg/PackedElementField"]
    elements = [element("x", 0, 7), element("y", 4, 7), element("z", 8, 7),
                element("ring", 12, 3), element("time", 14, 8)]
    cloud = "foxglove_msgs/msg/PointCloud"
    pose = t["geometry_msgs/msg/Pose"](
        t["geometry_msgs/msg/Point"](1, 2, 3), quaternion(0, 0, 0.6, 0.8))
    send(cloud, t[cloud](time, "lidar", pose, 22, elements, bytes_of(POINTS)))
    one = "foxglove_msgs/msg/FrameTransform"
    transform = t[one](time, "lidar", "camera", vector(1, 2, 3),
                       quaternion(0, 0, 0.6, 0.8))
    send(one, transform)
    several = "foxglove_msgs/msg/FrameTransforms"
    send(several, t[several]([transform, transform]))


def write_foxglove():
    kind = fg.PackedElementFieldNumericType
    fields = [fg.PackedElementField(name=name, offset=offset, type=type)
              for name, offset, type in [
                  ("x", 0, kind.Float32), ("y", 4, kind.Float32),
                  ("z", 8, kind.Float32), ("ring", 12, kind.Uint16),
                  ("time", 14, kind.Float64)]]
    time = fg.Timestamp(sec=STAMP[0], nsec=STAMP[1])
    pose = fg.Pose(position=fg.Vector3(x=1, y=2, z=3),
                   orientation=fg.Quaternion(x=0, y=0, z=0.6, w=0.8))
    transform = fg.FrameTransform(
        timestamp=time, parent_frame_id="lidar", child_frame_id="camera",
        translation=fg.Vector3(x=1, y=2, z=3),
        rotation=fg.Quaternion(x=0, y=0, z=0.6, w=0.8))
    for message in [
        fg.PointCloud(timestamp=time, frame_id="lidar", pose=pose,
                      point_stride=22, fields=fields, data=POINTS),
        fg.LaserScan(timestamp=time, frame_id="lidar", start_angle=0.0,
                     end_angle=3.0,
                     ranges=[1, float("nan"), 2, float("inf"), -1, 3, 25],
                     intensities=[0, 1, 2, 3, 4, 5, 6]),
        fg.CompressedImage(timestamp=time, frame_id="cam", data=PICTURE,
                           format="webp"),
        fg.CompressedVideo(timestamp=time, frame_id="cam", data=PICTURE,
                           format="h264"),
        fg.CompressedAudio(timestamp=time, data=PICTURE, format="opus"),
        transform,
        fg.FrameTransforms(transforms=[transform, transform]),
    ]:
        put(type(message).get_schema().name, "protobuf", message.encode())


for which, encoding in [(Stores.ROS2_HUMBLE, "cdr"), (Stores.ROS1_NOETIC, "ros1")]:
    store = get_typestore(which)
    for full, text in EXTRA.items():
        if full not in store.types:
            store.register(get_types_from_msg(text, full))
    write_ros(store, encoding)
write_foxglove()
