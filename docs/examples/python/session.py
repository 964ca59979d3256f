"""
Reads all of a session in Python, by HTTP: the clouds of every stream, pictures and sound, as they come.

    deno task server
    deno task client --name robot-7 --source lidar --media test --duration 10
    python3 docs/examples/python/session.py          # in a third terminal; needs nothing else
"""

import json
import struct
import sys
import urllib.request

MEDIA_TYPE = "application/vnd.pointwire.session"
TEXT, POINTS, MEDIA = range(3)


def records(url):
    """Gives each record's kind, the number of its stream or track, and its bytes (docs/wire.md)."""
    request = urllib.request.Request(url, headers={"accept": MEDIA_TYPE})
    with urllib.request.urlopen(request, timeout=30) as response:
        while header := response.read(8):
            length, kind, _flags, number = struct.unpack("<IBBH", header)
            yield kind, number, response.read(length)


def parts(url):
    """Gives what comes: of what, when it was captured (ms since 1970), and its bytes as encoded."""
    tracks, streams, chunks = [], {}, {}
    for kind, number, data in records(url):
        if kind == TEXT:
            message = json.loads(data)
            tracks = message.get("tracks", tracks)
            if message["type"] == "bye":
                print("ended:", message["reason"])
        elif kind == MEDIA:
            track = tracks[number]
            yield f"{track['kind']} {track['codec']}", *struct.unpack_from("<d", data), data[8:]
        elif kind == POINTS and data.startswith(b"{"):
            message = json.loads(data)
            if message["type"] == "stream":
                streams[number] = message["name"]
        elif kind == POINTS:
            chunk, count, time = struct.unpack_from("<HHd", data, 12)
            chunks.setdefault(number, []).append(data[24:])
            if chunk == count - 1:
                yield f"cloud {streams[number]}", time, b"".join(chunks.pop(number))


def main(url="http://localhost:8080/sessions/robot-7"):
    for name, time, data in parts(url):
        print(f"{name}: {len(data)} bytes of {time:.1f}", flush=True)


main(*sys.argv[1:])
