import { PointsError } from "../errors.ts";

/** A zstd frame as its headers describe it, before it is decompressed. */
export interface ZstdFrame {
  /** Bytes of the content, where the frame says so or has none. */
  contentSize: number | undefined;
  /** Bytes that the decompressor has to keep in reach. */
  windowSize: number;
}

const MAGIC = 0xfd2fb528;

/** Bytes of the content size field, by the frame header's first two bits. */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

/** Bytes of the dictionary ID field, by the frame header's last two bits. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];

/** Bits of the frame header's first byte. */
const SINGLE_SEGMENT = 0x20;
const HAS_CHECKSUM = 0x04;

const CHECKSUM_BYTES = 4;

/** Bytes of the magic number and the frame header's first byte. */
const START_BYTES = 5;

const BLOCK_HEADER_BYTES = 3;
const RLE_BLOCK = 1;

/** The header of a last block without content: raw, and of 0 bytes. */
const EMPTY_BLOCK = [1, 0, 0];

/** RFC 8878, section 3.1.1.1.2: what every decoder should support. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;

/**
 * Reads the outline of the one zstd frame that `bytes` should be (RFC 8878,
 * section 3.1.1), before anything is allocated for its content.
 *
 * @throws {PointsError} `too-large` when it says more than `maxBytes`,
 * `length` when it is cut off or more follows, `header` when it is none,
 * `unsupported` for a window beyond 8 MiB or a dictionary.
 */
export function readZstdFrame(bytes: Uint8Array, maxBytes: number): ZstdFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < START_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new PointsError("header", "Cannot read zstd: no magic number");
  }
  const descriptor = bytes[START_BYTES - 1];
  const isSingleSegment = (descriptor & SINGLE_SEGMENT) !== 0;
  const dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3];
  const sizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6] ||
    (isSingleSegment ? 1 : 0);
  const sizeAt = START_BYTES + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  const blocksAt = sizeAt + sizeBytes;
  if (bytes.length < blocksAt) throw cutOff();
  if (dictionaryBytes > 0) {
    throw new PointsError("unsupported", "Cannot read zstd: a dictionary");
  }
  const contentSize = readContentSize(view, sizeAt, sizeBytes);
  if (contentSize !== undefined && contentSize > maxBytes) {
    throw new PointsError(
      "too-large",
      `Cannot read zstd: ${contentSize} bytes, expected at most ${maxBytes}`,
    );
  }
  const windowSize = isSingleSegment
    ? contentSize!
    : readWindowSize(bytes[START_BYTES]);
  if (windowSize > MAX_WINDOW_BYTES) {
    throw new PointsError(
      "unsupported",
      `Cannot read zstd: a window of ${windowSize} bytes`,
    );
  }
  const end = findBlocksEnd(bytes, blocksAt, maxBytes) +
    ((descriptor & HAS_CHECKSUM) !== 0 ? CHECKSUM_BYTES : 0);
  if (end > bytes.length) throw cutOff();
  if (end < bytes.length) {
    throw new PointsError(
      "length",
      `Cannot read zstd: ${bytes.length - end} bytes follow the frame`,
    );
  }
  const isEmpty = EMPTY_BLOCK.every((byte, i) => bytes[blocksAt + i] === byte);
  return { contentSize: contentSize ?? (isEmpty ? 0 : undefined), windowSize };
}

/** Checks what came out of a frame against what was promised of it. */
export function checkZstdContent(
  content: Uint8Array,
  { contentSize }: ZstdFrame,
  maxBytes: number,
): void {
  if (content.length > maxBytes) throw tooMuchZstd(maxBytes);
  if (contentSize !== undefined && content.length !== contentSize) {
    throw new PointsError(
      "length",
      `Cannot read zstd: ${content.length} bytes came out of a frame that ` +
        `says ${contentSize}`,
    );
  }
}

/** Makes the error for a frame that goes on after `maxBytes`. */
export function tooMuchZstd(maxBytes: number, cause?: unknown): PointsError {
  return new PointsError(
    "too-large",
    `Cannot read zstd: more than the expected ${maxBytes} bytes`,
    { cause },
  );
}

function readContentSize(
  view: DataView,
  at: number,
  bytes: number,
): number | undefined {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    case 8:
      return Number(view.getBigUint64(at, true));
  }
}

function readWindowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Walks the block headers, each 3 bytes: last, type, size. */
function findBlocksEnd(
  bytes: Uint8Array,
  start: number,
  maxBytes: number,
): number {
  // Compressors split a block of 128 KiB in at most a few hundred.
  let blocksLeft = 64 + maxBytes / 1024;
  for (let at = start, last = false;;) {
    if (last) return at;
    if (at + BLOCK_HEADER_BYTES > bytes.length) throw cutOff();
    if (blocksLeft-- <= 0) {
      throw new PointsError("header", "Cannot read zstd: too many blocks");
    }
    const header = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
    last = (header & 1) !== 0;
    at += BLOCK_HEADER_BYTES +
      ((header >> 1 & 3) === RLE_BLOCK ? 1 : header >> 3);
  }
}

function cutOff(): PointsError {
  return new PointsError("length", "Cannot read zstd: the frame is cut off");
}
