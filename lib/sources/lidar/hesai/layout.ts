import type { Angles, HesaiModel } from "./models.ts";
import { blockBytes } from "./models.ts";

/** What the points of a sensor's packets need, computed once. */
export interface Layout {
  readonly model: HesaiModel;
  readonly returns: number;
  readonly channels: number;
  readonly blockBytes: number;
  /** Of each channel's elevation. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  /** Hundredths of a degree, clockwise. */
  readonly azimuthOffset: Float64Array;
  /** Microseconds: of blocks since the packet's, of channels since theirs. */
  readonly blockMicros: Float64Array;
  readonly channelMicros: Float64Array;
  /** Microseconds from a block's azimuth to each channel. */
  readonly sinceAzimuth: Float64Array;
  /** Microseconds from a block's time to that of its first channel. */
  readonly firstChannel: number;
}

/** Lays out the packets of a model that send so many returns. */
export function createLayout(
  model: HesaiModel,
  { returns, angles = model.angles }: { returns: number; angles?: Angles },
): Layout {
  const radians = Float64Array.from(
    angles.elevations,
    (degrees) => degrees * Math.PI / 180,
  );
  const { last, period, channels, afterAzimuth = 0 } = model.timing;
  const { blocks } = model;
  return {
    ...{ model, returns, channels: channels.length },
    blockBytes: blockBytes(model),
    cos: radians.map(Math.cos),
    sin: radians.map(Math.sin),
    azimuthOffset: Float64Array.from(angles.azimuths, (it) => it * 100),
    blockMicros: Float64Array.from(
      { length: blocks },
      (_, block) => last - period * Math.floor((blocks - 1 - block) / returns),
    ),
    channelMicros: Float64Array.from(channels),
    sinceAzimuth: Float64Array.from(channels, (it) => it + afterAzimuth),
    firstChannel: Math.min(...channels),
  };
}

/** Single and dual returns; three of a PandarXT-32M2X. */
const RETURNS: ReadonlyMap<number, number> = new Map([
  ...[0x33, 0x34, 0x37, 0x38].map((mode) => [mode, 1] as const),
  ...[0x39, 0x3a, 0x3b, 0x3c].map((mode) => [mode, 2] as const),
  [0x3d, 3],
]);

/** Says how many returns of a pulse a mode sends; nothing for no mode. */
export function returnsOf(mode: number): number | undefined {
  return RETURNS.get(mode);
}
