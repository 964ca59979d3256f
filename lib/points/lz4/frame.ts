/**
 * LZ4 frames (github.com/lz4/lz4, lz4_Frame_format.md): blocks one after the
 * other, with lengths between them.
 */
import { PointsError } from "../errors.ts";
import { lz4DecompressInto } from "./lz4.ts";

const MAGIC = 0x184d2204;

/** Bits of the frame's descriptor. */
const VERSION = 0x40, VERSION_BITS = 0xc0;
const HAS_BLOCK_CHECKSUMS = 0x10;
const HAS_SIZE = 0x08;
const HAS_DICTIONARY = 0x01;

/** The bit of a block's length that says that it isn't compressed. */
const IS_PLAIN = 0x80000000;

/** Magic number, two bytes of descriptor, and its checksum. */
const HEADER_BYTES = 7;
const SIZE_BYTES = 8;
const CHECKSUM_BYTES = 4;

/** A byte of a block stands for at most so many. */
const MAX_RATIO = 255;

/**
 * Decompresses one frame whose content's size is known. Checksums are passed
 * over.
 *
 * @returns the content, in a buffer of its own.
 * @throws {PointsError} `header` for what is no frame or is damaged, `length`
 * where it is cut off or has another size, `too-large` where it has more,
 * `unsupported` for a dictionary.
 */
export function lz4DecompressFrame(
  bytes: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isFrame = bytes.length >= HEADER_BYTES &&
    view.getUint32(0, true) === MAGIC && (bytes[4] & VERSION_BITS) === VERSION;
  if (!isFrame) {
    throw new PointsError("header", "Cannot read LZ4: it is no frame");
  }
  const flags = bytes[4];
  if ((flags & HAS_DICTIONARY) !== 0) {
    throw new PointsError("unsupported", "Cannot read LZ4: a dictionary");
  }
  // No byte stands for more, so no memory is taken for a promise.
  if (size > bytes.length * MAX_RATIO) throw cutOff();
  const content = new Uint8Array(size);
  const gap = (flags & HAS_BLOCK_CHECKSUMS) !== 0 ? CHECKSUM_BYTES : 0;
  let at = HEADER_BYTES + ((flags & HAS_SIZE) !== 0 ? SIZE_BYTES : 0);
  for (let out = 0;;) {
    if (at + 4 > bytes.length) throw cutOff();
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) {
      if (out === size) return content;
      throw new PointsError(
        "length",
        `Cannot read LZ4: ${out} bytes came out, where ${size} are due`,
      );
    }
    const length = word & ~IS_PLAIN;
    if (at + length > bytes.length) throw cutOff();
    const block = bytes.subarray(at, at + length);
    at += length + gap;
    if ((word & IS_PLAIN) === 0) {
      out = lz4DecompressInto(content, block, out, size);
      continue;
    }
    if (out + length > size) {
      throw new PointsError(
        "too-large",
        `Cannot read LZ4: more than the expected ${size} bytes`,
      );
    }
    content.set(block, out);
    out += length;
  }
}

function cutOff(): PointsError {
  return new PointsError("length", "Cannot read LZ4: the frame is cut off");
}
