import type { BagBytes } from "../bag_bytes.ts";
import { RecordReader } from "../record_reader.ts";
import {
  FOOTER_BYTES,
  MCAP_MAGIC,
  OP,
  RECORD_HEADER_BYTES,
} from "./records.ts";

/** Bytes of the footer's record, and what ends a file. */
const TAIL_BYTES = RECORD_HEADER_BYTES + FOOTER_BYTES + MCAP_MAGIC.length;

/**
 * Reads the summary at a file's end: records of what is in it.
 *
 * @param maxBytes that are read of it. @default {all}
 * @returns nothing where the file has none, as it isn't complete.
 */
export async function readSummary(
  file: BagBytes,
  maxBytes = Infinity,
): Promise<Uint8Array | undefined> {
  const footerAt = file.size - TAIL_BYTES;
  if (footerAt < MCAP_MAGIC.length) return undefined;
  const end = await file.read(footerAt, TAIL_BYTES);
  const isWhole = end[0] === OP.footer &&
    isMagic(end.subarray(RECORD_HEADER_BYTES + FOOTER_BYTES));
  if (!isWhole) return undefined;
  const start = new RecordReader(end.subarray(RECORD_HEADER_BYTES)).uint64();
  if (start === 0 || start >= footerAt) return undefined;
  return await file.read(start, Math.min(footerAt - start, maxBytes));
}

/** Tells whether these are the bytes that begin a file and end it. */
export function isMagic(bytes: Uint8Array): boolean {
  return bytes.length === MCAP_MAGIC.length &&
    MCAP_MAGIC.every((byte, i) => byte === bytes[i]);
}
