import { MIN_POINT_SHARE } from "../../points/thin.ts";

/** How much of a cloud is sent. */
export interface AdaptationLevel {
  /** What the encoder's steps are multiplied by, from 1. */
  readonly resolutionFactor: number;
  /** Share of the points, up to 1. */
  readonly pointShare: number;
  /** Units for one step, where the encoder has one for all fields. */
  readonly resolution?: number;
}

/** Tells whether all of a cloud is sent, as it was asked for. */
export function isWhole(level: AdaptationLevel): boolean {
  return level.resolutionFactor === 1 && level.pointShare === 1;
}

/** What of an encoder makes its levels. */
export interface Steps {
  /** Units for one step, where it has one for all fields. */
  readonly resolution?: number;
  /** Makes coarser steps, where it has steps. */
  readonly coarser?: unknown;
}

const RESOLUTION_FACTORS = [1, 2, 4, 8];
/**
 * From a level's point share to the next one's. Its powers are no fractions of
 * whole numbers: a stride of 64 would take one ring of a scanner that has 64.
 */
const SHARE_STEP = 0.9;

/**
 * The levels of an encoder, all of a cloud first: coarser resolution, where it
 * has that, up to eight times what was asked, then fewer points.
 */
export function adaptationLevels(steps: Steps): AdaptationLevel[] {
  const factors = steps.coarser !== undefined ? RESOLUTION_FACTORS : [1];
  const levels = factors.map((factor) => levelOf(steps, factor, 1));
  const coarsest = factors.at(-1)!;
  for (let n = 1; SHARE_STEP ** n > MIN_POINT_SHARE; n++) {
    const share = Number((SHARE_STEP ** n).toPrecision(4));
    levels.push(levelOf(steps, coarsest, share));
  }
  return [...levels, levelOf(steps, coarsest, MIN_POINT_SHARE)];
}

function levelOf(
  { resolution }: Steps,
  resolutionFactor: number,
  pointShare: number,
): AdaptationLevel {
  const level = { resolutionFactor, pointShare };
  return resolution === undefined
    ? level
    : { ...level, resolution: resolution * resolutionFactor };
}

/**
 * Predicts what a frame has at level `to` that has `bytes` at level `from`,
 * rather too much than too little.
 *
 * Doubling the step took 12 to 17 % off Cloudini's bytes (random points, a
 * lidar scan); the points that remain are further apart, and take up to
 * share^-0.22 times the bytes each.
 */
export function predictBytes(
  bytes: number,
  from: AdaptationLevel,
  to: AdaptationLevel,
): number {
  const doublings = Math.log2(to.resolutionFactor / from.resolutionFactor);
  const coarser = (doublings > 0 ? 0.88 : 0.83) ** doublings;
  const share = to.pointShare / from.pointShare;
  return bytes * coarser * (share < 1 ? share ** 0.75 : share);
}
