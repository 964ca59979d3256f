import { PointsError } from "../errors.ts";
import type { RosHeader, RosReader } from "./ros_reader.ts";

/** Bytes before the payload: the representation, and options. */
const ENCAPSULATION_BYTES = 4;

/** The longest string that is read, bytes. */
const MAX_STRING_BYTES = 64 * 1024;

/**
 * Reads a ROS 2 message in CDR (OMG DDSI-RTPS 2.3, section 10): values aligned
 * to their size from the payload's start, in XCDR2 to 4 bytes at most.
 */
export class CdrReader implements RosReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #isLittleEndian: boolean;
  /** The largest alignment. */
  readonly #most: number;
  #at = ENCAPSULATION_BYTES;

  /** @throws {PointsError} `header` for another form than plain CDR. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length < ENCAPSULATION_BYTES) throw this.#cutOff(0);
    const kind = this.#view.getUint16(0);
    // CDR_BE 0, CDR_LE 1; CDR2_BE 6, CDR2_LE 7.
    if (![0, 1, 6, 7].includes(kind)) {
      throw new PointsError(
        "header",
        `Cannot read CDR: representation 0x${kind.toString(16)}, expected ` +
          "plain CDR",
      );
    }
    this.#isLittleEndian = kind % 2 === 1;
    this.#most = kind > 1 ? 4 : 8;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), this.#isLittleEndian);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), this.#isLittleEndian);
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4), this.#isLittleEndian);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), this.#isLittleEndian);
  }

  /** Reads a string, whose length counts the zero byte at its end. */
  string(): string {
    const length = this.uint32();
    if (length > MAX_STRING_BYTES) {
      throw new PointsError(
        "too-large",
        `Cannot read CDR: a string of ${length} bytes at byte ${this.#at}`,
      );
    }
    const bytes = this.#skip(length);
    return new TextDecoder().decode(bytes.subarray(0, Math.max(0, length - 1)));
  }

  byteSequence(): Uint8Array {
    return this.#skip(this.uint32());
  }

  float32Sequence(): Float32Array {
    const values = new Float32Array(this.#count(4));
    for (let i = 0; i < values.length; i++) values[i] = this.float32();
    return values;
  }

  float64Sequence(): Float64Array {
    const values = new Float64Array(this.#count(8));
    for (let i = 0; i < values.length; i++) values[i] = this.float64();
    return values;
  }

  time(): number {
    const seconds = this.int32();
    return seconds * 1000 + this.uint32() / 1e6;
  }

  header(): RosHeader {
    const stamp = this.time();
    return { stamp, frameId: this.string() };
  }

  /** Reads how many values of some bytes follow, which have to be there. */
  #count(bytes: number): number {
    const count = this.uint32();
    if (count * bytes > this.rest) throw this.#cutOff(count * bytes);
    return count;
  }

  #skip(length: number): Uint8Array {
    const start = this.#at;
    if (length > this.rest) throw this.#cutOff(length);
    this.#at += length;
    return this.#bytes.subarray(start, start + length);
  }

  /** Passes over a value of some bytes; returns where it is. */
  #take(bytes: 1 | 4 | 8): number {
    const align = Math.min(bytes, this.#most);
    const from = this.#at - ENCAPSULATION_BYTES;
    const start = ENCAPSULATION_BYTES + Math.ceil(from / align) * align;
    if (start + bytes > this.#bytes.length) throw this.#cutOff(bytes);
    this.#at = start + bytes;
    return start;
  }

  #cutOff(bytes: number): PointsError {
    return new PointsError(
      "length",
      `Cannot read CDR: ${bytes} bytes are due at byte ${this.#at}, ` +
        `${this.rest} follow`,
    );
  }
}
