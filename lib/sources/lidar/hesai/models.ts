/**
 * The models whose packets are understood, by their user manuals and the files
 * that come with Hesai's SDK 2: PandarXT-16, PandarXT-32, PandarXT-32M2X,
 * Pandar40P and Pandar64. Channels are counted from the top.
 */

/** A model, and how its packets are laid out. */
export interface HesaiModel {
  readonly name: string;
  /** What a packet begins with. */
  readonly magic: readonly number[];
  readonly blocks: number;
  /** Bytes before the first block. */
  readonly header: number;
  /** Bytes of a block before its azimuth, two bytes. */
  readonly blockHeader: number;
  /** Bytes of a channel: distance, two bytes; reflectivity; what else is. */
  readonly unit: number;
  readonly tail: TailLayout;
  /** Where a header tells the millimetres of a step; else they are 4. */
  readonly stepAt?: number;
  /** Degrees, where no correction file tells the sensor's own. */
  readonly angles: Angles;
  readonly timing: BlockTiming;
}

/** Where things are in what follows the blocks. */
export interface TailLayout {
  /** At least; a number and signatures may follow. */
  readonly bytes: number;
  readonly returnModeAt: number;
  /** Turns a minute, two bytes. */
  readonly speedAt: number;
  /** Six bytes: year, month, day, hour, minute and second of UTC. */
  readonly dateAt: number;
  readonly firstYear: number;
  /** Microseconds of the second, four bytes. */
  readonly microsAt: number;
  /** The packet's number, four bytes, where it is that long. */
  readonly numberAt: number;
}

/** Where each channel looks, degrees. */
export interface Angles {
  /** Above the horizon. */
  readonly elevations: readonly number[];
  /** Clockwise of the block's azimuth. */
  readonly azimuths: readonly number[];
}

/** When channels fire, microseconds. */
export interface BlockTiming {
  /** Of the last block, since the packet's time. */
  readonly last: number;
  /** From one block to the next one of another azimuth. */
  readonly period: number;
  /** Of each channel, since its block's time. */
  readonly channels: readonly number[];
  /** From when a block's azimuth was taken to its time. @default {0} */
  readonly afterAzimuth?: number;
}

const XT_TAIL: TailLayout = {
  ...{ bytes: 24, returnModeAt: 10, speedAt: 11, dateAt: 13, firstYear: 1900 },
  ...{ microsAt: 19, numberAt: 24 },
};

const PANDAR_TAIL: TailLayout = {
  ...{ bytes: 22, speedAt: 8, microsAt: 10, returnModeAt: 14, dateAt: 16 },
  ...{ firstYear: 2000, numberAt: 22 },
};

function steps(count: number, first: number, step: number): number[] {
  return Array.from({ length: count }, (_, i) => first + step * i);
}

const PANDAR_40P = {
  elevations: [
    ...[14.914, 11.049, 8.053, 5.047, 3.053, 2.046, 1.703, 1.355],
    ...[1.029, 0.692, 0.338, 0.006, -0.337, -0.662, -1.013, -1.359],
    ...[-1.701, -2.026, -2.39, -2.707, -3.039, -3.39, -3.727, -4.061],
    ...[-4.4, -4.737, -5.049, -5.407, -5.74, -6.079, -7.072, -8.072],
    ...[-9.083, -10.075, -11.068, -12.033, -13.002, -13.948, -18.889, -24.882],
  ],
  azimuths: [
    ...[1.235, 1.228, 1.21, 1.204, -1.004, -1.001, 3.461, 1.205],
    ...[-1.005, 3.486, 1.212, -1.007, 3.494, 1.221, -1.01, 3.498],
    ...[1.218, -1.007, 3.498, 1.226, -1.012, 3.493, 1.232, -1.013],
    ...[3.501, 1.23, -1.012, 3.516, 1.245, -1.02, -1.023, -1.023],
    ...[1.253, 1.256, 1.274, 1.279, -1.03, -1.022, -1.01, -0.996],
  ],
};
const PANDAR_40P_FIRINGS = [
  ...[-42.22, -28.47, -16.04, -3.62, -45.49, -31.74, -47.46, -54.67],
  ...[-20.62, -33.71, -40.91, -8.19, -20.62, -27.16, -50.73, -8.19],
  ...[-14.74, -36.98, -45.49, -52.7, -23.89, -31.74, -38.95, -11.47],
  ...[-18.65, -25.19, -48.76, -6.23, -12.77, -35.01, -21.92, -9.5],
  ...[-43.52, -29.77, -17.35, -4.92, -42.22, -28.47, -16.04, -3.62],
];

const PANDAR_64 = {
  elevations: [
    ...[14.838, 10.983, 8.003, 5.017, 3.022, 1.999, 1.813, 1.674],
    ...[1.509, 1.318, 1.14, 0.981, 0.801, 0.664, 0.506, 0.307],
    ...[0.168, -0.024, -0.179, -0.348, -0.531, -0.722, -0.87, -1.044],
    ...[-1.217, -1.355, -1.55, -1.716, -1.875, -2.058, -2.241, -2.376],
    ...[-2.546, -2.732, -2.872, -3.087, -3.23, -3.389, -3.543, -3.757],
    ...[-3.892, -4.094, -4.241, -4.425, -4.574, -4.75, -4.9, -5.09],
    ...[-5.248, -5.425, -5.596, -5.78, -5.878, -6.109, -7.097, -8.09],
    ...[-9.08, -10.084, -11.052, -12.018, -13.023, -13.951, -18.913, -24.883],
  ],
  azimuths: [
    ...[1.091, 1.089, 1.087, 1.079, -1.123, -1.119, 5.525, 3.301],
    ...[-3.347, 1.077, -5.545, -1.129, 5.52, 3.3, -3.35, 1.074],
    ...[-5.556, -1.122, 5.537, 3.301, -3.347, 1.075, -5.564, -1.133],
    ...[5.543, 3.314, -3.356, 1.082, -5.566, -1.136, 5.552, 3.317],
    ...[-3.359, 1.074, -5.572, -1.131, 5.557, 3.326, -3.366, 1.085],
    ...[-5.583, -1.142, 5.571, 3.34, -3.365, 1.086, -5.588, -1.148],
    ...[5.581, 3.339, -3.371, 1.082, -5.607, -1.154, -1.149, -1.165],
    ...[1.103, 1.102, 1.107, 1.111, -1.174, -1.167, -1.16, -1.159],
  ],
};
const PANDAR_64_FIRINGS = [
  ...[-23.18, -21.876, -20.572, -19.268, -17.964, -16.66, -11.444, -46.796],
  ...[-7.532, -36.956, -50.732, -54.668, -40.892, -44.828, -31.052, -34.988],
  ...[-48.764, -52.7, -38.924, -42.86, -29.084, -33.02, -46.796, -25.148],
  ...[-36.956, -50.732, -27.116, -40.892, -44.828, -31.052, -34.988, -48.764],
  ...[-25.148, -38.924, -42.86, -29.084, -33.02, -52.7, -6.228, -54.668],
  ...[-15.356, -27.116, -10.14, -23.18, -4.924, -21.876, -14.052, -17.964],
  ...[-8.836, -19.268, -3.62, -20.572, -12.748, -16.66, -7.532, -11.444],
  ...[-6.228, -15.356, -10.14, -4.924, -3.62, -14.052, -8.836, -12.748],
];

const XT = {
  ...{ header: 12, blockHeader: 0, unit: 4, tail: XT_TAIL, stepAt: 9 },
};

const XT_TIMING = { last: 5.632, period: 50, afterAzimuth: 5.632 };

const XT_16_FIRINGS = steps(16, 0.368, 3.024);
const XT_32_FIRINGS = steps(32, 0.368, 1.512);
const XT_32M2X_FIRINGS = steps(16, 0.368, 2.888);

/** Packets of PandarXT: they say protocol 6.1, and their size. */
const XT_MAGIC = [0xee, 0xff, 0x06, 0x01, -1, -1];

/** The models. */
export const HESAI_MODELS: readonly HesaiModel[] = [
  {
    ...{ name: "PandarXT-16", ...XT, magic: [...XT_MAGIC, 16, 8], blocks: 8 },
    angles: {
      elevations: steps(16, 15, -2),
      azimuths: steps(16, 0, 0),
    },
    timing: { ...XT_TIMING, channels: XT_16_FIRINGS },
  },
  {
    ...{ name: "PandarXT-32", ...XT, magic: [...XT_MAGIC, 32, 8], blocks: 8 },
    angles: {
      elevations: steps(32, 15, -1),
      azimuths: steps(32, 0, 0),
    },
    timing: { ...XT_TIMING, channels: XT_32_FIRINGS },
  },
  {
    ...{ name: "PandarXT-32M2X", ...XT, blocks: 6 },
    magic: [...XT_MAGIC, 32, 6],
    angles: {
      elevations: steps(32, 19.5, -1.3),
      azimuths: steps(32, 0, 0),
    },
    timing: {
      ...XT_TIMING,
      channels: [...XT_32M2X_FIRINGS, ...XT_32M2X_FIRINGS],
    },
  },
  {
    ...{ name: "Pandar64", magic: [0xee, 0xff, 64, 6], blocks: 6, header: 8 },
    ...{ blockHeader: 0, unit: 3, tail: PANDAR_TAIL, stepAt: 5 },
    angles: PANDAR_64,
    timing: { last: -42.58, period: 55.56, channels: PANDAR_64_FIRINGS },
  },
  {
    ...{ name: "Pandar40P", magic: [0xff, 0xee], blocks: 10, header: 0 },
    ...{ blockHeader: 2, unit: 3, tail: PANDAR_TAIL },
    angles: PANDAR_40P,
    timing: { last: -28.58, period: 55.56, channels: PANDAR_40P_FIRINGS },
  },
];

/** Returns how many bytes a block has. */
export function blockBytes({ blockHeader, unit, angles }: HesaiModel): number {
  return blockHeader + 2 + unit * angles.elevations.length;
}

/** Returns how many bytes a packet has, at least. */
export function packetBytes(model: HesaiModel): number {
  return model.header + model.blocks * blockBytes(model) + model.tail.bytes;
}

/** Bytes that may follow: a number, and a signature. */
const MOST_MORE = 4 + 32;

/** Finds the model that a packet is of, by its beginning and its size. */
export function findModel(payload: Uint8Array): HesaiModel | undefined {
  return HESAI_MODELS.find((model) => {
    const more = payload.length - packetBytes(model);
    return more >= 0 && more <= MOST_MORE &&
      model.magic.every((byte, i) => byte < 0 || payload[i] === byte);
  });
}
