/** LAZ: the records of LAS, compressed (LASzip, Isenburg 2013). */
import { lasError } from "./errors.ts";
import type { LasHeader } from "./header.ts";
import { type LazPerf, LazPerfPool, limitMemory } from "./laz_perf.ts";

/** Formats that the library reads; the others have waveforms. */
const FORMATS = [0, 1, 2, 3, 6, 7, 8];

/**
 * Bytes that a byte may stand for: points that are all the same compress to a
 * 3200th.
 */
const MAX_RATIO = 4096;
/** Bytes that are made room for at once, for each byte of the file. */
const USUAL_RATIO = 32;

/** What the library takes for its tables, with room to spare. */
const MODEL_BYTES = 64 * 1024 * 1024;
/** Bytes that it takes for each byte of a file, with room to spare. */
const MEMORY_RATIO = 4;

/** Points that are read between two looks at the memory. */
const BATCH = 1024;

const pool = new LazPerfPool();

/**
 * Decompresses a file's records.
 *
 * @throws {PointsError} `unsupported` for a format with waveforms, `header`
 * where the file is damaged or can't hold what it claims.
 */
export async function decompressLaz(
  bytes: Uint8Array,
  header: LasHeader,
): Promise<Uint8Array> {
  checkClaims(bytes, header);
  const lazPerf = await pool.take();
  try {
    const records = readRecords(lazPerf, bytes, header);
    pool.give(lazPerf);
    return records;
  } catch (cause) {
    throw lasError("header", "the compressed points are damaged", { cause });
  }
}

function checkClaims(
  bytes: Uint8Array,
  { format, points, stride, offset }: LasHeader,
): void {
  if (!FORMATS.includes(format)) {
    throw lasError(
      "unsupported",
      `compressed points of format ${format}, expected one of ` +
        FORMATS.join(" "),
    );
  }
  const chunks = countChunks(bytes, offset);
  // A chunk begins with a point as it is.
  const room = bytes.length - offset;
  if (points * stride <= room * MAX_RATIO && chunks * stride <= room) return;
  throw lasError(
    "header",
    `${room} bytes can't hold ${points} points in ${chunks} chunks`,
  );
}

/** Reads how many chunks the table at the end has. */
function countChunks(bytes: Uint8Array, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (offset + 8 > bytes.length) {
    throw lasError("length", "the compressed points are cut off");
  }
  let table = view.getBigInt64(offset, true);
  // A writer that can't go back puts it at the end of the file.
  if (table === -1n) table = view.getBigInt64(bytes.length - 8, true);
  if (table >= offset && table <= bytes.length - 8) {
    return view.getUint32(Number(table) + 4, true);
  }
  throw lasError("length", "the table of the chunks is cut off");
}

function readRecords(
  lazPerf: LazPerf,
  bytes: Uint8Array,
  { points, stride }: LasHeader,
): Uint8Array {
  limitMemory(lazPerf, MODEL_BYTES + bytes.length * MEMORY_RATIO);
  const file = lazPerf._malloc(bytes.length);
  const batch = lazPerf._malloc(BATCH * stride);
  lazPerf.HEAPU8.set(bytes, file);
  const reader = new lazPerf.LASZip();
  reader.open(file, bytes.length);
  let records = new Uint8Array(
    Math.min(points * stride, bytes.length * USUAL_RATIO),
  );
  for (let at = 0; at < points; at += BATCH) {
    const count = Math.min(BATCH, points - at);
    const [start, end] = [at * stride, (at + count) * stride];
    for (let i = 0; i < count; i++) reader.getPoint(batch + i * stride);
    if (end > records.length) {
      records = grow(records, Math.min(points * stride, 2 * end));
    }
    // The memory is another one when it has grown.
    records.set(lazPerf.HEAPU8.subarray(batch, batch + count * stride), start);
  }
  reader.delete();
  lazPerf._free(file);
  lazPerf._free(batch);
  return records;
}

function grow(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(bytes);
  return grown;
}
