import { PointsError } from "../../../points/errors.ts";
import type { BagFile } from "../bag_file.ts";
import { bzip2Decompress } from "../bzip2.ts";
import { decompress, MAX_CHUNK_BYTES } from "../decompress.ts";
import { RecordReader } from "../record_reader.ts";
import { MAX_HEADER_BYTES, Ros1Fields, type Ros1Record } from "./records.ts";

/** A record of a file, whose data isn't read. */
export interface RecordPlace {
  fields: Ros1Fields;
  /** Where its data is, bytes. */
  dataAt: number;
  dataLength: number;
  /** Where the next record begins. */
  end: number;
}

/**
 * Reads the header of the record at a place of a file.
 *
 * @returns nothing where the file ends before the record does.
 * @throws {PointsError} for what is no record.
 */
export async function recordAt(
  file: BagFile,
  offset: number,
): Promise<RecordPlace | undefined> {
  const headerAt = offset + 4;
  const length = await lengthAt(file, offset);
  if (length === undefined) return undefined;
  if (length > MAX_HEADER_BYTES) {
    throw new PointsError("header", `a header of ${length} bytes`);
  }
  const dataLength = await lengthAt(file, headerAt + length);
  if (dataLength === undefined) return undefined;
  const fields = new Ros1Fields(await file.peek(headerAt, length));
  const dataAt = headerAt + length + 4;
  const end = dataAt + dataLength;
  return end > file.size ? undefined : { fields, dataAt, dataLength, end };
}

async function lengthAt(
  file: BagFile,
  offset: number,
): Promise<number | undefined> {
  const bytes = await file.peek(offset, 4);
  return bytes.length < 4 ? undefined : new RecordReader(bytes).uint32();
}

/** Reads all of a record. */
export async function readRecord(
  file: BagFile,
  { fields, dataAt, dataLength }: RecordPlace,
): Promise<Ros1Record> {
  return { fields, data: await file.read(dataAt, dataLength) };
}

/**
 * Reads the records of the chunk at a place, decompressed.
 *
 * @throws {PointsError} where it is damaged, or above 512 MiB.
 */
export async function readChunk(
  file: BagFile,
  offset: number,
): Promise<Uint8Array> {
  const place = await recordAt(file, offset);
  if (place === undefined) throw new PointsError("length", "it is cut off");
  const { fields } = place;
  if (place.dataLength > MAX_CHUNK_BYTES) {
    throw new PointsError("too-large", `a chunk of ${place.dataLength} bytes`);
  }
  const { data } = await readRecord(file, place);
  const compression = fields.text("compression") ?? "none";
  const size = fields.uint32("size");
  return compression === "bz2"
    ? await bzip2Decompress(data, size)
    : decompress(data, compression, size);
}
