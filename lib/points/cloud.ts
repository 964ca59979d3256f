import { PointsError } from "./errors.ts";

/** The fields that every cloud has, in this order. */
export const XYZ: readonly string[] = ["x", "y", "z"];

/** Points in memory: float32 fields, interleaved. */
export interface PointCloud {
  /** Names of the fields of a point, in order: x, y, z, and what follows. */
  readonly fields: readonly string[];
  /** Number of points. */
  readonly points: number;
  /** The values, shape (points, fields.length), C order. NaN marks no value. */
  readonly values: Float32Array;
}

/** Tells whether two lists of fields are the same, in the same order. */
export function areSameFields(
  a: readonly string[],
  b: readonly string[],
): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

/**
 * Checks the names of a cloud's fields, and returns them.
 *
 * @throws {PointsError} `header` when they don't begin with x, y, z or one
 * comes twice.
 */
export function checkFields(fields: readonly string[]): readonly string[] {
  const isSound = XYZ.every((name, i) => fields[i] === name) &&
    new Set(fields).size === fields.length;
  if (isSound) return fields;
  throw new PointsError(
    "header",
    `A cloud's fields are x, y, z and further names, each once, ` +
      `not ${fields.join(", ")}`,
  );
}

/**
 * Makes a cloud of interleaved values, without copying them.
 *
 * @param values shape (points, fields.length), C order.
 * @param fields names of a point's values; x, y, z, and what follows.
 * @throws {PointsError} `length` when the values are not whole points, `header`
 * for fields that a cloud can't have.
 *
 * @example
 * ```ts
 * import { pointCloud } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const values = new Float32Array([1, 2, 3, 0.5, 4, 5, 6, 0.25]);
 * const cloud = pointCloud(values, ["x", "y", "z", "intensity"]);
 * assertEquals(cloud.points, 2);
 * ```
 */
export function pointCloud(
  values: Float32Array,
  fields: readonly string[] = XYZ,
): PointCloud {
  checkFields(fields);
  if (values.length % fields.length !== 0) {
    throw new PointsError(
      "length",
      `${values.length} values are not whole points of ${fields.length} fields`,
    );
  }
  return { fields, points: values.length / fields.length, values };
}

/**
 * Picks the named fields of a cloud, in their order. A cloud that has just
 * those already is returned as it is.
 *
 * @throws {PointsError} `header` when the cloud has no field of a name.
 */
export function selectFields(
  cloud: PointCloud,
  names: readonly string[],
): PointCloud {
  const { fields, points } = cloud;
  if (areSameFields(names, fields)) return cloud;
  const columns = names.map((name) => {
    const column = fields.indexOf(name);
    if (column >= 0) return column;
    throw new PointsError(
      "header",
      `The cloud has no field ${name}; it has ${fields.join(", ")}`,
    );
  });
  const values = new Float32Array(points * names.length);
  for (let i = 0, from = 0, to = 0; i < points; i++, from += fields.length) {
    for (const column of columns) values[to++] = cloud.values[from + column];
  }
  return pointCloud(values, names);
}
