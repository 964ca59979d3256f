/** What each value of a packet is: which laser's, and from when. */
import type { FiringTiming, VelodyneModel } from "./models.ts";
import { BANK_FLAGS, BLOCKS, CHANNELS, RETURN_MODE } from "./packet.ts";

/** Values of a packet; item `block * 32 + channel` is one's. */
export interface Firings {
  /** Blocks that have any, each with the flag that it must have. */
  readonly flags: readonly number[];
  /** The laser. */
  readonly laser: Uint8Array;
  /** Microseconds since the packet's time. */
  readonly micros: Float64Array;
  /** Microseconds since when the block's azimuth was taken. */
  readonly sinceAzimuth: Float64Array;
  /** Whether blocks come in pairs, of two returns. */
  readonly isDual: boolean;
  /**
   * The block whose azimuth is furthest from the first one's, and how long
   * after it that is, microseconds; 0 where all are of one time.
   */
  readonly lastBlock: number;
  readonly span: number;
  /** How long it takes until the same laser fires again, microseconds. */
  readonly sequence: number;
}

/** Lays out what packets of a model have in a return mode. */
export function createFirings(model: VelodyneModel, mode: number): Firings {
  const lasers = model.elevations.length;
  const isDual = isDualMode(mode);
  const banks = Math.max(1, lasers / CHANNELS);
  const blocks = isDual ? BLOCKS - BLOCKS % (2 * banks) : BLOCKS;
  const laser = new Uint8Array(blocks * CHANNELS);
  const micros = new Float64Array(blocks * CHANNELS);
  const sinceAzimuth = new Float64Array(blocks * CHANNELS);
  const flags: number[] = [];
  for (let block = 0; block < blocks; block++) {
    const column = isDual ? block >> 1 : block;
    const bank = column % banks;
    flags.push(BANK_FLAGS[bank]);
    const before = Math.floor(column / banks);
    for (let channel = 0; channel < CHANNELS; channel++) {
      const at = block * CHANNELS + channel;
      // A block of a Puck has all its lasers twice.
      const number = banks * CHANNELS * before + bank * CHANNELS + channel;
      laser[at] = number % lasers;
      micros[at] = timeOf(model.timing, Math.floor(number / lasers), laser[at]);
      const first = banks * CHANNELS * before;
      sinceAzimuth[at] = micros[at] -
        timeOf(model.timing, Math.floor(first / lasers), 0);
    }
  }
  const lastBlock = blocks - (isDual ? 2 * banks : banks);
  const span = micros[lastBlock * CHANNELS] - micros[0];
  const { sequence } = model.timing;
  return {
    ...{ flags, laser, micros, sinceAzimuth, isDual },
    ...{ lastBlock, span, sequence },
  };
}

function isDualMode(mode: number): boolean {
  return mode === RETURN_MODE.dual || mode === RETURN_MODE.confident;
}

function timeOf(
  { group, lasers, sequence, pauseAfter = Infinity, first = 0 }: FiringTiming,
  sequences: number,
  laser: number,
): number {
  const groups = Math.floor(laser / lasers);
  const pauses = Math.floor(groups / pauseAfter);
  return sequences * sequence + (groups + 2 * pauses) * group + first;
}
