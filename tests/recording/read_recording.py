"""Reads an MCAP recording with the libraries of ROS's users.

The first line is JSON of what the file says of itself, each further one of a
message, with a checksum of its bytes. `--cut` reads a file without its end.
"""
import hashlib
import json
import sys
from pathlib import Path

from mcap.exceptions import EndOfFile
from mcap.reader import make_reader
from mcap.records import Channel, Message
from mcap.stream_reader import StreamReader
from mcap_ros2.decoder import DecoderFactory
from rosbags.highlevel import AnyReader


def time_of(stamp):
    return stamp.sec * 1000 + stamp.nanosec / 1e6


def tell(topic, type_name, log_time, publish_time, message):
    told = {"topic": topic, "type": type_name,
            "logTime": log_time / 1e6, "publishTime": publish_time / 1e6}
    header = getattr(message, "header", None)
    stamp = header.stamp if header else getattr(message, "timestamp", None)
    if stamp:
        told["stamp"] = time_of(stamp)
    told["frameId"] = (header or message).frame_id if hasattr(
        header or message, "frame_id") else None
    for name in ["width", "height", "point_step", "row_step", "format"]:
        if hasattr(message, name):
            told[name] = getattr(message, name)
    if hasattr(message, "fields"):
        told["fields"] = [[f.name, f.offset, f.datatype, f.count]
                          for f in message.fields]
    data = getattr(message, "compressed_data", getattr(message, "data", None))
    if data is not None:
        told["bytes"] = len(data)
        told["sha256"] = hashlib.sha256(bytes(data)).hexdigest()
    if hasattr(message, "transforms"):
        told["transforms"] = [{
            "stamp": time_of(t.header.stamp),
            "parent": t.header.frame_id,
            "child": t.child_frame_id,
            "translation": [getattr(t.transform.translation, a) for a in "xyz"],
            "rotation": [getattr(t.transform.rotation, a) for a in "xyzw"],
        } for t in message.transforms]
    return json.dumps(told)


def read_cut(path):
    topics = {}
    with open(path, "rb") as file:
        try:
            for record in StreamReader(file, validate_crcs=True).records:
                if isinstance(record, Channel):
                    topics[record.id] = record.topic
                elif isinstance(record, Message):
                    print(json.dumps({
                        "topic": topics[record.channel_id],
                        "bytes": len(record.data),
                        "logTime": record.log_time / 1e6}))
        except EndOfFile:
            pass


def read(path):
    with open(path, "rb") as file:
        # Every checksum, too.
        for _ in StreamReader(file, validate_crcs=True).records:
            pass
        file.seek(0)
        reader = make_reader(file, validate_crcs=True,
                             decoder_factories=[DecoderFactory()])
        summary = reader.get_summary()
        print(json.dumps({
            "profile": reader.get_header().profile,
            "messages": summary.statistics.message_count,
            "chunks": [c.compression for c in summary.chunk_indexes],
            "metadata": [m.metadata for m in reader.iter_metadata()],
        }))
        published = {}
        known = []
        for schema, channel, record, message in reader.iter_decoded_messages():
            key = channel.topic, record.log_time
            published.setdefault(key, []).append(record.publish_time)
            known.append(tell(channel.topic, schema.name, record.log_time,
                              record.publish_time, message))
    with AnyReader([Path(path)]) as reader:
        lines = []
        for connection, time, raw in reader.messages():
            message = reader.deserialize(raw, connection.msgtype)
            topic = connection.topic
            # Several of one time are in the order of the file.
            lines.append(tell(topic, connection.msgtype, time,
                              published[topic, time].pop(0), message))
    if sorted(lines) != sorted(known):
        differing = sorted(set(lines) ^ set(known))[:2]
        sys.exit(f"mcap-ros2-support and rosbags differ: {differing}")
    print("\n".join(lines))


if sys.argv[1] == "--cut":
    read_cut(sys.argv[2])
else:
    read(sys.argv[1])
