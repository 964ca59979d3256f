"""
Reads files of points with readers that are not ours: NumPy, plyfile, Open3D,
laspy. Prints one line of JSON for each file: its fields, and a digest of each
field's values; nothing where the reader refuses the file.
"""

import hashlib
import json
import os
import sys

import numpy as np

XYZ = ["x", "y", "z"]


def digest(values):
    """Of 64-bit integers their bytes, of all else their doubles', NaN as one."""
    values = np.ascontiguousarray(values).reshape(-1)
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        data = values.astype(values.dtype.newbyteorder("<")).tobytes()
    else:
        doubles = values.astype("<f8")
        doubles[np.isnan(doubles)] = np.nan
        data = doubles.tobytes()
    return hashlib.md5(data).hexdigest()


def describe(columns):
    return {
        name: {"type": np.dtype(values.dtype).name, "points": values.size, "md5": digest(values)}
        for name, values in columns.items()
    }


def of_struct(array):
    columns = {}
    for name in array.dtype.names:
        values = array[name]
        if values.dtype.kind not in "iufb":
            continue
        columns[name] = values.reshape(-1)
    return columns


def read_npy(path):
    array = np.load(path)
    if not isinstance(array, np.ndarray):
        array = next(a for a in array.values() if a.ndim == 2 and a.shape[1] >= 3)
    if array.dtype.names:
        return of_struct(array)
    flat = array.reshape(-1, array.shape[-1])
    return {name_of(i): flat[:, i] for i in range(flat.shape[1])}


def name_of(column):
    return XYZ[column] if column < 3 else f"c{column}"


def read_raw(width):
    def read(path):
        rows = np.fromfile(path, "<f4").reshape(-1, width)
        names = XYZ + ["intensity", "ring"]
        return {names[i]: rows[:, i] for i in range(width)}
    return read


def read_ply(path):
    from plyfile import PlyData
    return of_struct(PlyData.read(path)["vertex"].data)


def read_las(path):
    import laspy
    las = laspy.read(path)
    names = ["intensity", "return_number", "classification", "gps_time", "red", "green", "blue"]
    columns = {name: np.array(getattr(las, name)) for name in XYZ}
    for name in names:
        if name in las.point_format.dimension_names:
            columns[name] = np.array(las[name])
    return columns


def read_pcd(path):
    import open3d
    open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)
    cloud = open3d.t.io.read_point_cloud(path)
    columns = {}
    for name, tensor in cloud.point.items():
        values = tensor.numpy()
        if name == "colors":
            red, green, blue = (values[:, i].astype("<u4") for i in range(3))
            columns["rgb"] = red << 16 | green << 8 | blue
        elif name in ("positions", "normals"):
            prefix = "" if name == "positions" else "normal_"
            for i, axis in enumerate(XYZ):
                columns[prefix + axis] = values[:, i]
        else:
            columns[name] = values.reshape(-1)
    return columns


READERS = {
    ".npy": read_npy,
    ".npz": read_npy,
    ".ply": read_ply,
    ".pcd": read_pcd,
    ".las": read_las,
    ".laz": read_las,
    ".pcd.bin": read_raw(5),
    ".bin": read_raw(4),
    ".f32": read_raw(3),
}


def reader_of(path):
    return next(read for ending, read in READERS.items() if path.endswith(ending))


def in_a_child(path):
    """Reads in a process of its own: Open3D crashes on some of the files."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            fields = describe(reader_of(path)(path))
            os.write(into, json.dumps({"file": path, "fields": fields}).encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(child, 0)
    return text


if __name__ == "__main__":
    if any(path.endswith(".pcd") for path in sys.argv[1:]):
        import open3d  # noqa: F401 - once, for all children
    for path in sys.argv[1:]:
        text = in_a_child(path)
        print(text or json.dumps({"file": path}), flush=True)
