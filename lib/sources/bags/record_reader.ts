import { PointsError } from "../../points/errors.ts";

/** Reads the values of a record of a bag: little-endian, without gaps. */
export class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Bytes that are not read yet. */
  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Reads a whole number of 64 bits, rounded to the nearest double. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** Reads a moment: nanoseconds, as milliseconds. */
  nanoseconds(): number {
    return this.uint64() / 1e6;
  }

  /** Reads so many bytes, as a view. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, this.#at);
  }

  /** Reads a text after its length. */
  text(): string {
    return new TextDecoder().decode(this.bytes(this.uint32()));
  }

  /** Passes over so many bytes; returns where they are. */
  #take(bytes: number): number {
    const start = this.#at;
    if (bytes > this.rest) {
      throw new PointsError(
        "length",
        `${bytes} bytes are due at byte ${start} of a record, ${this.rest} ` +
          "follow",
      );
    }
    this.#at += bytes;
    return start;
  }
}
