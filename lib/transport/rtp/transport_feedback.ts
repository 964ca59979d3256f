/**
 * The body of transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1): which
 * packets came, and when.
 */
import { extendSequence } from "../../media/sequence.ts";

/** What one feedback packet says. */
export interface TransportFeedback {
  /** Counts the feedback packets; uint8, wraps. */
  count: number;
  /** Transport-wide sequence number of the first packet, extended. */
  base: number;
  /**
   * When each packet from the first on came, milliseconds of the receiver's
   * clock; undefined where it didn't.
   */
  arrivals: (number | undefined)[];
}

/** A packet that came. */
export interface Arrival {
  /** Transport-wide sequence number, extended. */
  number: number;
  /** Milliseconds. */
  at: number;
}

/** Packets that one feedback tells of, whether they came or not. */
const MAX_STATUSES = 8192;
/** Those that came: each takes 6 bytes at most, and all fit a datagram. */
const MAX_ARRIVALS = 180;
const DELTA_MS = 0.25;
const REFERENCE_MS = 64;
/** The reference time has 24 bits. */
const REFERENCE_WRAP_MS = 2 ** 24 * REFERENCE_MS;

const NOT_RECEIVED = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;

/**
 * Reads a feedback's body.
 *
 * @param near an extended sequence number near those that it is of.
 * @returns undefined where it isn't well-formed.
 */
export function readTransportFeedback(
  body: Uint8Array,
  near: number,
): TransportFeedback | undefined {
  if (body.length < 10) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const base = extendSequence(near, view.getUint16(0));
  const length = view.getUint16(2);
  if (length > MAX_STATUSES) return undefined;
  // A few bytes may tell of thousands: this takes them no objects.
  const symbols = new Uint8Array(length);
  let at = 8;
  for (let read = 0; read < length; at += 2) {
    if (at + 2 > body.length) return undefined;
    const count = readSymbols(symbols, read, view.getUint16(at));
    // Else it would never come to the end.
    if (count === 0) return undefined;
    read += count;
  }
  let time = (view.getInt32(4) >> 8) * REFERENCE_MS;
  const arrivals: (number | undefined)[] = [];
  for (const symbol of symbols) {
    if (symbol === NOT_RECEIVED) {
      arrivals.push(undefined);
      continue;
    }
    const size = symbol === SMALL_DELTA ? 1 : 2;
    if (at + size > body.length || symbol > LARGE_DELTA) return undefined;
    time += DELTA_MS * (size === 1 ? view.getUint8(at) : view.getInt16(at));
    at += size;
    arrivals.push(time);
  }
  return { count: view.getUint8(7), base, arrivals };
}

/** Reads the symbols of one chunk; returns how many packets it is of. */
function readSymbols(symbols: Uint8Array, from: number, chunk: number): number {
  if (!(chunk & 0x8000)) {
    const run = chunk & 0x1fff;
    symbols.fill(chunk >> 13 & 3, from, from + run);
    return run;
  }
  const [bits, count] = chunk & 0x4000 ? [2, 7] : [1, 14];
  for (let i = 0; i < count && from + i < symbols.length; i++) {
    symbols[from + i] = chunk >> (14 - bits * (i + 1)) & ((1 << bits) - 1);
  }
  return count;
}

/**
 * Makes a feedback's body.
 *
 * @param base the first packet that it is of, extended.
 * @param arrivals in the order of their numbers, from `base` on; numbers
 * between them didn't come.
 * @param count uint8.
 * @returns the body, and how many arrivals it is of: where two are too far
 * apart in time, or they are too many, the others are left for the next.
 */
export function writeTransportFeedback(
  base: number,
  arrivals: readonly Arrival[],
  count: number,
): { body: Uint8Array; arrivals: number } {
  const start = Math.floor(arrivals[0].at / REFERENCE_MS);
  const symbols: number[] = [];
  const deltas: number[] = [];
  let time = start * REFERENCE_MS / DELTA_MS;
  let taken = 0;
  for (const { number, at } of arrivals) {
    const delta = Math.round(at / DELTA_MS) - time;
    if (delta < -0x8000 || delta > 0x7fff) break;
    if (number - base >= MAX_STATUSES || taken === MAX_ARRIVALS) break;
    while (symbols.length < number - base) symbols.push(NOT_RECEIVED);
    symbols.push(delta >= 0 && delta <= 0xff ? SMALL_DELTA : LARGE_DELTA);
    deltas.push(delta);
    time += delta;
    taken++;
  }
  const chunks = chunksOf(symbols);
  let bytes = 8 + 2 * chunks.length;
  for (const symbol of symbols) bytes += symbol;
  const body = new Uint8Array((bytes + 3) & ~3);
  const view = new DataView(body.buffer);
  view.setUint16(0, base);
  view.setUint16(2, symbols.length);
  view.setInt32(4, (start % 2 ** 24) << 8);
  view.setUint8(7, count);
  let at = 8;
  for (const chunk of chunks) {
    view.setUint16(at, chunk);
    at += 2;
  }
  let i = 0;
  for (const symbol of symbols) {
    if (symbol === SMALL_DELTA) view.setUint8(at, deltas[i++]);
    if (symbol === LARGE_DELTA) view.setInt16(at, deltas[i++]);
    at += symbol;
  }
  return { body, arrivals: taken };
}

/** Run lengths where they are long, else vectors of seven symbols. */
function chunksOf(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  for (let at = 0; at < symbols.length;) {
    let run = 1;
    while (run < 0x1fff && symbols[at + run] === symbols[at]) run++;
    if (run >= 7 || at + run === symbols.length) {
      chunks.push(symbols[at] << 13 | run);
      at += run;
      continue;
    }
    let chunk = 0xc000;
    for (let i = 0; i < 7; i++) {
      chunk |= (symbols[at + i] ?? NOT_RECEIVED) << (12 - 2 * i);
    }
    chunks.push(chunk);
    at += 7;
  }
  return chunks;
}

/**
 * Unwraps the arrival times of one receiver's feedbacks: their reference has 24
 * bits of 64 ms.
 */
export class ArrivalClock {
  #last: number | undefined;

  /** Milliseconds on a clock that doesn't wrap, for one as it was read. */
  unwrap(arrival: number): number {
    const last = this.#last ?? arrival;
    const turns = Math.round((last - arrival) / REFERENCE_WRAP_MS);
    return this.#last = arrival + turns * REFERENCE_WRAP_MS;
  }
}
