"""
Receives points in Python, as NumPy arrays, by HTTP: every cloud of a stream in one answer.

    deno task server
    deno task client --source lidar --duration 10
    python3 docs/examples/python/receive.py          # in a third terminal; needs NumPy
"""

import json
import sys
import urllib.parse
import urllib.request

import numpy as np


def clouds(server):
    """Gives the clouds of the newest session's first stream, as structured arrays."""
    with urllib.request.urlopen(f"{server}/sessions", timeout=30) as response:
        live = [each for each in json.load(response) if each["streams"]]
    if not live:
        sys.exit("No session with points is live")
    stream = urllib.parse.quote(live[-1]["streams"][0]["name"], safe="")
    url = f"{server}/sessions/{live[-1]['name']}/{stream}.npys"
    with urllib.request.urlopen(url, timeout=30) as response:
        # One .npy file after the other, until the session ends.
        while response.peek(1):
            yield np.lib.format.read_array(response)


def main(server="http://localhost:8080"):
    for number, cloud in enumerate(clouds(server)):
        mean = [round(float(cloud[name].mean()), 2) for name in "xyz"]
        print(f"cloud {number}: {cloud.shape} of {cloud.dtype.names}, around {mean}")
    print("ended")


main(*sys.argv[1:])
