/** PCL's packed colours, as PCD files have them. */
import type { PointCloud } from "../cloud.ts";
import type { FieldType, PointField } from "../field.ts";
import type { PcdData } from "./header.ts";

function isPacked({ name }: PointField): boolean {
  return /^rgba?$/i.test(name);
}

/**
 * Turns a packed colour that a file calls a float64 into the float32 whose bits
 * it is; the cloud is copied then.
 */
export function narrowColor(cloud: PointCloud): PointCloud {
  const { fields, stride } = cloud;
  const isWide = (field: PointField) =>
    isPacked(field) && field.type === "float64";
  const wide = fields.filter(isWide);
  if (wide.length === 0) return cloud;
  const data = cloud.data.slice();
  const view = new DataView(data.buffer);
  for (const { offset } of wide) {
    for (let at = offset; at < data.length; at += stride) {
      view.setFloat32(at, view.getFloat64(at, true), true);
    }
  }
  const narrowed = fields.map((field): PointField =>
    isWide(field) ? { ...field, type: "float32" } : field
  );
  return { ...cloud, fields: narrowed, data };
}

/**
 * Gives packed colours the type that a file has them in, the bits being the
 * same: rgba is a uint32, and rgb in ascii, where not each float can be told.
 */
export function storeColor(cloud: PointCloud, data: PcdData): PointCloud {
  const stored = (field: PointField): FieldType =>
    isPacked(field) && field.type === "float32" &&
      (/a$/i.test(field.name) || data === "ascii")
      ? "uint32"
      : field.type;
  const fields = cloud.fields.map((field) => ({
    ...field,
    type: stored(field),
  }));
  return { ...cloud, fields };
}
