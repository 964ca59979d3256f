/**
 * The rays of a spinning sensor: columns of beams, one column after the other
 * around the vertical axis, and what each of them hits first.
 *
 * Metres; x ahead, y to the left, z up from the floor. The sensor is above the
 * origin.
 */

/** Height of the sensor above the floor, metres. */
export const SENSOR_HEIGHT = 1.7;

/** Elevations of the lowest and the highest beam, radians. */
const LOWEST = -32 * Math.PI / 180;
const HIGHEST = 17 * Math.PI / 180;

/** How much of the beams' spread is even; the rest is denser in the middle. */
const EVENNESS = 0.6;

/** Directions of all rays; ray i is beam i % beams of column i / beams. */
export interface Scan {
  rays: number;
  /** Rays of each column; the last column may have fewer. */
  beams: number;
  /** Columns of a whole turn. */
  columns: number;
  /** Cosine and sine of each column's azimuth. */
  cos: Float64Array;
  sin: Float64Array;
  /** Each beam's elevation, radians, rising; its cosine and its sine. */
  elevation: Float64Array;
  across: Float64Array;
  up: Float64Array;
}

/** What each ray of a scan hits; nothing yet. */
export class Echoes {
  /** Distance from the sensor, metres. */
  readonly range: Float32Array;
  /** Part of the light that comes back towards the sensor, 0 to 1. */
  readonly strength: Float32Array;

  constructor(rays: number) {
    this.range = new Float32Array(rays).fill(Infinity);
    this.strength = new Float32Array(rays);
  }

  /** Keeps a hit where it is nearer than what the ray hit before. */
  keepNearest(ray: number, distance: number, reflected: number): void {
    if (distance > 0 && distance < this.range[ray]) {
      this.range[ray] = distance;
      this.strength[ray] = reflected;
    }
  }
}

/** The rays that may hit something, both ends included; columns modulo all. */
export interface Window {
  firstColumn: number;
  lastColumn: number;
  firstBeam: number;
  lastBeam: number;
}

/**
 * Spreads `rays` over one turn of columns of `beams`. The first column is half
 * a step past straight ahead, so that no ray runs along a wall.
 */
export function createScan(rays: number, beams: number): Scan {
  const columns = Math.ceil(rays / beams);
  const azimuth = Float64Array.from(
    { length: columns },
    (_, i) => 2 * Math.PI * (i + 0.5) / columns,
  );
  const elevation = Float64Array.from({ length: beams }, (_, i) => {
    const t = (2 * i + 1) / beams - 1;
    const spread = EVENNESS * t + (1 - EVENNESS) * t ** 3;
    return (HIGHEST + LOWEST) / 2 + (HIGHEST - LOWEST) / 2 * spread;
  });
  return {
    rays,
    beams,
    columns,
    cos: azimuth.map(Math.cos),
    sin: azimuth.map(Math.sin),
    elevation,
    across: elevation.map(Math.cos),
    up: elevation.map(Math.sin),
  };
}

/**
 * Gives what comes back of a surface that the light meets at an angle whose
 * cosine is `cosine`: rough surfaces shine in every direction.
 */
export function reflected(reflectivity: number, cosine: number): number {
  return reflectivity * (0.5 + 0.5 * Math.abs(cosine));
}

/** Finds the rays that may hit a sphere. */
export function windowOf(
  { columns, beams, elevation }: Scan,
  [x, y, z]: readonly [x: number, y: number, z: number],
  radius: number,
): Window {
  const height = z - SENSOR_HEIGHT;
  const across = Math.hypot(x, y);
  const distance = Math.hypot(across, height);
  const all = {
    firstColumn: 0,
    lastColumn: columns - 1,
    firstBeam: 0,
    lastBeam: beams - 1,
  };
  if (distance <= radius) return all;
  const middle = Math.asin(height / distance);
  const half = Math.asin(radius / distance);
  while (elevation[all.firstBeam] < middle - half) all.firstBeam++;
  while (elevation[all.lastBeam] > middle + half) all.lastBeam--;
  if (across <= radius) return all;
  const perRadian = columns / (2 * Math.PI);
  const column = Math.atan2(y, x) * perRadian - 0.5;
  const spread = Math.asin(radius / across) * perRadian;
  all.firstColumn = Math.ceil(column - spread);
  all.lastColumn = Math.floor(column + spread);
  if (all.firstColumn < 0) {
    all.firstColumn += columns;
    all.lastColumn += columns;
  }
  return all;
}
