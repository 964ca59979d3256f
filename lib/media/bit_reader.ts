/**
 * Reads bits, most significant first, and the Exp-Golomb codes of ITU-T H.264
 * §9.1 and H.265 §9.2.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #malformed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether more was read than there is, or a code too long. */
  get overrun(): boolean {
    return this.#malformed || this.#at > 8 * this.#bytes.length;
  }

  /** Reads an unsigned number of up to 32 bits; past the end, bits are 0. */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = 2 * value + (byte >> (7 - (this.#at & 7)) & 1);
    }
    return value;
  }

  /** Passes over bits. */
  skip(count: number): void {
    this.#at += count;
  }

  /** Reads an unsigned Exp-Golomb code of up to 32 bits. */
  ue(): number {
    let zeros = 0;
    while (this.read(1) === 0) {
      if (++zeros > 31) {
        this.#malformed = true;
        return 0;
      }
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** Reads a signed Exp-Golomb code. */
  se(): number {
    const code = this.ue();
    return code & 1 ? (code + 1) / 2 : -code / 2;
  }
}
