import type { VelodyneModel } from "./models.ts";

/** Where lasers look, by their numbers. */
export interface Lasers {
  /** Of the elevation. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  /** Metres above the origin. */
  readonly height: Float64Array;
  /** Hundredths of a degree, clockwise. */
  readonly azimuthOffset: Float64Array;
  /** Counted from the lowest elevation. */
  readonly ring: Uint16Array;
}

/** Computes what points need of a model's lasers. */
export function createLasers(model: VelodyneModel): Lasers {
  const { elevations, heights, azimuthOffsets } = model;
  const radians = Float64Array.from(elevations, (it) => it * Math.PI / 180);
  const byElevation = elevations.toSorted((a, b) => a - b);
  return {
    cos: radians.map(Math.cos),
    sin: radians.map(Math.sin),
    height: Float64Array.from(heights, (millimetres) => millimetres / 1000),
    azimuthOffset: Float64Array.from(azimuthOffsets, (it) => it * 100),
    ring: Uint16Array.from(elevations, (it) => byElevation.indexOf(it)),
  };
}
