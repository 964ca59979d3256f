/** Reads a VP8 frame header's numbers (RFC 6386 section 7). */
class BoolDecoder {
  readonly #bytes: Uint8Array;
  #at = 2;
  #value: number;
  #range = 255;
  #shifted = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#value = bytes[0] << 8 | bytes[1];
  }

  /** Whether it was asked for more than there is. */
  get isExhausted(): boolean {
    return this.#at > this.#bytes.length;
  }

  /** A flag, both values of which are as probable. */
  flag(): boolean {
    const split = 1 + ((this.#range - 1) * 128 >> 8);
    const isSet = this.#value >= split << 8;
    if (isSet) {
      this.#range -= split;
      this.#value -= split << 8;
    } else this.#range = split;
    while (this.#range < 128) {
      this.#range <<= 1;
      this.#value <<= 1;
      if (++this.#shifted < 8) continue;
      this.#shifted = 0;
      this.#value |= this.#bytes[this.#at++] ?? 0;
    }
    return isSet;
  }

  /** A number of so many bits. */
  number(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) value = value << 1 | Number(this.flag());
    return value;
  }

  /** Passes over `count` numbers, each after a flag that says it is there. */
  skipOptional(count: number, bits: number): void {
    for (let i = 0; i < count; i++) if (this.flag()) this.number(bits);
  }
}

/** Bytes of a frame's tag, before what is coded. */
const TAG_BYTES = 3;

/**
 * Tells whether no other frame needs this one (RFC 6386 section 9, 19.2): it
 * updates no reference, and leaves no probabilities behind.
 *
 * @param start the frame's first bytes: its header is enough.
 */
export function isVp8Disposable(start: Uint8Array): boolean {
  const isKeyframe = (start[0] & 1) === 0;
  if (isKeyframe || start.length < TAG_BYTES + 2) return false;
  const header = new BoolDecoder(start.subarray(TAG_BYTES));
  if (header.flag()) skipSegmentation(header);
  header.number(1 + 6 + 3); // loop filter: type, level, sharpness
  if (header.flag() && header.flag()) header.skipOptional(8, 7);
  header.number(2); // partitions
  header.number(7); // quantizer, and its differences
  header.skipOptional(5, 5);
  const refreshesGolden = header.flag();
  const refreshesAlternate = header.flag();
  const copies = [refreshesGolden, refreshesAlternate]
    .map((refreshes) => refreshes ? 0 : header.number(2));
  header.number(2); // sign biases
  const keepsProbabilities = header.flag();
  const refreshesLast = header.flag();
  if (header.isExhausted) return false;
  return !refreshesGolden && !refreshesAlternate && !refreshesLast &&
    !keepsProbabilities && copies.every((copy) => copy === 0);
}

function skipSegmentation(header: BoolDecoder): void {
  const updatesMap = header.flag();
  if (header.flag()) {
    header.flag(); // absolute, or differences
    header.skipOptional(4, 8);
    header.skipOptional(4, 7);
  }
  if (updatesMap) header.skipOptional(3, 8);
}
