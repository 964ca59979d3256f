"""A tool on other people's client and other people's reader of messages.

Takes the URL of a door and topics of clouds and transforms; prints a line of
JSON for the first message of each.
"""

import asyncio
import json
import sys
import zlib

from robo_ws_bridge import WebSocketBridgeClient
from rosbags.typesys import Stores, get_typestore

STORE = get_typestore(Stores.ROS2_JAZZY)


def describe(channel, data):
    message = STORE.deserialize_cdr(data, channel["schemaName"])
    if channel["schemaName"].endswith("PointCloud2"):
        return {
            "frame": message.header.frame_id,
            "points": message.width * message.height,
            "stride": message.point_step,
            "fields": [[f.name, f.offset, f.datatype] for f in message.fields],
            "crc": zlib.crc32(message.data.tobytes()),
        }
    (transform,) = message.transforms
    position = transform.transform.translation
    return {
        "parent": transform.header.frame_id,
        "child": transform.child_frame_id,
        "translation": [position.x, position.y, position.z],
    }


async def main(url, topics):
    client = WebSocketBridgeClient(url)
    waiting = set(topics)
    done = asyncio.Event()

    def on_message(channel, timestamp, data):
        topic = channel["topic"]
        if topic not in waiting:
            return
        waiting.discard(topic)
        found = describe(channel, bytes(data))
        print(json.dumps({"topic": topic, **found}), flush=True)
        if not waiting:
            done.set()

    client.on_message(on_message)
    await client.connect()
    for topic in topics:
        await client.subscribe(topic)
    await asyncio.wait_for(done.wait(), 60)
    await client.disconnect()


asyncio.run(main(sys.argv[1], sys.argv[2:]))
