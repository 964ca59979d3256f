"""Writes bags with the official writers: write_bags.py FOLDER [all]."""
import shutil
import struct
import sys
from pathlib import Path

import numpy
from mcap.writer import CompressionType, IndexType, Writer
from rosbags.rosbag1 import Writer as Rosbag1Writer
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin
from rosbags.rosbag2 import Writer as Rosbag2Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from ruamel.yaml import YAML

FOLDER = Path(sys.argv[1])
START = 1_700_000_000
CLOUD, TF = "sensor_msgs/msg/PointCloud2", "tf2_msgs/msg/TFMessage"


def use(version):
    """Has messages of ROS 1 or 2 written from now on."""
    global store, t, serialize, sequence
    store = get_typestore(
        Stores.ROS1_NOETIC if version == 1 else Stores.ROS2_HUMBLE)
    if TF not in store.types:
        store.register(get_types_from_msg(
            "geometry_msgs/TransformStamped[] transforms", TF))
    t = store.types
    serialize = store.serialize_ros1 if version == 1 else store.serialize_cdr
    sequence = {"seq": 7} if version == 1 else {}


def header(i, frame):
    # Measured 20 ms before it is recorded.
    stamp = START * 10**9 + i * 10**8 - 20 * 10**6
    return t["std_msgs/msg/Header"](
        stamp=t["builtin_interfaces/msg/Time"](stamp // 10**9, stamp % 10**9),
        frame_id=frame, **sequence)


def cloud(i, frame, base):
    field = t["sensor_msgs/msg/PointField"]
    fields = [field(name, 4 * at, 7, 1) for at, name in enumerate("xyz")]
    data = b"".join(struct.pack("<fff", base + i, point, -point / 2)
                    for point in range(100))
    return serialize(
        t[CLOUD](header(i, frame), 1, 100, fields, False, 12, 1200,
                 numpy.frombuffer(data, numpy.uint8), True), CLOUD)


def transform(i, parent, child, x):
    stamped = t["geometry_msgs/msg/TransformStamped"](
        header(i, parent), child,
        t["geometry_msgs/msg/Transform"](
            t["geometry_msgs/msg/Vector3"](x, 0, 0),
            t["geometry_msgs/msg/Quaternion"](0, 0, 0, 1)))
    return serialize(t[TF]([stamped]), TF)


def messages():
    """Topic, type, nanoseconds, bytes: ten of each cloud, 100 ms apart."""
    for i in range(10):
        time = START * 10**9 + i * 10**8
        yield "/tf", TF, time, transform(i, "odom", "base", float(i))
        yield "/front/points", CLOUD, time, cloud(i, "front", 0)
        yield "/rear points", CLOUD, time + 1, cloud(i, "rear", 1000)
        if i == 5:
            yield "/tf_static", TF, time + 2, transform(i, "base", "front", 0.5)
        yield "/chatter", "std_msgs/msg/String", time + 3, serialize(
            t["std_msgs/msg/String"]("hello"), "std_msgs/msg/String")


def write_mcap(name, **options):
    with open(FOLDER / name, "wb") as file:
        writer = Writer(file, **options)
        writer.start(profile="ros2")
        channels = {}
        for topic, type, time, data in messages():
            if topic not in channels:
                schema = writer.register_schema(type, "ros2msg", b"")
                channels[topic] = writer.register_channel(topic, "cdr", schema)
            writer.add_message(channels[topic], time, data, time)
        writer.finish()


def write_rosbag2(name, plugin, compression=CompressionMode.NONE, which=range(10)):
    writer = Rosbag2Writer(FOLDER / name, version=9, storage_plugin=plugin)
    writer.set_compression(compression, CompressionFormat.ZSTD)
    with writer:
        connections = {}
        for topic, type, time, data in messages():
            if (time - START * 10**9) // 10**8 not in which:
                continue
            if topic not in connections:
                connections[topic] = writer.add_connection(
                    topic, type, typestore=store)
            writer.write(connections[topic], time, data)


def write_rosbag1(name, compression=None):
    writer = Rosbag1Writer(FOLDER / f"{name}.bag")
    writer.chunk_threshold = 3000
    if compression is not None:
        writer.set_compression(compression)
    with writer:
        connections = {}
        for topic, type, time, data in messages():
            if topic not in connections:
                connections[topic] = writer.add_connection(
                    topic, type, typestore=store)
            writer.write(connections[topic], time, data)


def write_split(name, plugin, suffix, compression=CompressionMode.NONE):
    """The files of two bags as one, which the later one's metadata names."""
    write_rosbag2(name, plugin, compression, range(5, 10))
    write_rosbag2("other", plugin, compression, range(5))
    folder = FOLDER / name
    (folder / f"{name}.{suffix}").rename(folder / f"{name}_10.{suffix}")
    (FOLDER / "other" / f"other.{suffix}").rename(folder / f"{name}_9.{suffix}")
    shutil.rmtree(FOLDER / "other")
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    metadata = yaml.load(folder / "metadata.yaml")
    information = metadata["rosbag2_bagfile_information"]
    information["relative_file_paths"] = [
        f"{name}_9.{suffix}", f"{name}/{name}_10.{suffix}"]
    yaml.dump(metadata, folder / "metadata.yaml")


use(1)
write_rosbag1("ros1")
write_rosbag1("ros1_lz4", Rosbag1Writer.CompressionFormat.LZ4)
write_rosbag1("ros1_bz2", Rosbag1Writer.CompressionFormat.BZ2)
use(2)
for name, compression in [("zstd", CompressionType.ZSTD),
                          ("lz4", CompressionType.LZ4),
                          ("none", CompressionType.NONE)]:
    write_mcap(f"{name}.mcap", compression=compression, chunk_size=3000)
write_mcap("unchunked.mcap", use_chunking=False)
write_mcap("unindexed.mcap", chunk_size=3000, index_types=IndexType.NONE,
           use_statistics=False, repeat_channels=False, repeat_schemas=False,
           use_summary_offsets=False)
write_rosbag2("sqlite", StoragePlugin.SQLITE3)
write_rosbag2("rosbag2", StoragePlugin.MCAP)
if sys.argv[2:] != ["all"]:
    sys.exit()
for plugin, suffix in [(StoragePlugin.SQLITE3, "db3"), (StoragePlugin.MCAP, "mcap")]:
    write_rosbag2(f"file_{suffix}", plugin, CompressionMode.FILE)
    write_rosbag2(f"message_{suffix}", plugin, CompressionMode.MESSAGE)
    write_split(f"split_{suffix}", plugin, suffix)
    write_split(f"loose_{suffix}", plugin, suffix)
    (FOLDER / f"loose_{suffix}" / "metadata.yaml").unlink()
write_split("split_file", StoragePlugin.SQLITE3, "db3.zstd", CompressionMode.FILE)
