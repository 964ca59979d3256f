import {
  findExtent,
  MAX_HEADER_BYTES,
  type StreamFormat,
} from "../points/extent.ts";
import type { ByteStream } from "./byte_stream.ts";

export interface FileEndOptions {
  /** Most bytes of a file that ends with a line. */
  mostBytes: number;
  /**
   * Waits for another byte of the stream; tells whether it has come.
   * @default {ByteStream.has}
   */
  more?(): Promise<boolean>;
}

/**
 * Finds where the file ends that a stream goes on with.
 *
 * @returns its bytes; nothing where the stream ends in its header.
 * @throws {PointsError} for a header that can't be read.
 * @throws {SourceError} for lines of more than `mostBytes`.
 */
export async function findFileEnd(
  stream: ByteStream,
  format: StreamFormat,
  { mostBytes, more = () => stream.has(stream.length + 1) }: FileEndOptions,
): Promise<number | undefined> {
  while (true) {
    const extent = findExtent(format, stream.peek(MAX_HEADER_BYTES));
    if (extent === undefined) {
      if (await more()) continue;
      return undefined;
    }
    return "bytes" in extent
      ? extent.bytes
      : await stream.findLines(extent.from, extent.lines, mostBytes);
  }
}
