"""
Decodes Cloudini buffers, the codec that pointwire's client sends by default, with NumPy.

    pip install numpy zstandard          # zstandard where chunks are compressed with it
    python3 docs/examples/python/cloudini.py cloud.cloudini
"""

import re
import sys

import numpy as np

TYPES = dict(INT8="i1", UINT8="u1", INT16="<i2", UINT16="<u2", INT32="<i4", UINT32="<u4",
             FLOAT32="<f4", FLOAT64="<f8", INT64="<i8", UINT64="<u8")
FIELD = re.compile(r"- name: (.*)\n +offset: (\d+)\n +type: (\w+)\n +resolution: (\S+)")


def decode(buffer):
    """Gives the points of a buffer of version 5 with a header of text, as a structured array."""
    if buffer[:13] != b"CLOUDINI_V05\n":
        raise ValueError("not a Cloudini buffer of version 5 with a header of text")
    end = buffer.index(0)
    text = buffer[13:end].decode() + "\n"
    head = dict(re.findall(r"^(\w+): (\S+)$", text, re.M))
    names, offsets, kinds, steps = zip(*FIELD.findall(text))
    dtype = np.dtype(dict(names=names, formats=[TYPES[kind] for kind in kinds],
                          offsets=[int(at) for at in offsets], itemsize=int(head["point_step"])))
    steps = [None if step == "null" else np.float32(step) for step in steps]
    cloud = np.zeros(int(head["width"]) * int(head["height"]), dtype)
    at, most = end + 1, 32768 * (dtype.itemsize + 64) + 1024
    for start in range(0, len(cloud), 32768):
        size = int.from_bytes(buffer[at:at + 4], "little")
        chunk = decompress(buffer[at + 4:at + 4 + size], head["compression_opt"], most)
        decode_chunk(chunk, cloud[start:start + 32768], steps, head["encoding_opt"])
        at += 4 + size
    return cloud


def decompress(chunk, how, most):
    if how == "NONE":
        return chunk
    if how == "ZSTD":
        import zstandard
        return zstandard.ZstdDecompressor().decompress(chunk, max_output_size=most)
    raise ValueError(f"chunks are compressed with {how}, not ZSTD")


def decode_chunk(chunk, points, steps, encoding):
    data = np.frombuffer(chunk + bytes(16), np.uint8)
    ends = np.flatnonzero(data < 128)
    # Where the varint ends that begins at each byte.
    after = (ends[np.searchsorted(ends, np.arange(len(chunk) + 1))] + 1).tolist()
    ways = {name: way(points.dtype[name], step, encoding)
            for name, step in zip(points.dtype.names, steps)}
    inner = [name for name in ways if ways[name] != "section"]
    places, bits, at = {name: [] for name in inner}, {name: [] for name in inner}, 0
    windows = {name: (0, None) for name in inner}
    sizes = [(name, ways[name], points.dtype[name].itemsize) for name in inner]
    for _ in range(len(points)):
        for name, how, size in sizes:
            places[name].append(at)
            if how == "varint":
                at = after[at]
            elif how == "packed":
                at, *windows[name] = unpack(chunk, at, *windows[name])
                bits[name].append(windows[name][0])
            else:
                at += size
    for name, step in zip(points.dtype.names, steps):
        kind, how = points.dtype[name], ways[name]
        if how == "section":
            points[name], at = section(chunk, data, after, at, kind, len(points))
        elif how == "packed":
            points[name] = np.array(bits[name], "<u8").view(kind)
        elif how == "varint":
            values, isnan = undelta(data, np.array(places[name], int))
            if step is not None:
                values = (values * np.float64(step)).astype(kind)
                values[isnan] = np.nan
            points[name] = values
        else:
            raw = data[np.array(places[name], int)[:, None] + np.arange(kind.itemsize)]
            raw = np.ascontiguousarray(raw).view(f"<u{kind.itemsize}")[:, 0]
            if how == "xor":
                raw = np.bitwise_xor.accumulate(raw)
            points[name] = raw.view(kind)


def way(kind, step, encoding):
    """How a field's values are written."""
    if encoding == "NONE" or kind.itemsize == 1:
        return "raw"
    if kind.kind in "iu":
        return "section" if encoding == "LOSSY" else "varint"
    if encoding == "LOSSY" and step is not None:
        return "varint"
    if kind.itemsize == 8:
        return "packed"
    return "xor" if encoding == "LOSSLESS" else "raw"


def plain(data, places):
    """The numbers at some places, in base 128, low bits first."""
    numbers, goes_on = np.zeros(len(places), np.uint64), np.ones(len(places), bool)
    for i in range(10):
        part = data[np.minimum(places + i, len(data) - 1)]
        numbers |= np.where(goes_on, part & 127, 0).astype(np.uint64) << np.uint64(7 * i)
        goes_on &= part >= 128
    return numbers


def undelta(data, places):
    """Sums differences up; a 0 stands for no value, and the sum begins again."""
    raw = plain(data, places)
    isnan = raw == 0
    zigzag = np.where(isnan, 0, raw - np.uint64(1)).astype(np.uint64)
    deltas = (zigzag >> np.uint64(1)).astype(np.int64) ^ -(zigzag & np.uint64(1)).astype(np.int64)
    sums = np.cumsum(deltas)
    last = np.maximum.accumulate(np.where(isnan, np.arange(len(raw)), -1))
    return sums - np.where(last < 0, 0, sums[last]), isnan


def unpack(chunk, at, value, window):
    """Reads a float64 whose bits differ from the last one's in a window."""
    word, used = int.from_bytes(chunk[at:at + 20], "little"), 1
    if window is None:  # The first.
        return at + 8, word & (1 << 64) - 1, (65, 0)
    if word & 1:
        used = 2
        if word & 2:
            leading, count = word >> 2 & 31, (word >> 7 & 63) + 1
            window, used = (count, 64 - leading - count), 13
        value ^= (word >> used & (1 << window[0]) - 1) << window[1]
        used += window[0]
    return at + (used + 7) // 8, value, window


def section(chunk, data, after, at, kind, count):
    """Reads an integer field, which comes after the points; and where it ends."""
    mode, at = chunk[at], at + 1
    if mode == 1:  # A palette.
        entries = int.from_bytes(chunk[at:at + 2], "little")
        palette = np.frombuffer(chunk, kind, entries, at + 2)
        at += 2 + entries * kind.itemsize
        width = (entries - 1).bit_length()
        size = (width * count + 7) // 8
        each = np.unpackbits(data[at:at + size], bitorder="little")[:width * count]
        indexes = each.reshape(count, width) @ (1 << np.arange(width))
        return palette[indexes.astype(int)], at + size
    runs = int.from_bytes(chunk[at:at + 4], "little") if mode > 1 else count
    at += 4 if mode > 1 else 0
    values, lengths = [], []
    for _ in range(runs):
        values.append(at)
        at = at + kind.itemsize if mode == 2 else after[at]
        lengths.append(at)
        at = after[at] if mode > 1 else at
    repeat = plain(data, np.array(lengths, int)).astype(int) if mode > 1 else 1
    if mode == 2:
        raw = data[np.array(values, int)[:, None] + np.arange(kind.itemsize)]
        return np.repeat(np.ascontiguousarray(raw).view(kind)[:, 0], repeat), at
    raw = plain(data, np.array(values, int)) - np.uint64(1)
    deltas = (raw >> np.uint64(1)).astype(np.int64) ^ -(raw & np.uint64(1)).astype(np.int64)
    return np.cumsum(np.repeat(deltas, repeat)).astype(kind), at


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        decoded = decode(file.read())
    print(len(decoded), "points of", decoded.dtype)
