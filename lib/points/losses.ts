/** What a format can't hold of a cloud, in sentences. */
import type { PointCloud } from "./cloud.ts";
import { findField } from "./cloud.ts";
import type { WrittenField } from "./headerless/headerless.ts";
import { typeBytes } from "./field.ts";

/** Names the viewpoint where a cloud has one that a format can't hold. */
export function viewpointLoss(
  { viewpoint }: PointCloud,
  format: string,
): string[] {
  return viewpoint === undefined ? [] : [`${format} can't hold the viewpoint`];
}

/** Names the rows where a cloud has some that a format can't hold. */
export function rowsLoss(
  { height, width }: PointCloud,
  format: string,
): string[] {
  return height === 1
    ? []
    : [`${format} can't hold the ${height} rows of ${width} points`];
}

/** Names what is left out or changed where a format has fields of its own. */
export function fieldLosses(
  cloud: PointCloud,
  written: readonly WrittenField[],
  format: string,
): string[] {
  const left = cloud.fields
    .filter(({ name }) => !written.some(({ from }) => from === name))
    .map(({ name }) => `${format} can't hold ${name}`);
  const changed = written.flatMap(({ to, from = "" }) => {
    const source = findField(cloud, from);
    if (source === undefined || source.type === to.type) return [];
    const isRounded = typeBytes(source.type) > 2;
    return isRounded
      ? [`${format} rounds ${from} from ${source.type} to ${to.type}`]
      : [`${format} holds ${from} as ${to.type}, not as ${source.type}`];
  });
  return [...left, ...changed];
}
