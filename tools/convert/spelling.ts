/** Names that a file format has for what a cloud calls otherwise. */
import { namesOf, type PointCloud } from "../../lib/points/cloud.ts";
import type { PointField } from "../../lib/points/field.ts";
import { findIntensity } from "../../lib/points/meaning.ts";
import {
  spellForPcd,
  spellForPly,
} from "../../lib/points/records/translate.ts";

/**
 * Calls a cloud's fields what they are called in the file that was made of it:
 * colour, normals and intensity are spelled in more than one way. A packed
 * colour gets the type that it has there, as its bits are the same.
 */
export function spellAlike(cloud: PointCloud, written: PointCloud): PointCloud {
  const spellings = [cloud, spellForPly(cloud), spellForPcd(cloud)]
    .map((spelling) => withIntensity(spelling, written));
  const common = spellings.map((spelling) => countCommon(spelling, written));
  const best = spellings[common.indexOf(Math.max(...common))];
  return withColorTypes(best, written);
}

function countCommon(a: PointCloud, b: PointCloud): number {
  const names = new Set(namesOf(b.fields));
  return a.fields.filter(({ name }) => names.has(name)).length;
}

/** KITTI's files have an intensity, whatever the cloud calls it. */
function withIntensity(cloud: PointCloud, written: PointCloud): PointCloud {
  const from = findIntensity(cloud.fields);
  const to = findIntensity(written.fields);
  const names = namesOf(cloud.fields);
  if (!from || !to || names.includes(to.name)) return cloud;
  return mapFields(
    cloud,
    (field) => field === from ? { ...field, name: to.name } : field,
  );
}

function withColorTypes(cloud: PointCloud, written: PointCloud): PointCloud {
  return mapFields(cloud, (field) => {
    const other = written.fields.find(({ name }) => name === field.name);
    const isPacked = /^rgba?$/i.test(field.name) && /32$/.test(field.type);
    return isPacked && other !== undefined && /32$/.test(other.type)
      ? { ...field, type: other.type }
      : field;
  });
}

function mapFields(
  cloud: PointCloud,
  change: (field: PointField) => PointField,
): PointCloud {
  return { ...cloud, fields: cloud.fields.map(change) };
}
