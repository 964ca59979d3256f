import { ByteReader } from "../points/byte_reader.ts";
import { PointsError } from "../points/errors.ts";

/** How a field lies in the bytes (protobuf.dev, Encoding). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A varint has at most so many bytes: 64 bits. */
const MAX_VARINT_BYTES = 10;

/** Reads a message of Protocol Buffers, field by field. */
export class ProtobufReader extends ByteReader {
  /** Reads which field follows, and how it lies. */
  tag(): { number: number; wire: number } {
    const tag = this.varint();
    return { number: Math.floor(tag / 8), wire: tag % 8 };
  }

  /** Reads a whole number; of negative ones those of 32 bits. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.uint8();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value >= 2 ** 63 ? value - 2 ** 64 : value;
    }
    throw new PointsError(
      "header",
      `A number of more than ${MAX_VARINT_BYTES} bytes before byte ${this.at}`,
    );
  }

  /** Reads a length and so many bytes, as a view. */
  sized(): Uint8Array {
    return this.bytes(this.varint());
  }

  /** Passes over a value. */
  skip(wire: number): void {
    switch (wire) {
      case WIRE.varint:
        return void this.varint();
      case WIRE.fixed64:
        return void this.take(8);
      case WIRE.bytes:
        return void this.sized();
      case WIRE.fixed32:
        return void this.take(4);
      default:
        throw new PointsError(
          "unsupported",
          `A field of wire type ${wire} before byte ${this.at}`,
        );
    }
  }
}
