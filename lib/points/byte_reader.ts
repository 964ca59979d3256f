import { PointsError } from "./errors.ts";

/** Reads little-endian values without gaps, one after the other. */
export class ByteReader {
  protected readonly view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Bytes that are not read yet. */
  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  /** Where the next value begins. */
  get at(): number {
    return this.#at;
  }

  uint8(): number {
    return this.view.getUint8(this.take(1));
  }

  uint16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  float32(): number {
    return this.view.getFloat32(this.take(4), true);
  }

  float64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** Reads so many bytes, as a view. */
  bytes(length: number): Uint8Array {
    const start = this.take(length);
    return this.#bytes.subarray(start, this.#at);
  }

  /**
   * Passes over so many bytes; returns where they are.
   *
   * @throws {PointsError} `length` where fewer follow.
   */
  protected take(bytes: number): number {
    const start = this.#at;
    if (!(bytes >= 0 && bytes <= this.rest)) {
      throw new PointsError(
        "length",
        `${bytes} bytes are due at byte ${start}, ${this.rest} follow`,
      );
    }
    this.#at += bytes;
    return start;
  }
}
