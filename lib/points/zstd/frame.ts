import { PointsError } from "../errors.ts";

/** What can be told of a zstd frame without decompressing it. */
export interface ZstdFrame {
  /** Bytes of the content, where the frame says it or has none. */
  contentSize: number | undefined;
  /** Bytes that the decompressor has to keep in reach. */
  windowSize: number;
}

const MAGIC = 0xfd2fb528;

/** Bytes of the content size field, by the frame header's first two bits. */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

/** Bytes of the dictionary ID field, by the frame header's last two bits. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];

const RLE_BLOCK = 1;

/** The header of a last block without content: raw, and of 0 bytes. */
const EMPTY_BLOCK = [1, 0, 0];

/** What RFC 8878, section 3.1.1.1.2 recommends every decoder to support. */
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
  if (bytes.length < 5 || view.getUint32(0, true) !== MAGIC) {
    throw new PointsError("header", "Cannot read zstd: no magic number");
  }
  const descriptor = bytes[4];
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3];
  const sizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6] ||
    (singleSegment ? 1 : 0);
  const sizeAt = 5 + (singleSegment ? 0 : 1) + dictionaryBytes;
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
  const windowSize = singleSegment ? contentSize! : readWindowSize(bytes[5]);
  if (windowSize > MAX_WINDOW_BYTES) {
    throw new PointsError(
      "unsupported",
      `Cannot read zstd: a window of ${windowSize} bytes`,
    );
  }
  const end = findBlocksEnd(bytes, blocksAt, maxBytes) +
    ((descriptor & 4) !== 0 ? 4 : 0);
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
    if (at + 3 > bytes.length) throw cutOff();
    if (blocksLeft-- <= 0) {
      throw new PointsError("header", "Cannot read zstd: too many blocks");
    }
    const header = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
    last = (header & 1) !== 0;
    at += 3 + ((header >> 1 & 3) === RLE_BLOCK ? 1 : header >> 3);
  }
}

function cutOff(): PointsError {
  return new PointsError("length", "Cannot read zstd: the frame is cut off");
}
