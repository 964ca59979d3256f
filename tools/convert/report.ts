/** What the converter says. */
import type { PointCloud } from "../../lib/points/cloud.ts";
import type { FieldComparison } from "../../lib/points/compare.ts";
import { type PointField, XYZ } from "../../lib/points/field.ts";
import type { Conversion } from "./conversion.ts";

/** Describes each field whose values changed, a line each. */
export function describeChanges(fields: readonly FieldComparison[]): string[] {
  return fields.filter(({ isExact }) => !isExact).map(({ name, maxError }) =>
    maxError > 0
      ? `${name}: maximum error ${maxError}`
      : `${name}: other bits of a NaN or of a zero`
  );
}

/** Describes the file in one line. */
export function describeFile(
  path: string,
  { bytes, cloud, fields }: Conversion,
): string {
  const { points } = cloud;
  const error = fields.filter(({ name }) => XYZ.includes(name))
    .reduce((most, { maxError }) => Math.max(most, maxError), 0);
  return [
    `${path}: ${points} points${describeRows(cloud)}`,
    describeFields(cloud.fields),
    `${bytes.length} bytes ` +
    `(${(bytes.length / Math.max(1, points)).toFixed(2)} a point)`,
    `maximum error ${error}`,
  ].join(", ");
}

function describeRows({ width, height }: PointCloud): string {
  return height === 1 ? "" : ` (${width} x ${height})`;
}

/** `x y z float32, ring uint16`: a type after all fields that have it. */
function describeFields(fields: readonly PointField[]): string {
  return fields.map(({ name, type }, i) =>
    type === fields[i + 1]?.type
      ? `${name} `
      : `${name} ${type}${i + 1 < fields.length ? ", " : ""}`
  ).join("");
}
