import { ByteReader } from "../../points/byte_reader.ts";

/** Reads the values of a record of a bag: little-endian, without gaps. */
export class RecordReader extends ByteReader {
  /** Reads a whole number of 64 bits, rounded to the nearest double. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  /** Reads a moment: nanoseconds, as milliseconds. */
  nanoseconds(): number {
    return this.uint64() / 1e6;
  }

  /** Reads a text after its length. */
  text(): string {
    return new TextDecoder().decode(this.bytes(this.uint32()));
  }
}
