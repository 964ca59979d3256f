"""
Receives points in Python, as NumPy arrays, by WebRTC with aiortc: as they come, encrypted, and
whole or not at all. By HTTP it takes a fraction of the lines (receive.py).

    apt install python3-aiortc python3-numpy         # or pip install aiortc numpy
    pip install zstandard                            # for what Cloudini compresses
    deno task server
    deno task client --source lidar --duration 10
    python3 docs/examples/python/receive_webrtc.py   # in a third terminal
"""

import asyncio
import io
import json
import struct
import sys
import urllib.request

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

import cloudini

# Each message begins with a header (docs/wire.md): version, codec, flags, number,
# points, chunk, chunks, capture time.
HEADER = struct.Struct("<BBHIIHHd")
F32, NPY, CLOUDINI, RAW = range(4)


def ask(url, sdp=None):
    """Gets what is at a URL, or posts an offer to it."""
    fields = {} if sdp is None else {"content-type": "application/sdp"}
    request = urllib.request.Request(url, sdp and sdp.encode(), fields)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read().decode()


def dtype_of(message):
    """How the points of the frames that follow lie, as NumPy says it."""
    fields = message["fields"]
    return np.dtype({
        "names": [field["name"] for field in fields],
        "formats": [field["type"] for field in fields],
        "offsets": [field["offset"] for field in fields],
        "itemsize": message["stride"],
    })


def decode(codec, data, dtype):
    """Gives a frame's points as a structured array."""
    if codec == CLOUDINI:
        return cloudini.decode(data)
    if codec == NPY:
        return np.lib.format.read_array(io.BytesIO(data))
    return np.frombuffer(data, dtype)


async def clouds(server):
    """Gives the clouds of the newest session: number, structured array."""
    sessions = json.loads(await asyncio.to_thread(ask, f"{server}/sessions"))
    live = [each["id"] for each in sessions if each["state"] == "connected"]
    if not live:
        sys.exit("No session is live")

    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    channel = peer.createDataChannel("points", protocol="pointwire.v1")
    messages = asyncio.Queue()
    channel.on("message", messages.put_nowait)
    await peer.setLocalDescription(await peer.createOffer())
    answer = await asyncio.to_thread(
        ask, f"{server}/whep/{live[-1]}", peer.localDescription.sdp
    )
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    dtype = np.dtype([(name, "<f4") for name in "xyz"])
    parts = []
    try:
        while True:
            message = await messages.get()
            if isinstance(message, str):
                text = json.loads(message)
                if text["type"] == "fields":
                    dtype = dtype_of(text)
                if text["type"] == "bye":
                    print("ended:", text["reason"])
                    return
                continue
            _, codec, _, number, _, chunk, chunks, _ = HEADER.unpack_from(message)
            parts = parts if chunk > 0 else []
            parts.append(message[HEADER.size:])
            if len(parts) < chunks:
                continue
            yield number, decode(codec, b"".join(parts), dtype)
    finally:
        await peer.close()


async def main(server="http://localhost:8080"):
    async for number, cloud in clouds(server):
        mean = [round(float(cloud[name].mean()), 2) for name in "xyz"]
        print(f"frame {number}: {cloud.shape} of {cloud.dtype.names}, around {mean}")


asyncio.run(main(*sys.argv[1:]))
