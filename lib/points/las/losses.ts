import type { PointCloud } from "../cloud.ts";
import { XYZ } from "../field.ts";
import { rowsLoss, viewpointLoss } from "../losses.ts";
import { axisOf } from "./axis.ts";
import { DEFAULT_STEP, type EncodeLasOptions } from "./encode.ts";
import { placedPoints } from "./layout.ts";

/** Says what of a cloud a LAS file can't hold. */
export function lasLosses(
  cloud: PointCloud,
  { resolution = DEFAULT_STEP }: EncodeLasOptions = {},
): string[] {
  const placed = placedPoints(cloud);
  const unplaced = cloud.points - placed.points;
  const coarser = XYZ.flatMap((name) => {
    const { scale } = axisOf(placed, name, resolution);
    return scale > resolution
      ? [`.las rounds ${name} to steps of ${scale.toPrecision(2)} m`]
      : [];
  });
  return [
    ...unplaced === 0
      ? []
      : [`.las can't hold ${unplaced} points without a place`],
    ...coarser,
    ...rowsLoss(cloud, ".las"),
    ...viewpointLoss(cloud, ".las"),
  ];
}
