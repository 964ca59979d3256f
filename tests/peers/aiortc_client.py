"""
A client on aiortc, as the original system's is: it posts an offer, opens one data
channel, sends clouds of points on it, each in one message, and audio and video.

What happens is told on standard error, a JSON object a line; the report comes last,
on standard output. Needs python3-aiortc and what that brings.
"""

import argparse
import asyncio
import io
import json
import signal
import sys
import time
import urllib.request

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaPlayer


def log(message, **fields):
    """Tells what happened."""
    print(json.dumps({"message": message, **fields}), file=sys.stderr, flush=True)


def checksum(values):
    """FNV-1a over 32-bit words, as lib/points/checksum.ts computes it."""
    hash = 0x811C9DC5
    for word in values.view(np.uint32).ravel().tolist():
        hash = (hash ^ word) * 0x01000193 & 0xFFFFFFFF
    return hash


def make_cloud(rng, points, frame):
    """Makes random points, the frame number in the first one's three values."""
    values = rng.random((points, 3), dtype=np.float32)
    values[0] = frame
    return values


def to_message(values, npy):
    """Gives the bytes of one message: a .npy file, or the bare values."""
    if not npy:
        return values.tobytes()
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


class CountedTrack(MediaStreamTrack):
    """Hands on another track's frames, and counts them."""

    def __init__(self, track):
        super().__init__()
        self.kind = track.kind
        self.frames = 0
        self._track = track

    async def recv(self):
        frame = await self._track.recv()
        self.frames += 1
        return frame

    def stop(self):
        super().stop()
        self._track.stop()


def post_json(url, body):
    """Posts JSON and gives the JSON answered; no proxy stands in between."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        return json.load(response)


def prefer_video_codec(peer, name):
    """Offers one video codec alone."""
    codecs = RTCRtpSender.getCapabilities("video").codecs
    wanted = [codec for codec in codecs if codec.mimeType == f"video/{name}"]
    for transceiver in peer.getTransceivers():
        if transceiver.kind == "video":
            transceiver.setCodecPreferences(wanted)


async def connect(peer, url):
    """Makes the offer and posts it; gives what was answered."""
    await peer.setLocalDescription(await peer.createOffer())
    description = peer.localDescription
    offer = {"sdp": description.sdp, "type": description.type}
    answer = await asyncio.get_running_loop().run_in_executor(
        None, post_json, url, offer
    )
    await peer.setRemoteDescription(
        RTCSessionDescription(answer["sdp"], answer["type"])
    )
    return answer


def is_delivered(peer):
    """Tells whether SCTP has had everything acknowledged."""
    sctp = peer.sctp
    return not (sctp._data_channel_queue or sctp._outbound_queue or sctp._sent_queue)


async def packets_sent(peer):
    """Counts the RTP packets sent so far, by kind."""
    packets = {}
    for stats in (await peer.getStats()).values():
        if stats.type == "outbound-rtp":
            packets[stats.kind] = packets.get(stats.kind, 0) + stats.packetsSent
    return packets


async def run(options):
    rng = np.random.default_rng(options.seed)
    clouds = [make_cloud(rng, options.points, i) for i in range(options.frames)]
    sums = [checksum(values) for values in clouds]

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)

    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    channel = peer.createDataChannel("data")
    opened = asyncio.Event()
    channel.on("open", opened.set)
    channel.on("close", stop.set)
    tracks = []
    if options.media != "none":
        player = MediaPlayer(options.media)
        tracks = [CountedTrack(t) for t in (player.audio, player.video) if t]
    for track in tracks:
        peer.addTrack(track)
    prefer_video_codec(peer, options.video_codec)

    try:
        answer = await connect(peer, options.signaling)
        await asyncio.wait_for(opened.wait(), 30)
        log("open", session=answer.get("session"))

        if options.invalid:
            channel.send(bytes(13))
            channel.send(b"")
            channel.send("not points")
        started = due = time.monotonic()
        sent = 0
        for values in clouds:
            message = to_message(values, options.npy)
            channel.send(message)
            sent += len(message)
            due += 1 / options.rate
            if values is not clouds[-1]:
                await asyncio.sleep(due - time.monotonic())
        # aiortc has no event for the acknowledgement of the last byte.
        while not is_delivered(peer) and not stop.is_set():
            await asyncio.sleep(0.01)
        seconds = time.monotonic() - started
        log("delivered" if is_delivered(peer) else "lost", seconds=seconds)
        if options.hold:
            await stop.wait()

        delivered = is_delivered(peer)
        report = {
            "session": answer.get("session"),
            "delivered": delivered,
            "frames": len(clouds),
            "points": options.points * len(clouds),
            "bytes": sent,
            "checksums": sums,
            "seconds": round(seconds, 3),
            "mediaFrames": {track.kind: track.frames for track in tracks},
            "mediaPackets": await packets_sent(peer),
        }
    finally:
        for track in tracks:
            track.stop()
        await peer.close()
    print(json.dumps(report), flush=True)
    return 0 if delivered else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signaling", default="http://localhost:8080/offer")
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=4)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--media", default="tests/data/test.mp4")
    parser.add_argument("--video-codec", choices=["VP8", "H264"], default="VP8")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--npy", action="store_true", help="send .npy files")
    parser.add_argument(
        "--invalid",
        action="store_true",
        help="send 13 bytes, no bytes and a text before the first frame",
    )
    parser.add_argument(
        "--hold",
        action="store_true",
        help="stay connected when all is delivered, until SIGTERM",
    )
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
