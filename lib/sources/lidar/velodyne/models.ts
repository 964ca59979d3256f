/**
 * The models whose packets say what they are, by their user manuals: VLP-16
 * (63-9243), Puck Hi-Res (63-9318), HDL-32E (63-9113), VLP-32C (63-9325),
 * Alpha Prime (63-9679). In order of the lasers' numbers.
 */

/** A model of sensors, and where its lasers look. */
export interface VelodyneModel {
  readonly name: string;
  /** Metres of one step of distance. */
  readonly resolution: number;
  /** Degrees above the horizon, of each laser. */
  readonly elevations: readonly number[];
  /** Degrees that each laser looks ahead of the azimuth, clockwise. */
  readonly azimuthOffsets: readonly number[];
  /** Millimetres that each laser is above the origin. */
  readonly heights: readonly number[];
  readonly timing: FiringTiming;
}

/** When lasers fire, microseconds. */
export interface FiringTiming {
  /** From one group of lasers that fire at once to the next. */
  readonly group: number;
  /** Lasers of a group. */
  readonly lasers: number;
  /** From the first group of all lasers to the first of the next time. */
  readonly sequence: number;
  /** Groups after which the time of two passes without one. */
  readonly pauseAfter?: number;
  /** Of the first group, since the packet's time. @default {0} */
  readonly first?: number;
}

const PUCK_TIMING: FiringTiming = { group: 2.304, lasers: 1, sequence: 55.296 };

/** Beams leave a turning head so far from its axis, and cross on it. */
function heightsOf(elevations: readonly number[], radius: number): number[] {
  return elevations.map((degrees) => -radius * Math.tan(radians(degrees)));
}

function radians(degrees: number): number {
  return degrees * Math.PI / 180;
}

/** Two rows of lasers, which take turns; the upper one starts at `upper`. */
function interleaved(
  { lasers, lower, upper, step, digits }: {
    lasers: number;
    lower: number;
    upper: number;
    step: number;
    digits: number;
  },
): number[] {
  const rounded = (degrees: number) => Number(degrees.toFixed(digits));
  return Array.from(
    { length: lasers },
    (_, i) => rounded((i % 2 === 0 ? lower : upper) + step * (i >> 1)),
  );
}

const VLP_16 = interleaved(
  { lasers: 16, lower: -15, upper: 1, step: 2, digits: 0 },
);

const HI_RES = interleaved(
  { lasers: 16, lower: -10, upper: 2 / 3, step: 4 / 3, digits: 3 },
);
const HI_RES_HEIGHTS = [
  ...[7.4, -0.9, 6.5, -1.8, 5.5, -2.7, 4.6, -3.7],
  ...[3.7, -4.6, 2.7, -5.5, 1.8, -6.5, 0.9, -7.4],
];

const HDL_32E = interleaved(
  { lasers: 32, lower: -92 / 3, upper: -28 / 3, step: 4 / 3, digits: 2 },
);

const VLP_32C = [
  ...[-25, -1, -1.667, -15.639, -11.31, 0, -0.667, -8.843],
  ...[-7.254, 0.333, -0.333, -6.148, -5.333, 1.333, 0.667, -4],
  ...[-4.667, 1.667, 1, -3.667, -3.333, 3.333, 2.333, -2.667],
  ...[-3, 7, 4.667, -2.333, -2, 15, 10.333, -1.333],
];
const VLP_32C_OFFSETS = [
  ...[1.4, -4.2, 1.4, -1.4, 1.4, -1.4, 4.2, -1.4],
  ...[1.4, -4.2, 1.4, -1.4, 4.2, -1.4, 4.2, -1.4],
  ...[1.4, -4.2, 1.4, -4.2, 4.2, -1.4, 1.4, -1.4],
  ...[1.4, -1.4, 1.4, -4.2, 4.2, -1.4, 1.4, -1.4],
];

const VLS_128 = [
  ...[-11.742, -1.99, 3.4, -5.29, -0.78, 4.61, -4.08, 1.31],
  ...[-6.5, -1.11, 4.28, -4.41, 0.1, 6.48, -3.2, 2.19],
  ...[-3.86, 1.53, -9.244, -1.77, 2.74, -5.95, -0.56, 4.83],
  ...[-2.98, 2.41, -6.28, -0.89, 3.62, -5.07, 0.32, 7.58],
  ...[-0.34, 5.18, -3.64, 1.75, -25, -2.43, 2.96, -5.73],
  ...[0.54, 9.7, -2.76, 2.63, -7.65, -1.55, 3.84, -4.85],
  ...[3.18, -5.51, -0.12, 5.73, -4.3, 1.09, -16.042, -2.21],
  ...[4.06, -4.63, 0.76, 15, -3.42, 1.97, -6.85, -1.33],
  ...[-5.62, -0.23, 5.43, -3.53, 0.98, -19.582, -2.32, 3.07],
  ...[-4.74, 0.65, 11.75, -2.65, 1.86, -7.15, -1.44, 3.95],
  ...[-2.1, 3.29, -5.4, -0.01, 4.5, -4.19, 1.2, -13.565],
  ...[-1.22, 4.17, -4.52, 0.87, 6.08, -3.31, 2.08, -6.65],
  ...[1.42, -10.346, -1.88, 3.51, -6.06, -0.67, 4.72, -3.97],
  ...[2.3, -6.39, -1, 4.39, -5.18, 0.21, 6.98, -3.09],
  ...[4.98, -3.75, 1.64, -8.352, -2.54, 2.85, -5.84, -0.45],
  ...[8.43, -2.87, 2.52, -6.17, -1.66, 3.73, -4.96, 0.43],
];
const VLS_128_OFFSETS = [
  ...[6.354, 4.548, 2.732, 0.911, -0.911, -2.732, -4.548, -6.354],
];

/** The models by the product byte of their packets. */
export const VELODYNE_MODELS: ReadonlyMap<number, VelodyneModel> = new Map([
  [0x21, {
    name: "HDL-32E",
    resolution: 0.002,
    elevations: HDL_32E,
    azimuthOffsets: HDL_32E.map(() => 0),
    heights: heightsOf(HDL_32E, 28.955),
    timing: { group: 1.152, lasers: 1, sequence: 46.08 },
  }],
  [0x22, {
    name: "VLP-16",
    resolution: 0.002,
    elevations: VLP_16,
    azimuthOffsets: VLP_16.map(() => 0),
    heights: heightsOf(VLP_16, 41.91),
    timing: PUCK_TIMING,
  }],
  [0x24, {
    name: "Puck Hi-Res",
    resolution: 0.002,
    elevations: HI_RES,
    azimuthOffsets: HI_RES.map(() => 0),
    heights: HI_RES_HEIGHTS,
    timing: PUCK_TIMING,
  }],
  [0x28, {
    name: "VLP-32C",
    resolution: 0.004,
    elevations: VLP_32C,
    azimuthOffsets: VLP_32C_OFFSETS,
    heights: heightsOf(VLP_32C, 42.4),
    timing: { ...PUCK_TIMING, lasers: 2 },
  }],
  [0xa1, {
    name: "VLS-128",
    resolution: 0.004,
    elevations: VLS_128,
    azimuthOffsets: VLS_128.map((_, i) => VLS_128_OFFSETS[i % 8]),
    heights: heightsOf(VLS_128, 58.63),
    // Since firmware 5.2.3; before, a group took 2.665 microseconds, and all
    // of them 53.3, which no packet says.
    timing: {
      group: 2.89,
      lasers: 8,
      sequence: 57.8,
      pauseAfter: 8,
      first: -7,
    },
  }],
]);
