"""A robot without ROS: two moving clouds, their transforms and a camera.

    python3 -m venv robot && robot/bin/pip install foxglove-sdk numpy rosbags pillow
    robot/bin/python tools/demo_robot.py
    deno task client --source 'ros:*' --ros ws://localhost:8765 \
      --media ros:/camera --duration 0

It serves the Foxglove WebSocket protocol, as foxglove_bridge does: /front/points
is foxglove.PointCloud in protobuf, /rear/points sensor_msgs/PointCloud2 in CDR.
Cloud number n of a sensor has `n` as each point's intensity.
"""
import argparse
import io
import math
import time

import foxglove
import numpy
from foxglove import Channel, Schema
from foxglove.channels import (
    CompressedImageChannel,
    FrameTransformsChannel,
    PointCloudChannel,
)
from foxglove.messages import (
    CompressedImage,
    FrameTransform,
    FrameTransforms,
    PackedElementField,
    PackedElementFieldNumericType,
    PointCloud,
    Quaternion,
    Timestamp,
    Vector3,
)
from PIL import Image, ImageDraw
from rosbags.typesys import Stores, get_typestore

STORE = get_typestore(Stores.ROS2_HUMBLE)
FIELDS = ("x", "y", "z", "intensity")


def scan(number: int, points: int) -> numpy.ndarray:
    """A wavy ring that turns, shape (points, 4), float32."""
    angle = numpy.arange(points) * (2 * math.pi * 16 / points) + number / 20
    ring = numpy.arange(points) * 16 // points
    radius = 4 + numpy.sin(3 * angle + number / 10)
    height = ring * 0.15 - 0.5
    values = (radius * numpy.cos(angle), radius * numpy.sin(angle), height)
    return numpy.stack((*values, numpy.full(points, number)), 1).astype("<f4")


def foxglove_cloud(values: numpy.ndarray, now: int) -> PointCloud:
    kind = PackedElementFieldNumericType.Float32
    return PointCloud(
        timestamp=Timestamp(now // 10**9, now % 10**9),
        frame_id="front_lidar",
        point_stride=16,
        fields=[
            PackedElementField(name=name, offset=4 * i, type=kind)
            for i, name in enumerate(FIELDS)
        ],
        data=values.tobytes(),
    )


def ros_cloud(values: numpy.ndarray, now: int) -> bytes:
    types = STORE.types
    header = types["std_msgs/msg/Header"](
        stamp=types["builtin_interfaces/msg/Time"](
            sec=now // 10**9, nanosec=now % 10**9
        ),
        frame_id="rear_lidar",
    )
    field = types["sensor_msgs/msg/PointField"]
    name = "sensor_msgs/msg/PointCloud2"
    message = types[name](
        header=header,
        height=1,
        width=len(values),
        fields=[
            field(name=name, offset=4 * i, datatype=7, count=1)
            for i, name in enumerate(FIELDS)
        ],
        is_bigendian=False,
        point_step=16,
        row_step=16 * len(values),
        data=numpy.frombuffer(values.tobytes(), numpy.uint8),
        is_dense=True,
    )
    return bytes(STORE.serialize_cdr(message, name))


def transforms(now: int, seconds: float) -> FrameTransforms:
    def one(parent, child, x, y, z, yaw):
        return FrameTransform(
            timestamp=Timestamp(now // 10**9, now % 10**9),
            parent_frame_id=parent,
            child_frame_id=child,
            translation=Vector3(x=x, y=y, z=z),
            rotation=Quaternion(x=0, y=0, z=math.sin(yaw / 2), w=math.cos(yaw / 2)),
        )

    return FrameTransforms(
        transforms=[
            one("map", "base_link", math.sin(seconds / 5), 0, 0, 0),
            one("base_link", "front_lidar", 1, 0, 0.5, 0),
            one("base_link", "rear_lidar", -1, 0, 0.5, math.pi),
        ]
    )


def picture(number: int) -> bytes:
    image = Image.new("RGB", (640, 360), (30, 60, 90))
    draw = ImageDraw.Draw(image)
    x = 40 + (number * 8) % 560
    draw.ellipse((x - 30, 150, x + 30, 210), fill=(250, 200, 60))
    draw.text((20, 20), f"picture {number}", fill=(255, 255, 255))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=10, help="clouds a second")
    given = parser.parse_args()

    server = foxglove.start_server(name="robot", host=given.host, port=given.port)
    front = PointCloudChannel("/front/points")
    rear = Channel(
        "/rear/points",
        message_encoding="cdr",
        schema=Schema(
            name="sensor_msgs/msg/PointCloud2",
            encoding="ros2msg",
            data=STORE.generate_msgdef("sensor_msgs/msg/PointCloud2", ros_version=2)[
                0
            ].encode(),
        ),
    )
    frames = FrameTransformsChannel("/tf")
    camera = CompressedImageChannel("/camera")
    print(f"ws://{given.host}:{server.port}", flush=True)

    started = time.monotonic()
    number = 0
    while True:
        now = time.time_ns()
        frames.log(transforms(now, time.monotonic() - started))
        values = scan(number, given.points)
        front.log(foxglove_cloud(values, now))
        rear.log(ros_cloud(values[::-1], now))
        camera.log(
            CompressedImage(
                timestamp=Timestamp(now // 10**9, now % 10**9),
                frame_id="camera",
                format="jpeg",
                data=picture(number),
            )
        )
        number += 1
        time.sleep(max(0, started + number / given.rate - time.monotonic()))


if __name__ == "__main__":
    main()
