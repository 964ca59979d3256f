/** All that a session has, as it comes by HTTP. */
import { ByteStream } from "../sources/byte_stream.ts";
import {
  readRecordHeader,
  RECORD_HEADER_BYTES,
  type RecordHeader,
} from "../wire/session_records.ts";

/** Most bytes of a record; a picture has 4 MiB at the most. */
const MOST_BYTES = 16 * 1024 * 1024;

/** A record, as it came. */
export interface SessionRecord extends RecordHeader {
  /** What follows its header, in a buffer of its own. */
  data: Uint8Array<ArrayBuffer>;
}

/**
 * Yields the records of a body (docs/wire.md), up to one that is cut off.
 *
 * @throws {Error} for one that is too long.
 */
export async function* recordsOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<SessionRecord, void, void> {
  await using stream = new ByteStream(body);
  while (await stream.has(RECORD_HEADER_BYTES)) {
    const header = readRecordHeader(await stream.take(RECORD_HEADER_BYTES));
    const { bytes } = header;
    if (bytes > MOST_BYTES) throw new Error(`A record of ${bytes} bytes`);
    if (!await stream.has(bytes)) return;
    yield { ...header, data: await stream.take(bytes) };
  }
}
