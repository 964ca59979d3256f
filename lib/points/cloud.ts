import { PointsError } from "./errors.ts";
import {
  arePacked,
  areSameFields,
  packFields,
  type PointField,
  typeBytes,
  XYZ,
} from "./field.ts";

/** Where coordinates stand in another frame (REP 103). */
export interface Pose {
  /** Metres. */
  readonly translation: readonly [x: number, y: number, z: number];
  /** A unit quaternion. */
  readonly rotation: readonly [x: number, y: number, z: number, w: number];
}

/** How points lie in bytes, however many there are. */
export interface CloudLayout {
  /** The fields of a point, in the source's order; x, y and z among them. */
  readonly fields: readonly PointField[];
  /** Bytes from one point to the next; what no field covers is padding. */
  readonly stride: number;
  /** Rows: those of a depth camera, the rings of a sensor; else 1. */
  readonly height: number;
  /** Where the sensor stood, in the frame of the coordinates. */
  readonly viewpoint?: Pose;
}

/** What a cloud is made of, without its values. */
export interface CloudShape extends CloudLayout {
  /** Points of a row; all points where `height` is 1. */
  readonly width: number;
  /** Number of points: `width` times `height`. */
  readonly points: number;
}

/**
 * Points in memory: interleaved, little-endian, each value in the type that its
 * source gave it. The bytes don't change while anybody may read them.
 */
export interface PointCloud extends CloudShape {
  /** `points` times `stride` bytes, aligned or not. */
  readonly data: Uint8Array;
}

/** What a cloud is made of. */
export interface CreateCloudOptions extends Partial<CloudLayout> {
  /** `points` times `stride` bytes. They are not copied. */
  data: Uint8Array;
  /** The fields of a point. */
  fields: readonly PointField[];
  /** Bytes from one point to the next. */
  stride: number;
  /** Rows. @default {1} */
  height?: number;
}

/** A field's values, one of each point. */
export type Column =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

const COLUMNS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
};

/**
 * Checks a cloud's fields, and returns them.
 *
 * @throws {PointsError} `header` when x, y or z is missing, a name comes twice,
 * or a field lies outside of its point.
 */
export function checkFields(
  fields: readonly PointField[],
  stride: number,
): readonly PointField[] {
  const names = new Set(fields.map(({ name }) => name));
  if (names.size < fields.length || !XYZ.every((name) => names.has(name))) {
    throw new PointsError(
      "header",
      `A cloud's fields are x, y, z and further names, each once, ` +
        `not ${namesOf(fields).join(", ") || "none"}`,
    );
  }
  const outside = fields.find(({ type, offset }) =>
    !(offset >= 0 && offset + typeBytes(type) <= stride)
  );
  if (outside === undefined) return fields;
  throw new PointsError(
    "header",
    `Field ${outside.name} lies outside of its point of ${stride} bytes`,
  );
}

/** Tells whether points lie alike, in rows of as many, seen from one place. */
export function areSameLayouts(a: CloudLayout, b: CloudLayout): boolean {
  return a === b ||
    a.stride === b.stride && a.height === b.height &&
      areSameFields(a.fields, b.fields) &&
      areSamePoses(a.viewpoint, b.viewpoint);
}

function areSamePoses(a: Pose | undefined, b: Pose | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.translation.every((value, i) => value === b.translation[i]) &&
    a.rotation.every((value, i) => value === b.rotation[i]);
}

/** Returns the names of fields, in order. */
export function namesOf(fields: readonly PointField[]): string[] {
  return fields.map(({ name }) => name);
}

/** Finds a cloud's field by its name. */
export function findField(
  { fields }: Pick<CloudShape, "fields">,
  name: string,
): PointField | undefined {
  return fields.find((field) => field.name === name);
}

/**
 * Makes a cloud of float32 values, without copying them.
 *
 * @param values shape (points, fields.length), C order; NaN marks no value.
 * @param fields names of a point's values, x, y and z among them.
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
  const packed = float32Fields(fields);
  if (values.length % fields.length !== 0) {
    throw new PointsError(
      "length",
      `${values.length} values are not whole points of ${fields.length} fields`,
    );
  }
  const { buffer, byteOffset, byteLength } = values;
  const data = new Uint8Array(buffer, byteOffset, byteLength);
  return createCloud({ ...packed, data });
}

/** Lays float32 fields of these names one after the other. */
export function float32Fields(
  names: readonly string[],
): { fields: PointField[]; stride: number } {
  return packFields(names.map((name) => ({ name, type: "float32" })));
}

/**
 * Makes a cloud of interleaved bytes, without copying them.
 *
 * @throws {PointsError} `length` when the bytes are not whole points or rows,
 * `header` for fields that a cloud can't have.
 *
 * @example
 * ```ts
 * import {
 *   column,
 *   createCloud,
 *   packFields,
 * } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const layout = packFields([
 *   { name: "x", type: "float32" },
 *   { name: "y", type: "float32" },
 *   { name: "z", type: "float32" },
 *   { name: "ring", type: "uint16" },
 * ]);
 * const cloud = createCloud({ ...layout, data: new Uint8Array(14 * 100) });
 * assertEquals(cloud.points, 100);
 * assertEquals(column(cloud, "ring"), new Uint16Array(100));
 * ```
 */
export function createCloud(
  { data, fields, stride, height = 1, viewpoint }: CreateCloudOptions,
): PointCloud {
  checkFields(fields, stride);
  const points = data.length / stride;
  if (!Number.isInteger(points)) {
    throw new PointsError(
      "length",
      `${data.length} bytes are not whole points of ${stride} bytes`,
    );
  }
  // An empty cloud has no width, however many rows.
  const width = points / height;
  if (!Number.isInteger(width)) {
    throw new PointsError(
      "length",
      `${points} points are not ${height} rows of one length`,
    );
  }
  const shape = { fields, stride, width, height, points };
  return viewpoint === undefined
    ? { ...shape, data }
    : { ...shape, viewpoint, data };
}

/** Views a cloud's bytes, to read single values. */
export function viewOf({ data }: Pick<PointCloud, "data">): DataView {
  return new DataView(data.buffer, data.byteOffset, data.length);
}

/**
 * Views a cloud whose fields are all float32, without padding, as its values:
 * shape (points, fields.length), C order.
 *
 * @returns nothing for another cloud, or where the bytes are not aligned.
 */
export function viewFloat32(
  { fields, stride, data }: PointCloud,
): Float32Array | undefined {
  const isPlain = data.byteOffset % 4 === 0 && arePacked(fields, stride) &&
    fields.every(({ type }) => type === "float32");
  return isPlain
    ? new Float32Array(data.buffer, data.byteOffset, data.length / 4)
    : undefined;
}

/**
 * Returns some fields of a cloud as float32, shape (points, names.length), C
 * order: a view where that is just what the cloud is, else a copy, rounded.
 *
 * @param names fields, in the wanted order; all of them where none are named.
 * @throws {PointsError} `header` when the cloud has no field of a name.
 *
 * @example
 * ```ts
 * import { pointCloud, toFloat32 } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const cloud = pointCloud(new Float32Array([1, 2, 3, 4, 5, 6]));
 * assertEquals(toFloat32(cloud, ["z", "x"]), new Float32Array([3, 1, 6, 4]));
 * ```
 */
export function toFloat32(
  cloud: PointCloud,
  names: readonly string[] = namesOf(cloud.fields),
): Float32Array {
  const { fields } = cloud;
  if (names.length === fields.length && names.every(isNameAt, fields)) {
    const view = viewFloat32(cloud);
    if (view !== undefined) return view;
  }
  const values = new Float32Array(cloud.points * names.length);
  for (const [at, name] of names.entries()) {
    const values1 = column(cloud, name);
    for (let i = 0, to = at; i < values1.length; i++, to += names.length) {
      values[to] = Number(values1[i]);
    }
  }
  return values;
}

function isNameAt(this: readonly PointField[], name: string, i: number) {
  return this[i].name === name;
}

/**
 * Copies one field of a cloud, one value of each point, in its type.
 *
 * @throws {PointsError} `header` when the cloud has no such field.
 */
export function column(cloud: PointCloud, name: string): Column {
  const { type, offset } = requireField(cloud, name);
  const { data, stride, points } = cloud;
  const bytes = typeBytes(type);
  const values = new COLUMNS[type](points);
  const target = new Uint8Array(values.buffer);
  copyBytes(target, { offset: 0, stride: bytes }, data, { offset, stride }, {
    bytes,
    points,
  });
  return values;
}

/**
 * Picks the named fields of a cloud, in their order, without padding. A cloud
 * that is just that already is returned as it is.
 *
 * @throws {PointsError} `header` when the cloud has no field of a name.
 */
export function selectFields(
  cloud: PointCloud,
  names: readonly string[],
): PointCloud {
  const { points, height, viewpoint } = cloud;
  const from = names.map((name) => requireField(cloud, name));
  const { fields, stride } = packFields(from);
  if (stride === cloud.stride && areSameFields(fields, cloud.fields)) {
    return cloud;
  }
  const data = new Uint8Array(points * stride);
  fields.forEach(({ type, offset }, i) =>
    copyBytes(data, { offset, stride }, cloud.data, {
      offset: from[i].offset,
      stride: cloud.stride,
    }, { bytes: typeBytes(type), points })
  );
  return createCloud({ data, fields, stride, height, viewpoint });
}

/** Returns a cloud without padding between or after its fields. */
export function pack(cloud: PointCloud): PointCloud {
  return arePacked(cloud.fields, cloud.stride)
    ? cloud
    : selectFields(cloud, namesOf(cloud.fields));
}

function requireField(cloud: PointCloud, name: string): PointField {
  const field = findField(cloud, name);
  if (field !== undefined) return field;
  throw new PointsError(
    "header",
    `The cloud has no field ${name}; it has ` +
      namesOf(cloud.fields).join(", "),
  );
}

/** Where the values of a field lie. */
export interface Place {
  /** Bytes before the first one. */
  offset: number;
  /** Bytes from one to the next. */
  stride: number;
}

/** Copies one field's values, bit for bit, from one place to another. */
export function copyBytes(
  target: Uint8Array,
  to: Place,
  source: Uint8Array,
  from: Place,
  { bytes, points }: { bytes: 1 | 2 | 4 | 8; points: number },
): void {
  const out = new DataView(target.buffer, target.byteOffset, target.length);
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  let at = from.offset, put = to.offset;
  switch (bytes) {
    case 1:
      for (let i = 0; i < points; i++, at += from.stride, put += to.stride) {
        target[put] = source[at];
      }
      return;
    case 2:
      for (let i = 0; i < points; i++, at += from.stride, put += to.stride) {
        out.setUint16(put, view.getUint16(at, true), true);
      }
      return;
    case 4:
      for (let i = 0; i < points; i++, at += from.stride, put += to.stride) {
        out.setUint32(put, view.getUint32(at, true), true);
      }
      return;
    case 8:
      for (let i = 0; i < points; i++, at += from.stride, put += to.stride) {
        out.setUint32(put, view.getUint32(at, true), true);
        out.setUint32(put + 4, view.getUint32(at + 4, true), true);
      }
  }
}
