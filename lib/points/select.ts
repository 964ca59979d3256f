import {
  column,
  createCloud,
  namesOf,
  type PointCloud,
  selectFields,
} from "./cloud.ts";
import { XYZ } from "./field.ts";
import { thin } from "./thin.ts";
import { wordsOf } from "./words.ts";

/** A box along the axes of a cloud's frame, its faces included. */
export interface Box {
  /** The least x, y and z. */
  readonly min: readonly [x: number, y: number, z: number];
  /** The greatest. */
  readonly max: readonly [x: number, y: number, z: number];
}

/** Which part of clouds somebody wants. */
export interface Selection {
  /**
   * Names of fields. x, y and z come at any rate; what a cloud has not is left
   * out. @default {all}
   */
  readonly fields?: readonly string[];
  /** Keeps one of so many points, spread evenly, 1 or more. @default {1} */
  readonly every?: number;
  /** Keeps the points in it. @default {wherever they are} */
  readonly box?: Box;
}

/**
 * Picks a part of a cloud: the points in the box, of these every so-manyth, and
 * of each the fields that are asked for, in the cloud's order, bit for bit.
 * Where points are left out the rest is one row.
 *
 * @returns the cloud itself where nothing is left out.
 * @throws {RangeError} for an `every` below 1.
 *
 * @example
 * ```ts
 * import { pointCloud, select } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const cloud = pointCloud(new Float32Array([0, 0, 0, 5, 0, 0]));
 * const near = select(cloud, { box: { min: [-1, -1, -1], max: [1, 1, 1] } });
 * assertEquals(near.points, 1);
 * ```
 */
export function select(
  cloud: PointCloud,
  { fields, every = 1, box }: Selection,
): PointCloud {
  const inside = box === undefined ? cloud : crop(cloud, box);
  const kept = thin(inside, 1 / every);
  if (fields === undefined) return kept;
  const wanted = new Set([...XYZ, ...fields]);
  const names = namesOf(cloud.fields);
  const chosen = names.filter((name) => wanted.has(name));
  return chosen.length === names.length ? kept : selectFields(kept, chosen);
}

/** Keeps the points in a box; one without a place is in none. */
function crop(cloud: PointCloud, { min, max }: Box): PointCloud {
  const [x, y, z] = XYZ.map((name) => column(cloud, name));
  const kept = new Uint32Array(cloud.points);
  let count = 0;
  for (let i = 0; i < cloud.points; i++) {
    const isInside = x[i] >= min[0] && x[i] <= max[0] &&
      y[i] >= min[1] && y[i] <= max[1] &&
      z[i] >= min[2] && z[i] <= max[2];
    if (isInside) kept[count++] = i;
  }
  if (count === cloud.points) return cloud;
  const { source, size, allocate } = wordsOf(cloud);
  const target = allocate(count);
  for (let point = 0, to = 0; point < count; point++) {
    const from = kept[point] * size;
    for (let i = from; i < from + size; i++) target[to++] = source[i];
  }
  const { fields, stride, viewpoint } = cloud;
  const data = new Uint8Array(target.buffer);
  return createCloud({ data, fields, stride, viewpoint });
}

/** Makes the same text of selections that pick the same of any cloud. */
export function selectionKey({ fields, every = 1, box }: Selection): string {
  const names = fields && [...new Set([...XYZ, ...fields])].toSorted();
  return JSON.stringify([names, every, box?.min, box?.max]);
}

/** Tells whether two pick the same; nothing picks all. */
export function areSameSelections(a: Selection = {}, b: Selection = {}) {
  return a === b || selectionKey(a) === selectionKey(b);
}
