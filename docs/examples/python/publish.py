"""
Publishes points from NumPy, by HTTP: a wave on a square of 10 x 10 m, ten times a second.

    deno task server
    python3 docs/examples/python/publish.py          # in another terminal; needs NumPy
"""

import io
import json
import sys
import time
import urllib.error
import urllib.request

import numpy as np

SIDE = 100  # points
RATE = 10  # clouds a second
DTYPE = np.dtype([(name, "<f4") for name in ("x", "y", "z", "intensity")])


def wave(seconds):
    """One cloud of the wave; whatever knows your points goes here."""
    x, y = np.meshgrid(*[np.linspace(-5, 5, SIDE)] * 2)
    cloud = np.zeros(SIDE * SIDE, DTYPE)
    cloud["x"], cloud["y"] = x.ravel(), y.ravel()
    cloud["z"] = np.sin(np.hypot(x, y) * 2 - seconds * 3).ravel() / 2
    cloud["intensity"] = cloud["z"] + 0.5
    return cloud


def files(duration):
    """Gives the clouds as .npy files, each when it is due."""
    started = time.monotonic()
    for number in range(round(duration * RATE)):
        time.sleep(max(0, started + number / RATE - time.monotonic()))
        file = io.BytesIO()
        np.save(file, wave(number / RATE))
        yield file.getvalue()


def main(server="http://localhost:8080", duration="60"):
    # Many clouds in one request; one in each, as often as they come, is as good.
    request = urllib.request.Request(
        f"{server}/sessions/wave/points",
        files(float(duration)),
        {"content-type": "application/octet-stream"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            print(json.load(response)["clouds"], "clouds arrived")
    except urllib.error.HTTPError as error:
        sys.exit(json.load(error)["detail"])


main(*sys.argv[1:])
