"""Decodes packets with velodyne-decoder, for reference_test.ts.

Reads lists of packets in base64 as JSON; writes the points of each list in
base64: float64 of x, y, z, intensity, seconds, column, ring, return.
"""
import base64
import json
import sys

import numpy as np
import velodyne_decoder as vd


def decode(packets):
    scan = vd.PacketVector()
    for packet in packets:
        scan.append(vd.VelodynePacket(1000.0, list(base64.b64decode(packet))))
    decoder = vd.ScanDecoder(vd.Config(
        min_range=0, max_range=1000, timestamp_first_packet=True))
    _, points = decoder.decode(scan)
    data = np.ascontiguousarray(points, dtype="<f8").tobytes()
    return base64.b64encode(data).decode()


json.dump([decode(packets) for packets in json.load(sys.stdin)], sys.stdout)
