import { assert, assertEquals } from "@std/assert";
import { pickPoint, type PickQuery } from "../../lib/viewer/picking.ts";
import { Matrix4, PerspectiveCamera } from "../../lib/viewer/three.ts";

const WIDTH = 800, HEIGHT = 600;

/** A camera at z = 10 that looks down; 1 m at z = 0 is 72 pixels. */
function look(): number[] {
  const camera = new PerspectiveCamera(45, WIDTH / HEIGHT, 0.1, 100);
  camera.position.set(0, 0, 10);
  camera.updateMatrixWorld();
  const { projectionMatrix, matrixWorldInverse } = camera;
  return new Matrix4()
    .multiplyMatrices(projectionMatrix, matrixWorldInverse).elements;
}

function pick(positions: number[], query: Partial<PickQuery> = {}) {
  return pickPoint({
    positions: new Float32Array(positions),
    points: positions.length / 3,
    matrix: look(),
    width: WIDTH,
    height: HEIGHT,
    x: WIDTH / 2,
    y: HEIGHT / 2,
    radius: 12,
    ...query,
  })?.index;
}

Deno.test("the nearest point on the screen is picked", () => {
  assertEquals(pick([1, 0, 0, 0.1, 0, 0, 0, 0.05, 0]), 2);
  // y is up, and down in pixels.
  const x = WIDTH / 2 + 72, y = HEIGHT / 2 - 72;
  assertEquals(pick([1, -1, 0, 1, 1, 0], { x, y }), 1);
});

Deno.test("of points at one place, the one in front is picked", () => {
  assertEquals(pick([0, 0, 0, 0, 0, 5, 0, 0, 2]), 1);
  assertEquals(pick([0, 0, 0, 0.01, 0, 5]), 1);
});

Deno.test("a point that is too far away isn't picked", () => {
  assertEquals(pick([0.2, 0, 0]), undefined);
  assertEquals(pick([0.2, 0, 0], { radius: 24 }), 0);
  assertEquals(pick([]), undefined);
});

Deno.test("what is behind the camera or no number isn't picked", () => {
  assertEquals(pick([0, 0, 11, NaN, 0, 0, 0, Infinity, 0]), undefined);
});

Deno.test("points that aren't the cloud's any more aren't picked", () => {
  assertEquals(pick([1, 0, 0, 0, 0, 0], { points: 1 }), undefined);
});

Deno.test("a million points are searched at once", () => {
  const points = 1_000_000;
  let seed = 1;
  const positions = Float32Array.from({ length: points * 3 }, () => {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
    return seed / 2 ** 31 * 3;
  });
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    assert(pick([], { positions, points }) !== undefined);
    return performance.now() - start;
  });
  const median = times.toSorted((a, b) => a - b)[4];
  console.log(`a pick of a million points: ${median.toFixed(1)} ms`);
});
