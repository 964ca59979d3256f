/**
 * The velodyne scans of the KITTI benchmark (Geiger et al. 2013), `.bin`:
 * points of float32 x, y, z (metres) and intensity (0 to 1), little-endian, and
 * nothing else.
 */
import { type PointCloud, pointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";

const FIELDS = ["x", "y", "z", "intensity"];
const POINT_BYTES = FIELDS.length * 4;

/**
 * Reads a KITTI `.bin` file.
 *
 * @returns a cloud of x, y, z, intensity; its values are a view of `bytes`
 * where those are 4-byte aligned, else a copy.
 * @throws {PointsError} `empty`, or `length` when the bytes are not whole
 * points.
 */
export function decodeKitti(bytes: Uint8Array): PointCloud {
  if (bytes.length === 0) {
    throw new PointsError("empty", "Cannot read KITTI .bin: the file is empty");
  }
  const rest = bytes.length % POINT_BYTES;
  if (rest !== 0) {
    throw new PointsError(
      "length",
      `Cannot read KITTI .bin: ${bytes.length} bytes end ${rest} bytes into ` +
        `the point at byte ${bytes.length - rest}, expected points of ` +
        `${POINT_BYTES} bytes (float32 x y z intensity)`,
    );
  }
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  return pointCloud(
    new Float32Array(buffer, byteOffset, byteLength / 4),
    FIELDS,
  );
}

/**
 * Writes a KITTI `.bin` file: intensity is 0 where the cloud has none, further
 * fields are left out.
 *
 * @returns a view of the cloud's values where they are just what is written.
 */
export function encodeKitti(cloud: PointCloud): Uint8Array {
  const { fields, points, values } = cloud;
  const { buffer, byteOffset, byteLength } = values;
  const from = fields.indexOf("intensity");
  if (from === 3 && fields.length === 4) {
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  const words = new Uint32Array(buffer, byteOffset, values.length);
  const written = new Uint32Array(points * FIELDS.length);
  for (let i = 0, at = 0, to = 0; i < points; i++, at += fields.length) {
    written[to++] = words[at];
    written[to++] = words[at + 1];
    written[to++] = words[at + 2];
    written[to++] = from < 0 ? 0 : words[at + from];
  }
  return new Uint8Array(written.buffer);
}
