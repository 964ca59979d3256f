"""Decodes a PandarXT-32's packet with hydra4, for reference_test.ts.

Reads JSON of a packet in base64 and the path of a correction file; writes the
points as JSON: x, y, z, intensity and channel of each.
"""
import base64
import json
import pathlib
import sys

import numpy as np
from hydra4.decoders import PandarXT32
from hydra4.msgs import pandar_msgs__msg__PandarPacket

given = json.load(sys.stdin)
data = np.frombuffer(base64.b64decode(given["packet"]), np.uint8)
decode = PandarXT32(pathlib.Path(given["corrections"]), 0, 1000)
packet = pandar_msgs__msg__PandarPacket(None, data, len(data))
points = [
    [float(value) for value in point[:5]]
    for block in decode(packet)
    for point in block.points
]
json.dump(points, sys.stdout)
