"""A bridge of foxglove-sdk that serves what standard input says, as JSON.

    port, cert, key     where, with TLS where there are files of it
    clock               seconds that its time and stamps are from this machine's
    stamps              seconds that stamps are from its time besides
    topics              {topic, type, encoding, messages: [base64]}, one after
                        the other, each with its stamp set
    more                how many topics of nothing there are besides
    builtin             /scan, a sensor_msgs/LaserScan, and /video, a
                        foxglove.CompressedVideo, whose picture n is of the
                        tenth of a second n, modulo 30
"""
import base64
import json
import struct
import sys
import time
from pathlib import Path

import foxglove
import numpy
from foxglove import Channel, Schema
from foxglove.channels import CompressedVideoChannel
from foxglove.messages import CompressedVideo, Timestamp
from rosbags.typesys import Stores, get_typestore

sys.path.append(str(Path(__file__).parents[1]))
from pictures import PICTURES, access_units

PERIOD = 10**8
given = json.loads(sys.stdin.readline())


def read(name):
    return Path(given[name]).read_bytes() if name in given else None


def serve(topic, type, encoding):
    # An encoding of schemas that goes with that of the messages.
    schema = {"cdr": "ros2msg", "json": "jsonschema"}[encoding]
    data = b"{}" if encoding == "json" else b"float64 x\n"
    return Channel(topic, message_encoding=encoding,
                   schema=Schema(name=type, encoding=schema, data=data))


def stamped(data, encoding, stamp):
    sec, nsec = divmod(stamp, 10**9)
    if encoding == "json":
        message = json.loads(data)
        message["timestamp"] = {"sec": sec, "nsec": nsec}
        return json.dumps(message).encode()
    # A header begins with it, after the four bytes of CDR.
    return data[:4] + struct.pack("<II", sec, nsec) + data[12:]


def scan():
    store = get_typestore(Stores.ROS2_HUMBLE)
    t = store.types
    name = "sensor_msgs/msg/LaserScan"
    header = t["std_msgs/msg/Header"](
        t["builtin_interfaces/msg/Time"](0, 0), "laser")
    ranges = numpy.array([1, numpy.nan, 2, numpy.inf, 0.25, 3], numpy.float32)
    return bytes(store.serialize_cdr(
        t[name](header, 0.0, 2.5, 0.5, 0.0, 0.1, 0.5, 20.0, ranges,
                numpy.arange(6, dtype=numpy.float32)), name))


server = foxglove.start_server(
    name="bridge", port=given.get("port", 0), tls_cert=read("cert"),
    tls_key=read("key"), message_backlog_size=20_000)
topics = [(serve(one["topic"], one["type"], one["encoding"]), one["encoding"],
           [base64.b64decode(data) for data in one["messages"]])
          for one in given.get("topics", [])]
builtin = given.get("builtin", [])
if "/scan" in builtin:
    topics.append((serve("/scan", "sensor_msgs/msg/LaserScan", "cdr"), "cdr",
                   [scan()]))
video = CompressedVideoChannel("/video") if "/video" in builtin else None
units = access_units() if video else []
nothing = [serve(f"/nothing/{i}", "sensor_msgs/msg/PointCloud2", "cdr")
           for i in range(given.get("more", 0))]
print(server.port, flush=True)

begun = time.time_ns() // PERIOD
for moment in range(begun, sys.maxsize):
    time.sleep(max(0, moment * PERIOD - time.time_ns()) / 1e9)
    shift = int(given.get("clock", 0) * 10**9)
    now = time.time_ns() + shift
    stamp = moment * PERIOD + shift + int(given.get("stamps", 0) * 10**9)
    for channel, encoding, messages in topics:
        data = messages[(moment - begun) % len(messages)]
        channel.log(stamped(data, encoding, stamp), log_time=now)
    if video:
        video.log(CompressedVideo(
            timestamp=Timestamp(*divmod(stamp, 10**9)), frame_id="camera",
            format="h264", data=units[moment % PICTURES]), log_time=now)
