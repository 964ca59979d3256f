import { PointsError } from "../points/errors.ts";

/** How a field lies in the bytes (protobuf.dev, Encoding). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A varint has at most so many bytes: 64 bits. */
const MAX_VARINT_BYTES = 10;

/** Reads a message of Protocol Buffers, field by field. */
export class ProtobufReader {
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

  /** Reads which field follows, and how it lies. */
  tag(): { number: number; wire: number } {
    const tag = this.varint();
    return { number: Math.floor(tag / 8), wire: tag % 8 };
  }

  /** Reads a whole number; of negative ones those of 32 bits. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#view.getUint8(this.#take(1));
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value >= 2 ** 63 ? value - 2 ** 64 : value;
    }
    throw new PointsError(
      "header",
      `A number of more than ${MAX_VARINT_BYTES} bytes before byte ${this.#at}`,
    );
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** Reads a length and so many bytes, as a view. */
  bytes(): Uint8Array {
    const start = this.#take(this.varint());
    return this.#bytes.subarray(start, this.#at);
  }

  /** Passes over a value. */
  skip(wire: number): void {
    switch (wire) {
      case WIRE.varint:
        return void this.varint();
      case WIRE.fixed64:
        return void this.#take(8);
      case WIRE.bytes:
        return void this.bytes();
      case WIRE.fixed32:
        return void this.#take(4);
      default:
        throw new PointsError(
          "unsupported",
          `A field of wire type ${wire} before byte ${this.#at}`,
        );
    }
  }

  /** Passes over so many bytes; returns where they are. */
  #take(bytes: number): number {
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
