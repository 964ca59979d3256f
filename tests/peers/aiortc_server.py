"""
A server on aiortc, as the original system's is: it answers POST /offer, and reads
each binary message of a session's data channels as float32 points, shape (-1, 3).

What happens is told on standard error, a JSON object a line, the URL first; a summary
of every session comes on standard output at SIGTERM. Needs python3-aiortc and what
that brings.
"""

import argparse
import asyncio
import json
import signal
import sys
import zlib

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError


def log(message, **fields):
    """Tells what happened."""
    print(json.dumps({"message": message, **fields}), file=sys.stderr, flush=True)


class Session:
    """One offer's peer connection, and the counts of what came over it."""

    def __init__(self):
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.tasks = set()
        self.counts = {
            "state": "new",
            "channels": [],
            "messages": 0,
            "points": 0,
            "bytes": 0,
            # Over the bytes of all points in the order they came.
            "crc32": 0,
            "largestMessage": 0,
            "frames": [],
            "texts": 0,
            "errors": [],
            "mediaFrames": {"audio": 0, "video": 0},
        }
        self.peer.on("connectionstatechange", self._on_state)
        self.peer.on("datachannel", self._on_channel)
        self.peer.on("track", self._on_track)

    async def answer(self, offer):
        peer = self.peer
        await peer.setRemoteDescription(
            RTCSessionDescription(offer["sdp"], offer["type"])
        )
        await peer.setLocalDescription(await peer.createAnswer())
        description = peer.localDescription
        return {"sdp": description.sdp, "type": description.type}

    async def close(self):
        for task in self.tasks:
            task.cancel()
        await self.peer.close()

    def _on_state(self):
        self.counts["state"] = self.peer.connectionState
        log("state", state=self.peer.connectionState)

    def _on_channel(self, channel):
        self.counts["channels"].append([channel.label, channel.protocol])
        log("channel", label=channel.label, protocol=channel.protocol)
        channel.on("message", self._on_message)
        channel.on("close", lambda: log("channel closed", label=channel.label))

    def _on_message(self, message):
        counts = self.counts
        if isinstance(message, str):
            counts["texts"] += 1
            log("warning", text=message)
            return
        try:
            points = np.frombuffer(message, np.float32).reshape(-1, 3)
        except ValueError as error:
            counts["errors"].append(str(error))
            log("error", error=str(error))
            return
        counts["messages"] += 1
        counts["points"] += len(points)
        counts["bytes"] += len(message)
        counts["crc32"] = zlib.crc32(message, counts["crc32"])
        counts["largestMessage"] = max(counts["largestMessage"], len(message))
        # A frame's first point is three times its number; no other is so even.
        x, y, z = points[0] if len(points) else (-1, 0, 0)
        if x == y == z:
            counts["frames"].append(int(x))

    def _on_track(self, track):
        task = asyncio.ensure_future(self._consume(track))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _consume(self, track):
        frames = self.counts["mediaFrames"]
        try:
            while True:
                await track.recv()
                frames[track.kind] += 1
                if frames[track.kind] == 1:
                    log("media", kind=track.kind)
        except MediaStreamError:
            log("media ended", kind=track.kind, frames=frames[track.kind])


class Server:
    """The HTTP side: as much of HTTP/1.1 as an offer takes."""

    def __init__(self):
        self.sessions = []

    async def handle(self, reader, writer):
        try:
            status, body = await self._respond(reader)
        except Exception as error:
            status, body = "500 Internal Server Error", {"error": repr(error)}
        text = json.dumps(body).encode()
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(text)}\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + text)
        await writer.drain()
        writer.close()

    async def _respond(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1")
        request, *lines = head.split("\r\n")
        if not request.startswith("POST /offer "):
            return "404 Not Found", {"error": request}
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        body = await reader.readexactly(int(headers["content-length"]))
        session = Session()
        self.sessions.append(session)
        return "200 OK", await session.answer(json.loads(body))


async def run(options):
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    server = Server()
    listener = await asyncio.start_server(server.handle, options.host, options.port)
    port = listener.sockets[0].getsockname()[1]
    log("listening", port=port, url=f"http://127.0.0.1:{port}")
    await stop.wait()
    listener.close()
    counts = [session.counts for session in server.sessions]
    print(json.dumps({"sessions": counts}), flush=True)
    await asyncio.gather(*(session.close() for session in server.sessions))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
