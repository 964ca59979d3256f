/** Whole numbers of 64 bits, which PLY doesn't have: doubles in their place. */
import type { PointCloud } from "../cloud.ts";
import type { PointField } from "../field.ts";

function isLong({ type }: PointField): boolean {
  return type === "int64" || type === "uint64";
}

/** Writes the fields of 64-bit integers as the nearest doubles, in a copy. */
export function doubleLongs(cloud: PointCloud): PointCloud {
  const { fields, stride } = cloud;
  const longs = fields.filter(isLong);
  if (longs.length === 0) return cloud;
  const data = cloud.data.slice();
  const view = new DataView(data.buffer);
  for (const field of longs) {
    const read = longReader(view, field);
    for (let at = field.offset; at < data.length; at += stride) {
      view.setFloat64(at, Number(read(at)), true);
    }
  }
  const doubled = fields.map((field): PointField =>
    isLong(field) ? { ...field, type: "float64" } : field
  );
  return { ...cloud, fields: doubled, data };
}

/** Says of each field of 64-bit integers what becomes of it. */
export function longLosses({ fields, stride, data }: PointCloud): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return fields.filter(isLong).map((field) => {
    const read = longReader(view, field);
    let rounded = 0;
    for (let at = field.offset; at < data.length; at += stride) {
      const value = read(at);
      if (BigInt(Number(value)) !== value) rounded++;
    }
    const values = rounded === 0
      ? "each value exact"
      : `${rounded} of its values rounded`;
    return `PLY has no ${field.type}: ${field.name} is written as double, ` +
      values;
  });
}

function longReader(
  view: DataView,
  { type }: PointField,
): (at: number) => bigint {
  return type === "int64"
    ? (at) => view.getBigInt64(at, true)
    : (at) => view.getBigUint64(at, true);
}
