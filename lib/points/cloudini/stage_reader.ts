import { cutOff, overlong } from "./stage_errors.ts";

/** Reads the numbers of a chunk's first stage, one after the other. */
export class StageReader {
  #bytes: Uint8Array = new Uint8Array();
  /** Where the next byte is. */
  at = 0;
  /** The field of the next value, where a point was left off. */
  field = 0;
  /** The halves of the last varint or difference that was read. */
  lo = 0;
  hi = 0;

  /** Begins with the bytes of a chunk. */
  open(bytes: Uint8Array, at: number): void {
    this.#bytes = bytes;
    this.at = at;
  }

  /**
   * Reads a varint of at most 64 bits.
   *
   * @throws {PointsError} `length` at the end, `header` for one that is longer
   * than its value needs.
   */
  readVarint(): void {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = this.at;
    if (at >= length) throw cutOff();
    let byte = bytes[at++];
    let lo = byte & 127, hi = 0;
    for (let shift = 7; byte > 127; shift += 7) {
      if (at >= length) throw cutOff();
      byte = bytes[at++];
      if (byte === 0 || shift === 63 && byte > 1) throw overlong();
      const bits = byte & 127;
      if (shift < 32) lo |= bits << shift;
      if (shift > 32) hi |= bits << shift - 32;
      else if (shift === 28) hi |= bits >> 4;
    }
    this.at = at;
    this.lo = lo;
    this.hi = hi;
  }

  /** Reads a varint, and undoes plus 1 and zigzag. */
  readDelta(): void {
    this.readVarint();
    this.undoZigzag();
  }

  /** Makes the last varint the difference that it stands for; 0 is -2^63. */
  undoZigzag(): void {
    const lo = this.lo - 1 | 0;
    const hi = this.lo === 0 ? this.hi - 1 | 0 : this.hi;
    const sign = -(lo & 1);
    this.lo = (lo >>> 1 | hi << 31) ^ sign;
    this.hi = hi >>> 1 ^ sign;
  }

  /** Reads 8 bits. */
  readUint8(): number {
    if (this.at >= this.#bytes.length) throw cutOff();
    return this.#bytes[this.at++];
  }

  /** Reads 16 bits, little-endian. */
  readUint16(): number {
    const low = this.readUint8();
    return low | this.readUint8() << 8;
  }

  /** Reads 32 bits, little-endian. */
  readInt32(): number {
    const low = this.readUint16();
    return low | this.readUint16() << 16;
  }

  /** Skips bytes, and returns where they begin. */
  skip(bytes: number): number {
    const start = this.at;
    if (bytes > this.#bytes.length - start) throw cutOff();
    this.at += bytes;
    return start;
  }
}
