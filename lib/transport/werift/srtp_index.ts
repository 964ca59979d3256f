import { extendSequence, sequenceDistance } from "../../media/sequence.ts";

/** What is kept of the packets of one SSRC, as werift names it. */
export interface SrtpState {
  /** That of the packet that is looked at. */
  rolloverCounter: number;
  /** The largest index so far: rollover counter and sequence number. */
  index?: number;
  /** Of the last packets, which were there: the lowest bit is the newest. */
  seen?: bigint;
}

/**
 * Packets that are looked back for one that was there before: more than any
 * receiver still waits for.
 */
const REPLAY_WINDOW = 2048;
const REPLAY_MASK = (1n << BigInt(REPLAY_WINDOW)) - 1n;

/**
 * Tells which rollover counter a packet has (RFC 3711 section 3.3.1): that with
 * which it is nearest to the newest one. werift 0.25.2 only counts where the
 * last packet before the wrap or the first after it is within 100 of it; a
 * burst that is lost there would be the end of the stream.
 */
export function countRollover(sequenceNumber: number, state: SrtpState): void {
  const newest = state.index ?? sequenceNumber;
  const index = extendSequence(newest, sequenceNumber);
  state.rolloverCounter = Math.floor(index / 2 ** 16) >>> 0;
  state.index = Math.max(newest, index);
}

/**
 * The same for a packet that came, which is no replay (section 3.3.2).
 *
 * @throws {RangeError} where it was there before, or is older than anybody can
 * tell.
 */
export function admit(sequenceNumber: number, state: SrtpState): void {
  const newest = state.index ?? sequenceNumber - 1;
  const age = sequenceDistance(sequenceNumber, newest);
  const seen = state.seen ?? 0n;
  if (age < 0) {
    // A longer shift would only take time.
    const shift = BigInt(Math.min(-age, REPLAY_WINDOW));
    state.seen = (seen << shift & REPLAY_MASK) | 1n;
  } else {
    const bit = age < REPLAY_WINDOW ? 1n << BigInt(age) : 0n;
    if (bit === 0n || (seen & bit) !== 0n) {
      throw new RangeError(`Packet ${sequenceNumber} was there before`);
    }
    state.seen = seen | bit;
  }
  countRollover(sequenceNumber, state);
}
