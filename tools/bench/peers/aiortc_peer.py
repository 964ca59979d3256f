"""A peer of the transport bench: aiortc. See protocol.ts for what it says."""

import asyncio
import json
import resource
import sys
import time

from aiortc import RTCPeerConnection, RTCSessionDescription

MESSAGE_BYTES = 65_532
KEPT_BYTES = 512 * 1024
MARKS = [100_000, 1_000_000]

role, seconds = sys.argv[1], int(sys.argv[2])


def say(message):
    print(json.dumps(message), flush=True)


async def hear():
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return json.loads(line) if line else {}


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def send(peer):
    channel = peer.createDataChannel("bench")
    opened = asyncio.Event()
    channel.on("open", opened.set)
    await peer.setLocalDescription(await peer.createOffer())
    say({"sdp": peer.localDescription.sdp})
    answer = await hear()
    await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
    await opened.wait()
    opened_at = time.time() * 1000
    cpu = cpu_seconds()
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    message = bytes(MESSAGE_BYTES)
    channel.bufferedAmountLowThreshold = KEPT_BYTES // 2

    def fill():
        while loop.time() < until and channel.bufferedAmount < KEPT_BYTES:
            channel.send(message)

    channel.on("bufferedamountlow", fill)
    fill()
    await asyncio.sleep(seconds)
    say({"done": True, "cpu": cpu_seconds() - cpu, "openedAt": opened_at})


class Meter:
    def __init__(self):
        self.bytes = 0
        self.marks = []
        self.task = None

    def count(self, message):
        if self.task is None:
            self.task = asyncio.ensure_future(self.run())
        self.bytes += len(message)
        while len(self.marks) < len(MARKS) and self.bytes >= MARKS[len(self.marks)]:
            self.marks.append(time.time() * 1000)

    async def run(self):
        cpu, last, per_second = cpu_seconds(), 0, []
        for _ in range(seconds):
            await asyncio.sleep(1)
            per_second.append(self.bytes - last)
            last = self.bytes
        say(
            {
                "received": {
                    "bytes": self.bytes,
                    "marks": self.marks,
                    "perSecond": per_second,
                    "cpu": cpu_seconds() - cpu,
                }
            }
        )


async def receive(peer):
    meter = Meter()
    peer.on("datachannel", lambda channel: channel.on("message", meter.count))
    offer = await hear()
    await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
    await peer.setLocalDescription(await peer.createAnswer())
    say({"sdp": peer.localDescription.sdp})


async def main():
    peer = RTCPeerConnection()
    await (send(peer) if role == "send" else receive(peer))
    await hear()


asyncio.run(main())
