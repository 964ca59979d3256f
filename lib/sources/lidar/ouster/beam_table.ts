import type { OusterMetadata } from "./metadata.ts";

/**
 * Numbers of each pixel in {@linkcode createBeamTable}: a direction's x, y, z
 * for each millimetre of range, and an origin's, metres.
 */
export const BEAM_NUMBERS = 6;

const MM = 1e-3;

/**
 * Computes where each pixel's beam goes, in the sensor's frame, by the formulas
 * of Ouster's sensor documentation ("Lidar range to XYZ"). The range is
 * measured from the lidar's origin, by way of where the beam leaves it.
 *
 * @returns shape (rows, columns, BEAM_NUMBERS), C order, by measurement ID.
 */
export function createBeamTable(metadata: OusterMetadata): Float32Array {
  const { rows, columns, azimuths, altitudes } = metadata;
  const { beamToLidar, lidarToSensor } = metadata;
  const [beamX, beamZ] = [beamToLidar[3], beamToLidar[11]];
  const toBeam = beamZ === 0 ? beamX : Math.hypot(beamX, beamZ);
  const table = new Float32Array(rows * columns * BEAM_NUMBERS);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const altitude = altitudes[row] * Math.PI / 180;
    const azimuth = azimuths[row] * Math.PI / 180;
    for (let column = 0; column < columns; column++) {
      const encoder = 2 * Math.PI * (1 - column / columns);
      const direction: Vector = [
        Math.cos(encoder - azimuth) * Math.cos(altitude),
        Math.sin(encoder - azimuth) * Math.cos(altitude),
        Math.sin(altitude),
      ];
      const origin: Vector = [
        Math.cos(encoder) * beamX - direction[0] * toBeam,
        Math.sin(encoder) * beamX - direction[1] * toBeam,
        beamZ - direction[2] * toBeam,
      ];
      for (let axis = 0; axis < 3; axis++) {
        table[at + axis] = turned(lidarToSensor, axis, direction) * MM;
        table[at + 3 + axis] = MM *
          (turned(lidarToSensor, axis, origin) + lidarToSensor[axis * 4 + 3]);
      }
      at += BEAM_NUMBERS;
    }
  }
  return table;
}

type Vector = [x: number, y: number, z: number];

/** One coordinate of a vector that is turned by a 4x4 matrix. */
function turned(
  matrix: readonly number[],
  axis: number,
  [x, y, z]: Vector,
): number {
  const row = axis * 4;
  return matrix[row] * x + matrix[row + 1] * y + matrix[row + 2] * z;
}
