/** What a ray can hit, and where it does. Metres; axes as in scan.ts. */
import {
  type Echoes,
  reflected,
  type Scan,
  SENSOR_HEIGHT,
  windowOf,
} from "./scan.ts";

export type Vector = readonly [x: number, y: number, z: number];

/** A box that may be turned. */
export interface Box {
  kind: "box";
  centre: Vector;
  /** Unit vectors along its edges. */
  axes: readonly [Vector, Vector, Vector];
  /** Half of its edges' lengths. */
  half: Vector;
  /** Part of the light it sends back, 0 to 1. */
  reflectivity: number;
}

/**
 * All that is within `radius` of the line from `from` to `to`: a rod, a ball.
 */
export interface Capsule {
  kind: "capsule";
  from: Vector;
  to: Vector;
  radius: number;
  reflectivity: number;
}

/** An upright cylinder with a flat top, from the floor to `top`. */
export interface Cylinder {
  kind: "cylinder";
  x: number;
  y: number;
  top: number;
  radius: number;
  reflectivity: number;
}

export type Shape = Box | Capsule | Cylinder;

/** Keeps the hits of all rays on a shape, where they are the nearest so far. */
export function cast(scan: Scan, echoes: Echoes, shape: Shape): void {
  switch (shape.kind) {
    case "box":
      return castBox(scan, echoes, shape);
    case "capsule":
      return castCapsule(scan, echoes, shape);
    case "cylinder":
      return castCylinder(scan, echoes, shape);
  }
}

/** Kay and Kajiya's slabs, in the box's own axes. */
function castBox(scan: Scan, echoes: Echoes, box: Box): void {
  const { centre, axes: [a, b, c], half, reflectivity } = box;
  const [x, y, z] = centre;
  const [hx, hy, hz] = half;
  const rays = windowOf(scan, centre, Math.hypot(hx, hy, hz));
  const { beams, columns, across, up } = scan;
  const origin: Vector = [-x, -y, SENSOR_HEIGHT - z];
  const ox = dot(a, origin);
  const oy = dot(b, origin);
  const oz = dot(c, origin);
  for (let i = rays.firstColumn; i <= rays.lastColumn; i++) {
    const column = i % columns;
    const cos = scan.cos[column];
    const sin = scan.sin[column];
    const ax = a[0] * cos + a[1] * sin;
    const bx = b[0] * cos + b[1] * sin;
    const cx = c[0] * cos + c[1] * sin;
    for (let beam = rays.firstBeam; beam <= rays.lastBeam; beam++) {
      const dx = across[beam] * ax + up[beam] * a[2];
      const dy = across[beam] * bx + up[beam] * b[2];
      const dz = across[beam] * cx + up[beam] * c[2];
      const px = Math.abs(hx / dx);
      const py = Math.abs(hy / dy);
      const pz = Math.abs(hz / dz);
      const mx = -ox / dx;
      const my = -oy / dy;
      const mz = -oz / dz;
      const near = Math.max(mx - px, my - py, mz - pz);
      const far = Math.min(mx + px, my + py, mz + pz);
      if (near >= far) continue;
      const cosine = near === mx - px ? dx : near === my - py ? dy : dz;
      const ray = column * beams + beam;
      echoes.keepNearest(ray, near, reflected(reflectivity, cosine));
    }
  }
}

/** The side as a cylinder around the line, the ends as balls. */
function castCapsule(scan: Scan, echoes: Echoes, capsule: Capsule): void {
  const { from, to, radius, reflectivity } = capsule;
  const along = minus(to, from);
  const long = dot(along, along);
  const rays = windowOf(
    scan,
    [
      (from[0] + to[0]) / 2,
      (from[1] + to[1]) / 2,
      (from[2] + to[2]) / 2,
    ],
    radius + Math.sqrt(long) / 2,
  );
  const { beams, columns, across, up } = scan;
  const a: Vector = [-from[0], -from[1], SENSOR_HEIGHT - from[2]];
  const b: Vector = [-to[0], -to[1], SENSOR_HEIGHT - to[2]];
  const alongA = dot(along, a);
  const squareA = dot(a, a) - radius * radius;
  const squareB = dot(b, b) - radius * radius;
  const quadratic = long * squareA - alongA * alongA;
  for (let i = rays.firstColumn; i <= rays.lastColumn; i++) {
    const column = i % columns;
    const cos = scan.cos[column];
    const sin = scan.sin[column];
    const acrossAlong = along[0] * cos + along[1] * sin;
    const acrossA = a[0] * cos + a[1] * sin;
    const acrossB = b[0] * cos + b[1] * sin;
    for (let beam = rays.firstBeam; beam <= rays.lastBeam; beam++) {
      const dAlong = across[beam] * acrossAlong + up[beam] * along[2];
      const dA = across[beam] * acrossA + up[beam] * a[2];
      const p = long - dAlong * dAlong;
      const q = long * dA - alongA * dAlong;
      const root = q * q - p * quadratic;
      if (root < 0) continue;
      let distance = (-q - Math.sqrt(root)) / p;
      const height = alongA + distance * dAlong;
      let cosine: number;
      if (height > 0 && height < long) {
        cosine = (dA + distance - height / long * dAlong) / radius;
      } else {
        const isA = height <= 0;
        const dEnd = isA ? dA : across[beam] * acrossB + up[beam] * b[2];
        const rootEnd = dEnd * dEnd - (isA ? squareA : squareB);
        if (rootEnd < 0) continue;
        cosine = Math.sqrt(rootEnd) / radius;
        distance = -dEnd - Math.sqrt(rootEnd);
      }
      const ray = column * beams + beam;
      echoes.keepNearest(ray, distance, reflected(reflectivity, cosine));
    }
  }
}

function castCylinder(scan: Scan, echoes: Echoes, cylinder: Cylinder): void {
  const { x, y, top, radius, reflectivity } = cylinder;
  const rays = windowOf(scan, [x, y, top / 2], Math.hypot(radius, top / 2));
  const { beams, columns, across, up } = scan;
  for (let i = rays.firstColumn; i <= rays.lastColumn; i++) {
    const column = i % columns;
    const middle = x * scan.cos[column] + y * scan.sin[column];
    const root = middle * middle - (x * x + y * y - radius * radius);
    if (root < 0) continue;
    const half = Math.sqrt(root);
    const near = middle - half;
    for (let beam = rays.firstBeam; beam <= rays.lastBeam; beam++) {
      const slope = up[beam] / across[beam];
      const height = SENSOR_HEIGHT + near * slope;
      const ray = column * beams + beam;
      if (height >= 0 && height <= top) {
        const cosine = half / radius * across[beam];
        const distance = near / across[beam];
        echoes.keepNearest(ray, distance, reflected(reflectivity, cosine));
        continue;
      }
      const flat = (top - SENSOR_HEIGHT) / slope;
      if (height > top && flat > near && flat < middle + half) {
        const distance = flat / across[beam];
        echoes.keepNearest(ray, distance, reflected(reflectivity, up[beam]));
      }
    }
  }
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
