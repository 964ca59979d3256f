import { namesOf, type PointCloud, selectFields } from "../points/cloud.ts";
import type { NamedType } from "../points/field.ts";

/**
 * Cuts a cloud down to the fields that are asked for, in their order. Their
 * types stay the cloud's own.
 *
 * @throws {PointsError} `header` where the cloud has no field of a name, with
 * the names that it has.
 */
export function pickFields(
  cloud: PointCloud,
  fields: readonly NamedType[] | undefined,
): PointCloud {
  if (fields === undefined) return cloud;
  const names = fields.map(({ name }) => name);
  const has = namesOf(cloud.fields);
  const isAll = names.length === has.length &&
    names.every((name, i) => name === has[i]);
  return isAll ? cloud : selectFields(cloud, names);
}
