/**
 * LZ4 blocks (github.com/lz4/lz4, lz4_Block_format.md): sequences of literals
 * and of copies of what came before, without a frame around them.
 */
import { PointsError } from "../errors.ts";

const MIN_MATCH = 4;

/** The last bytes of a block are literals, and no match begins near its end. */
const LAST_LITERALS = 5;
const LAST_MATCH = 12;

const MAX_DISTANCE = 65_535;

/** What a length is in half of a token; as much says that more follows. */
const MAX_NIBBLE = 15;

/** A byte of a block stands for at most so many. */
const MAX_RATIO = 255;

const HASH_BITS = 14;
const HASH_MULTIPLIER = 2_654_435_761;

/** How many positions are tried before larger steps are made. */
const SKIP_SHIFT = 6;

// Compressing is one synchronous call, so all share this memory.

/** Where bytes of a hash stood last, and one more; 0 for nowhere. */
const table = new Int32Array(1 << HASH_BITS);
let compressed = new Uint8Array();
let decompressed = new Uint8Array();

/**
 * Compresses bytes to one block: greedily, the nearest match that a hash finds.
 *
 * @returns it, valid until the next call; it never shares memory with `bytes`.
 */
export function lz4Compress(bytes: Uint8Array): Uint8Array {
  const bound = bytes.length + Math.ceil(bytes.length / MAX_RATIO) + 16;
  if (compressed.length < bound) compressed = new Uint8Array(bound);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lastMatch = bytes.length - LAST_MATCH;
  table.fill(0);
  let at = 0, literals = 0, out = 0, misses = 0;
  while (at <= lastMatch) {
    const word = view.getInt32(at, true);
    const hash = Math.imul(word, HASH_MULTIPLIER) >>> 32 - HASH_BITS;
    const from = table[hash] - 1;
    table[hash] = at + 1;
    const isMatch = from >= 0 && at - from <= MAX_DISTANCE &&
      view.getInt32(from, true) === word;
    if (!isMatch) {
      at += 1 + (misses++ >> SKIP_SHIFT);
      continue;
    }
    const end = findMatchEnd(bytes, from, at);
    out = putSequence(bytes, literals, at, out, end - at - MIN_MATCH);
    compressed[out++] = at - from & 255;
    compressed[out++] = at - from >> 8;
    out = putLength(end - at - MIN_MATCH, out);
    literals = at = end;
    misses = 0;
  }
  out = putSequence(bytes, literals, bytes.length, out, 0);
  return compressed.subarray(0, out);
}

function findMatchEnd(bytes: Uint8Array, from: number, at: number): number {
  const last = bytes.length - LAST_LITERALS;
  let end = at + MIN_MATCH;
  for (let i = from + MIN_MATCH; end < last && bytes[i] === bytes[end];) {
    i++;
    end++;
  }
  return end;
}

/** Puts a token, and the literals before a match. */
function putSequence(
  bytes: Uint8Array,
  start: number,
  end: number,
  at: number,
  matchLength: number,
): number {
  const count = end - start;
  compressed[at] = Math.min(count, MAX_NIBBLE) << 4 |
    Math.min(matchLength, MAX_NIBBLE);
  const out = putLength(count, at + 1);
  if (count < 32) {
    for (let i = 0; i < count; i++) compressed[out + i] = bytes[start + i];
  } else {
    compressed.set(bytes.subarray(start, end), out);
  }
  return out + count;
}

/** Puts what of a length doesn't fit the token. */
function putLength(length: number, at: number): number {
  if (length < MAX_NIBBLE) return at;
  let rest = length - MAX_NIBBLE;
  for (; rest >= 255; rest -= 255) compressed[at++] = 255;
  compressed[at++] = rest;
  return at;
}

/**
 * Decompresses one block, which is all of `bytes`.
 *
 * @returns the content, valid until the next call.
 * @throws {PointsError} `too-large` before more than `maxBytes` are
 * decompressed, `length` when the block is cut off, `header` when it copies
 * what there isn't.
 */
export function lz4Decompress(
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array {
  const room = Math.min(maxBytes, bytes.length * MAX_RATIO);
  if (decompressed.length < room) decompressed = new Uint8Array(room);
  const end = lz4DecompressInto(decompressed, bytes, 0, maxBytes);
  return decompressed.subarray(0, end);
}

/**
 * Decompresses one block behind what stands in `content` already, which it may
 * copy from.
 *
 * @param start where it begins in `content`.
 * @param most where it has to end.
 * @returns where it ends.
 * @throws {PointsError} as {@linkcode lz4Decompress} does.
 */
export function lz4DecompressInto(
  content: Uint8Array,
  bytes: Uint8Array,
  start: number,
  most: number,
): number {
  let at = 0, out = start;
  for (;;) {
    if (at >= bytes.length) throw cutOff();
    const token = bytes[at++];
    let count = token >> 4;
    if (count === MAX_NIBBLE) {
      let byte = 255;
      while (byte === 255) {
        if (at >= bytes.length) throw cutOff();
        byte = bytes[at++];
        count += byte;
      }
    }
    if (at + count > bytes.length) throw cutOff();
    if (out + count > most) throw tooMuch(most);
    if (count < 32) {
      for (let i = 0; i < count; i++) content[out + i] = bytes[at + i];
    } else {
      content.set(bytes.subarray(at, at + count), out);
    }
    at += count;
    out += count;
    if (at === bytes.length) return out;
    if (at + 2 > bytes.length) throw cutOff();
    const distance = bytes[at] | bytes[at + 1] << 8;
    at += 2;
    if (distance === 0 || distance > out) {
      throw new PointsError(
        "header",
        `Cannot read LZ4: a copy from ${distance} bytes before, of ${out}`,
      );
    }
    let length = token & MAX_NIBBLE;
    if (length === MAX_NIBBLE) {
      let byte = 255;
      while (byte === 255) {
        if (at >= bytes.length) throw cutOff();
        byte = bytes[at++];
        length += byte;
      }
    }
    length += MIN_MATCH;
    if (out + length > most) throw tooMuch(most);
    if (distance >= length) {
      content.copyWithin(out, out - distance, out - distance + length);
      out += length;
    } else {
      for (const end = out + length; out < end; out++) {
        content[out] = content[out - distance];
      }
    }
  }
}

function cutOff(): PointsError {
  return new PointsError("length", "Cannot read LZ4: the block is cut off");
}

function tooMuch(maxBytes: number): PointsError {
  return new PointsError(
    "too-large",
    `Cannot read LZ4: more than the expected ${maxBytes} bytes`,
  );
}
