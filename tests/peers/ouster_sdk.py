"""Ouster's SDK as a sensor: packets of a profile, and what they hold.

ouster_sdk.py METADATA PROFILE HEADER writes to standard output, little-endian:
the number of packets and their size (uint32), the packets, and for each return
x y z (float64, shape rows, columns, 3), reflectivity, signal, near-infrared
(uint32, shape rows, columns), destaggered; of values that the profile has not,
zeros.
"""
import sys

import numpy as np
from ouster.sdk import core
from ouster.sdk.util import frame_to_packets

info = core.SensorInfo(open(sys.argv[1]).read())
info.format.udp_profile_lidar = core.UDPProfileLidar.__members__[sys.argv[2]]
info.format.header_type = core.HeaderType.__members__[sys.argv[3]]
layout = core.PacketFormat.from_info(info)
frame = core.LidarFrame(info)
frame.frame_id = 4321
frame.status[:] = 1 if sys.argv[2] != "LEGACY" else 0xFFFFFFFF
frame.measurement_id[:] = np.arange(frame.w)
frame.timestamp[:] = np.arange(frame.w) * 97_000 + 10**9
random = np.random.default_rng(7)
for name in frame.fields:
    field = frame.field(name)
    mask = layout.field_value_mask(name)
    field[:] = random.integers(0, 2**32, field.shape) & mask
for name in ("RANGE", "RANGE2"):
    if name in frame.fields:
        frame.field(name)[random.random((frame.h, frame.w)) < 0.1] = 0

packets = [
    p for p in frame_to_packets(frame, info) if isinstance(p, core.LidarPacket)
]
out = sys.stdout.buffer
out.write(np.array([len(packets), len(packets[0].buf)], "<u4").tobytes())
for packet in packets:
    out.write(bytes(packet.buf))

lut = core.XYZLut(info, use_extrinsics=False)
none = np.zeros((frame.h, frame.w), "<u4")


def values(name):
    if name not in frame.fields:
        return none
    return core.destagger(info, frame.field(name)).astype("<u4")


for suffix in ("", "2"):
    if "RANGE" + suffix not in frame.fields:
        continue
    xyz = core.destagger(info, lut(frame.field("RANGE" + suffix)))
    out.write(xyz.astype("<f8").tobytes())
    out.write(values("REFLECTIVITY" + suffix).tobytes())
    out.write(values("SIGNAL" + suffix).tobytes())
    out.write(values("NEAR_IR").tobytes())
