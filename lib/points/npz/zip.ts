/** Zip archives (PKWARE's APPNOTE.TXT), as far as `.npz` files are some. */
import { joinBytes } from "../join_bytes.ts";
import { PointsError, type PointsErrorReason } from "../errors.ts";
import { crc32 } from "./crc32.ts";

/** A file in an archive. */
export interface ZipEntry {
  name: string;
  /** 0: stored; 8: deflated. */
  method: number;
  /** Bytes in the archive. */
  packedBytes: number;
  /** Bytes of the file. */
  bytes: number;
  /** Its checksum. */
  crc: number;
  /** Where its own header is. */
  offset: number;
}

/** The longest name of a file that is read: it comes into errors. */
const MAX_NAME_CHARACTERS = 255;

/** What begins the end of the directory, an entry of it, and a file. */
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const FILE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const FILE_BYTES = 30;
/** The longest comment that may follow the end of the directory. */
const MAX_COMMENT_BYTES = 0xffff;
/** Stands for a number that a zip64 field has. */
const ZIP64 = 0xffffffff;

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;

/** Deflate makes at most this many bytes of one. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Lists the files of an archive.
 *
 * @throws {PointsError} `header` for what is no archive, `unsupported` for one
 * that is encrypted or larger than 4 GB.
 */
export function listZip(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(view);
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY) {
      throw zipError("header", `no entry of the archive at byte ${at}`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    const start = at + ENTRY_BYTES;
    const entry = readEntry(view, at, nameBytes);
    entries.push(entry);
    at = start + nameBytes + view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
  }
  const packed = entries.reduce((sum, entry) => sum + entry.packedBytes, 0);
  if (packed <= bytes.length) return entries;
  throw zipError(
    "header",
    `the archive's ${bytes.length} bytes can't hold ${packed} of files`,
  );
}

function readEntry(view: DataView, at: number, nameBytes: number): ZipEntry {
  const start = at + ENTRY_BYTES;
  if (start + nameBytes > view.byteLength) {
    throw zipError("header", "the archive's directory is cut off");
  }
  const name = new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + start, nameBytes),
  );
  if (name.length > MAX_NAME_CHARACTERS) {
    throw zipError("unsupported", `a name of ${name.length} characters`);
  }
  const entry = {
    name,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packedBytes: view.getUint32(at + 20, true),
    bytes: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  const isLarge = [entry.packedBytes, entry.bytes, entry.offset]
    .includes(ZIP64);
  if (isLarge) throw zipError("unsupported", `${name} is larger than 4 GB`);
  if ((view.getUint16(at + 8, true) & ENCRYPTED_FLAG) === 0) return entry;
  throw zipError("unsupported", `${name} is encrypted`);
}

/**
 * Reads a file of an archive.
 *
 * @throws {PointsError} `header` where it is damaged, `length` where it is cut
 * off, `unsupported` where it is compressed in another way than deflate.
 */
export async function readZipEntry(
  bytes: Uint8Array<ArrayBuffer>,
  entry: ZipEntry,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = findPacked(bytes, entry);
  const content = await unpack(packed, entry);
  if (content.length === entry.bytes && crc32(content) === entry.crc) {
    return content;
  }
  throw zipError("header", `${entry.name} is damaged`);
}

function findPacked(
  bytes: Uint8Array<ArrayBuffer>,
  { name, offset, packedBytes }: ZipEntry,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (
    offset + FILE_BYTES > bytes.length || view.getUint32(offset, true) !== FILE
  ) throw zipError("header", `${name} isn't at byte ${offset}`);
  const start = offset + FILE_BYTES + view.getUint16(offset + 26, true) +
    view.getUint16(offset + 28, true);
  const packed = bytes.subarray(start, start + packedBytes);
  if (packed.length === packedBytes) return packed;
  throw zipError(
    "length",
    `${name} has ${packedBytes} bytes, ${packed.length} are there`,
  );
}

async function unpack(
  packed: Uint8Array<ArrayBuffer>,
  { name, method, bytes }: ZipEntry,
): Promise<Uint8Array<ArrayBuffer>> {
  switch (method) {
    case STORED:
      return packed;
    case DEFLATED:
      if (bytes > packed.length * MAX_DEFLATE_RATIO) {
        throw zipError("header", `${name} can't be ${bytes} bytes`);
      }
      return await inflate(packed, name, bytes);
  }
  throw zipError(
    "unsupported",
    `${name} is compressed by method ${method}, expected deflate`,
  );
}

async function inflate(
  packed: Uint8Array<ArrayBuffer>,
  name: string,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const stream = new Blob([packed]).stream()
    .pipeThrough(new DecompressionStream("deflate-raw"));
  let at = 0;
  try {
    for await (const part of stream) {
      at += part.length;
      if (at > length) break;
      parts.push(part);
    }
  } catch (cause) {
    throw zipError("header", `${name} is damaged`, { cause });
  }
  return at === length ? joinBytes(parts, length) : new Uint8Array();
}

/** Finds the end of the directory, which only a comment may follow. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= 0 && at >= last - MAX_COMMENT_BYTES; at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw zipError("header", "the file is no zip archive, or is cut off");
}

function zipError(
  reason: PointsErrorReason,
  why: string,
  options?: ErrorOptions,
): PointsError {
  return new PointsError(reason, `Cannot read .npz: ${why}`, options);
}
