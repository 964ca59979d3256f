"""Writes bags of clouds and pictures: write_camera_bags.py FOLDER.

At moment n of 30, 100 ms apart, x of the cloud is n, and each picture is of one
grey, 8 n. /video begins with a keyframe, and has one at each tenth moment.
"""
import struct
import sys
from pathlib import Path

import numpy
from foxglove import messages as fg
from mcap.writer import Writer
from rosbags.rosbag1 import Writer as Rosbag1Writer
from rosbags.rosbag2 import StoragePlugin
from rosbags.rosbag2 import Writer as Rosbag2Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

sys.path.append(str(Path(__file__).parents[1]))
from pictures import PICTURES, access_units, picture

FOLDER = Path(sys.argv[1])
START = 1_700_000_000
MOMENTS = PICTURES
CLOUD = "sensor_msgs/msg/PointCloud2"
IMAGE = "sensor_msgs/msg/CompressedImage"
SCAN = "sensor_msgs/msg/LaserScan"
VIDEO = "foxglove_msgs/msg/CompressedVideo"
VIDEO_DEFINITION = """
builtin_interfaces/Time timestamp
string frame_id
uint8[] data
string format
"""


def use(version):
    """Has messages of ROS 1 or 2 written from now on."""
    global store, t, serialize, sequence
    store = get_typestore(
        Stores.ROS1_NOETIC if version == 1 else Stores.ROS2_HUMBLE)
    store.register(get_types_from_msg(VIDEO_DEFINITION, VIDEO))
    t = store.types
    serialize = store.serialize_ros1 if version == 1 else store.serialize_cdr
    sequence = {"seq": 7} if version == 1 else {}


def stamp(n):
    # Measured 20 ms before it is recorded.
    at = START * 10**9 + n * 10**8 - 20 * 10**6
    return at // 10**9, at % 10**9


def header(n, frame):
    return t["std_msgs/msg/Header"](
        stamp=t["builtin_interfaces/msg/Time"](*stamp(n)), frame_id=frame,
        **sequence)


def cloud(n):
    field = t["sensor_msgs/msg/PointField"]
    fields = [field(name, 4 * at, 7, 1) for at, name in enumerate("xyz")]
    data = struct.pack("<fff", n, 0, 0) * 100
    return serialize(
        t[CLOUD](header(n, "lidar"), 1, 100, fields, False, 12, 1200,
                 numpy.frombuffer(data, numpy.uint8), True), CLOUD)


def scan(n):
    ranges = numpy.array([1, numpy.nan, 2, numpy.inf, 0.25, 3], numpy.float32)
    return serialize(
        t[SCAN](header(n, "laser"), 0.0, 2.5, 0.5, 0.0, 0.1, 0.5, 20.0, ranges,
                numpy.arange(6, dtype=numpy.float32)), SCAN)


def image(n, format):
    return serialize(
        t[IMAGE](header(n, "camera"), f"rgb8; {format} compressed bgr8",
                 numpy.frombuffer(picture(n, format), numpy.uint8)), IMAGE)


UNITS = access_units()


def video(n, encoding):
    if encoding == "protobuf":
        return fg.CompressedVideo(timestamp=fg.Timestamp(*stamp(n)),
                                  frame_id="camera", data=UNITS[n],
                                  format="h264").encode()
    return serialize(
        t[VIDEO](t["builtin_interfaces/msg/Time"](*stamp(n)), "camera",
                 numpy.frombuffer(UNITS[n], numpy.uint8), "h264"), VIDEO)


def messages(encoding):
    """Topic, type, encoding, nanoseconds, bytes."""
    video_type = "foxglove.CompressedVideo" if encoding == "protobuf" else VIDEO
    for n in range(MOMENTS):
        time = START * 10**9 + n * 10**8
        yield "/camera", IMAGE, "cdr", time, image(n, "jpeg")
        yield "/png", IMAGE, "cdr", time, image(n, "png")
        yield "/video", video_type, encoding, time, video(n, encoding)
        yield "/points", CLOUD, "cdr", time, cloud(n)
        yield "/scan", SCAN, "cdr", time, scan(n)
        yield "/webp", IMAGE, "cdr", time, image(n, "webp")


use(2)
with open(FOLDER / "drive.mcap", "wb") as file:
    writer = Writer(file, chunk_size=20_000)
    writer.start(profile="ros2")
    channels = {}
    for topic, type, encoding, time, data in messages("protobuf"):
        if topic not in channels:
            schema = writer.register_schema(type, "", b"")
            channels[topic] = writer.register_channel(topic, encoding, schema)
        writer.add_message(channels[topic], time, data, time)
    writer.finish()



def write(bag):
    with bag:
        connections = {}
        for topic, type, _, time, data in messages("ros"):
            if topic not in connections:
                connections[topic] = bag.add_connection(topic, type,
                                                        typestore=store)
            bag.write(connections[topic], time, data)


write(Rosbag2Writer(FOLDER / "sqlite", version=9,
                    storage_plugin=StoragePlugin.SQLITE3))
use(1)
write(Rosbag1Writer(FOLDER / "drive.bag"))
