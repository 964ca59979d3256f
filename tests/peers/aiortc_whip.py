"""
WHIP (RFC 9725) and WHEP by aiortc and plain HTTP, as any program may speak them:
`publish` sends a media file's audio and video, `watch` takes what a session has.

What happens is told on standard error, a JSON object a line; the report comes last,
on standard output, when SIGTERM has ended it. Needs python3-aiortc.
"""

import argparse
import asyncio
import json
import signal
import struct
import sys
import time
import urllib.parse
import urllib.request

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer
from aiortc.mediastreams import MediaStreamError

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# The header of a pointwire.v1 message: docs/wire.md.
HEADER = struct.Struct("<BBHIIHHd")


def log(message, **fields):
    """Tells what happened."""
    print(json.dumps({"message": message, **fields}), file=sys.stderr, flush=True)


def ask(method, url, sdp=None):
    """Makes a request; gives status, fields and body."""
    fields = {} if sdp is None else {"content-type": "application/sdp"}
    body = None if sdp is None else sdp.encode()
    request = urllib.request.Request(url, body, fields, method=method)
    with OPENER.open(request, timeout=30) as response:
        return response.status, dict(response.headers), response.read().decode()


async def call(function, *args):
    return await asyncio.get_running_loop().run_in_executor(None, function, *args)


async def connect(peer, url):
    """Exchanges descriptions; gives the URL of what was made."""
    await peer.setLocalDescription(await peer.createOffer())
    status, fields, sdp = await call(ask, "POST", url, peer.localDescription.sdp)
    assert status == 201, status
    assert fields["content-type"] == "application/sdp", fields
    await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    return urllib.parse.urljoin(url, fields["location"])


class Watching:
    """What one who watches has got."""

    def __init__(self, peer):
        self.frames = {"audio": 0, "video": 0}
        self.points = []
        self.texts = []
        self.size = None
        self._chunks = 0
        self._tasks = []
        for kind in ("video", "audio"):
            peer.addTransceiver(kind, direction="recvonly")
        self.channel = peer.createDataChannel("points", protocol="pointwire.v1")
        self.channel.on("message", self.receive)
        peer.on("track", lambda track: self._tasks.append(
            asyncio.ensure_future(self.consume(track))
        ))

    def receive(self, message):
        if isinstance(message, str):
            self.texts.append(json.loads(message))
            log("text", text=self.texts[-1])
            return
        version, _, _, frame, points, chunk, chunks, _ = HEADER.unpack_from(message)
        assert version == 1 and chunk == self._chunks, (version, chunk)
        self._chunks = (chunk + 1) % chunks
        if self._chunks == 0:
            self.points.append([frame, points])
            log("frame", frame=frame, points=points)

    async def consume(self, track):
        """Decodes, until there is no more."""
        try:
            while True:
                frame = await track.recv()
                self.frames[track.kind] += 1
                if track.kind == "video" and self.size is None:
                    self.size = [frame.width, frame.height]
                log("decoded", **self.frames)
        except MediaStreamError:
            pass


async def run(options):
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.on("connectionstatechange", lambda: log(peer.connectionState))
    tracks, watching = [], None
    if options.role == "publish":
        player = MediaPlayer(options.media)
        tracks = [player.audio, player.video]
        for track in tracks:
            peer.addTrack(track)
    else:
        watching = Watching(peer)
    started = time.monotonic()
    try:
        location = await connect(peer, options.url)
        log("answered", location=location)
        await stop.wait()
        seconds = time.monotonic() - started
        status, _, _ = await call(ask, "DELETE", location)
    finally:
        for track in tracks:
            track.stop()
        await peer.close()
    report = {"deleted": status, "seconds": seconds}
    if watching is not None:
        report |= {
            "frames": watching.frames,
            "points": watching.points,
            "texts": watching.texts,
            "size": watching.size,
        }
    print(json.dumps(report), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=["publish", "watch"])
    parser.add_argument("url")
    parser.add_argument("--media", default="tests/data/test.mp4")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
