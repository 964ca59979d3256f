import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { checksumCloud } from "../../../lib/points/checksum.ts";
import {
  namesOf,
  type PointCloud,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import { lidarSource } from "../../../lib/sources/synthetic/lidar.ts";
import {
  createScan,
  Echoes,
  SENSOR_HEIGHT,
} from "../../../lib/sources/synthetic/scan.ts";
import {
  type Box,
  type Capsule,
  cast,
  type Shape,
  type Vector,
} from "../../../lib/sources/synthetic/shapes.ts";

/** Ten standard deviations of a range, metres. */
const TOLERANCE = 0.1;

Deno.test("lidarSource() gives exactly as many points as asked for", () => {
  for (const points of [1, 3, 100, 1021, 100_000]) {
    const source = lidarSource(points);
    assertEquals(source.points, points);
    assertEquals(namesOf(source.fields), ["x", "y", "z", "intensity"]);
    const cloud = source.next(0, 0);
    assertEquals(cloud.points, points);
    assertEquals(cloud.fields, source.fields);
    assertEquals(cloud.data.length, points * 16);
    assert(toFloat32(cloud).every(Number.isFinite));
  }
});

Deno.test("lidarSource() refuses what is no number of points", () => {
  for (const points of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => lidarSource(points), RangeError, `${points}`);
  }
});

Deno.test("lidarSource() gives the same frame again, bit for bit", () => {
  const one = lidarSource(20_000);
  const other = lidarSource(20_000);
  const sums = [0, 1, 2, 3].map((frame) =>
    checksumCloud(one.next(frame, frame / 10))
  );
  assertEquals(new Set(sums).size, 4);
  for (const frame of [3, 0, 2, 1, 1]) {
    assertEquals(checksumCloud(other.next(frame, frame / 10)), sums[frame]);
  }
});

Deno.test("lidarSource() makes other noise of another seed or frame", () => {
  const clouds = [
    lidarSource(10_000).next(7, 0.5),
    lidarSource(10_000, { seed: 2 }).next(7, 0.5),
    lidarSource(10_000).next(8, 0.5),
  ];
  for (const [a, b] of [[0, 1], [0, 2], [1, 2]]) {
    assertNotEquals(
      checksumCloud(clouds[a]),
      checksumCloud(clouds[b]),
    );
    assert(apart(clouds[a], clouds[b]).every((metres) => metres < TOLERANCE));
  }
});

Deno.test("lidarSource() doesn't touch a cloud again", () => {
  const source = lidarSource(1000);
  const cloud = source.next(0, 0);
  const sum = checksumCloud(cloud);
  source.next(1, 0.1);
  assertEquals(checksumCloud(cloud), sum);
});

Deno.test("lidarSource() shows the same hall whatever the number of points", () => {
  // Three times the columns: the middle one of each three is the same ray.
  const [beams, columns] = [128, 480];
  const few = lidarSource(beams * columns).next(4, 12.3);
  const many = lidarSource(beams * columns * 3).next(9, 12.3);
  for (let i = 0; i < few.points; i++) {
    const column = Math.floor(i / beams);
    const same = (column * 3 + 1) * beams + i % beams;
    assert(distance(few, i, many, same) < TOLERANCE, `ray ${i}`);
  }
});

Deno.test("lidarSource() keeps within the hall, and the intensity within 0 to 1", () => {
  const seen = new Set<number>();
  for (const seconds of [0, 4.4, 33.3, 1e6]) {
    const cloud = lidarSource(50_000).next(0, seconds);
    const [points, values] = [cloud.points, toFloat32(cloud)];
    for (let i = 0; i < points; i++) {
      const [x, y, z, intensity] = values.subarray(i * 4, i * 4 + 4);
      assert(x > -14 - TOLERANCE && x < 16 + TOLERANCE);
      assert(y > -9 - TOLERANCE && y < 11 + TOLERANCE);
      assert(z > -TOLERANCE && z < 6 + TOLERANCE);
      assert(intensity >= 0 && intensity <= 1);
      seen.add(intensity);
    }
  }
  assert(seen.size > 50);
});

Deno.test("lidarSource() goes around counterclockwise, one turn a frame", () => {
  const cloud = lidarSource(12_800).next(0, 0);
  const [points, values] = [cloud.points, toFloat32(cloud)];
  let before = 0;
  for (let i = 0; i < points; i += 64) {
    const azimuth = Math.atan2(values[i * 4 + 1], values[i * 4]);
    const turned = (azimuth + 2 * Math.PI) % (2 * Math.PI);
    assert(turned >= before);
    before = turned;
  }
  assert(before > 6);
});

Deno.test("lidarSource() has still walls and moving things", () => {
  const source = lidarSource(50_000);
  const moved = apart(source.next(0, 0), source.next(1, 1))
    .filter((metres) => metres > TOLERANCE).length;
  assert(moved > 500 && moved < 25_000, `${moved} points moved`);
});

Deno.test("lidarSource() measures ranges to about a centimetre", () => {
  const source = lidarSource(50_000);
  const differences = apart(source.next(0, 0), source.next(1, 0));
  const variance = differences.reduce((sum, metres) => sum + metres ** 2, 0) /
    differences.length;
  // Both ends of a difference are noisy.
  const deviation = Math.sqrt(variance / 2);
  assert(deviation > 0.009 && deviation < 0.011, `${deviation} m`);
});

Deno.test("a ball is hit where it is, and by every ray that meets it", () => {
  fc.assert(
    fc.property(somewhere, fc.double({ min: 0.05, max: 2, noNaN: true }), (
      centre,
      radius,
    ) => {
      const ball = {
        kind: "capsule",
        from: centre,
        to: centre,
        radius,
      } as const;
      checkShape(
        { ...ball, reflectivity: 1 },
        (point) => Math.hypot(...minus(point, centre)) - radius,
      );
    }),
    { numRuns: 60 },
  );
});

Deno.test("a rod is hit where it is, and by every ray that meets it", () => {
  fc.assert(
    fc.property(somewhere, somewhere, (from, to) => {
      const rod: Capsule = {
        kind: "capsule",
        from,
        to,
        radius: 0.2,
        reflectivity: 1,
      };
      const along = minus(to, from);
      checkShape(rod, (point) => {
        // A rod without a length is a ball.
        const part = dot(minus(point, from), along) / (dot(along, along) || 1);
        const at = Math.min(1, Math.max(0, part));
        const nearest = along.map((value, i) => from[i] + at * value);
        return Math.hypot(...minus(point, nearest)) - 0.2;
      });
    }),
    { numRuns: 60, examples: [[[3, 0, 0], [3, 0, 0]]] },
  );
});

Deno.test("a turned box is hit where it is, and by every ray that meets it", () => {
  const size = fc.double({ min: 0.1, max: 3, noNaN: true });
  const turn = fc.double({ min: 0.01, max: 1.5, noNaN: true });
  fc.assert(
    fc.property(somewhere, fc.tuple(size, size, size), turn, (
      centre,
      half,
      angle,
    ) => {
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      // Turned about z, then about its own y.
      const axes: Box["axes"] = [
        [cos * cos, cos * sin, -sin],
        [-sin, cos, 0],
        [sin * cos, sin * sin, cos],
      ];
      const box: Box = { kind: "box", centre, axes, half, reflectivity: 1 };
      checkShape(box, (point) => {
        const local = axes.map((axis) => dot(minus(point, centre), axis));
        return Math.max(...local.map((at, i) => Math.abs(at) - half[i]));
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("a cylinder is hit where it is, and by every ray that meets it", () => {
  const size = fc.double({ min: 0.1, max: 2, noNaN: true });
  fc.assert(
    fc.property(somewhere, size, size, ([x, y], radius, top) => {
      const cylinder = {
        kind: "cylinder",
        x,
        y,
        top,
        radius,
        reflectivity: 1,
      } as const;
      checkShape(
        cylinder,
        ([px, py, pz]) =>
          Math.max(Math.hypot(px - x, py - y) - radius, pz - top, -pz),
      );
    }),
    { numRuns: 60 },
  );
});

/** Anywhere in the hall but close to the sensor. */
const somewhere: fc.Arbitrary<Vector> = fc.tuple(
  fc.double({ min: -12, max: 12, noNaN: true }),
  fc.double({ min: -12, max: 12, noNaN: true }),
  fc.double({ min: 0, max: 5, noNaN: true }),
);

/**
 * Follows each ray of a scan in small steps, and compares with what was cast.
 *
 * @param outside tells how far a point is outside of the shape's surface; less
 * than 0 inside. At most the true distance.
 */
function checkShape(
  shape: Shape,
  outside: (point: Vector) => number,
): void {
  if (outside([0, 0, SENSOR_HEIGHT]) < 0.05) return;
  const scan = createScan(16 * 90, 16);
  const echoes = new Echoes(scan.rays);
  cast(scan, echoes, shape);
  for (let ray = 0; ray < scan.rays; ray++) {
    const beam = ray % scan.beams;
    const column = Math.floor(ray / scan.beams);
    const at = (metres: number): Vector => [
      metres * scan.across[beam] * scan.cos[column],
      metres * scan.across[beam] * scan.sin[column],
      SENSOR_HEIGHT + metres * scan.up[beam],
    ];
    const range = echoes.range[ray];
    if (range !== Infinity) {
      const off = Math.abs(outside(at(range)));
      assert(off < 1e-4, `ray ${ray} ends ${off} m off the surface`);
      const strength = echoes.strength[ray];
      assert(strength > 0.49 && strength <= 1.0001, `strength ${strength}`);
    }
    // Sphere tracing: no step is longer than the distance to the surface.
    const end = Math.min(range - 1e-3, 25);
    for (let metres = 0; metres < end;) {
      const left = outside(at(metres));
      assert(left > -1e-3, `ray ${ray} misses at ${metres} of ${range} m`);
      metres += Math.max(left, 0.002);
    }
  }
}

/** Gives the metres between the points of two clouds, one by one. */
function apart(a: PointCloud, b: PointCloud): number[] {
  return Array.from({ length: a.points }, (_, i) => distance(a, i, b, i));
}

function distance(
  a: PointCloud,
  i: number,
  b: PointCloud,
  j: number,
): number {
  const from = toFloat32(a).subarray(i * 4);
  const to = toFloat32(b).subarray(j * 4);
  return Math.hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2]);
}

function minus(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - b[i]);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
