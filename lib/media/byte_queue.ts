/** Bytes of a stream that wait to be taken, in the pieces they came in. */
export class ByteQueue {
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds what came next; it is kept as it is. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** The next bytes, at most `count`, in one piece; they stay. */
  peek(count: number): Uint8Array {
    const [first] = this.#pieces;
    if (first === undefined) return new Uint8Array(0);
    if (first.length >= count) return first.subarray(0, count);
    const bytes = new Uint8Array(Math.min(count, this.#length));
    let at = 0;
    for (const piece of this.#pieces) {
      if (at === bytes.length) break;
      const part = piece.subarray(0, bytes.length - at);
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** Takes the next `count` bytes, which must be there, without a copy. */
  take(count: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let whole = 0;
    for (let left = count; left > 0; whole++) {
      const piece = this.#pieces[whole];
      if (piece.length > left) {
        taken.push(piece.subarray(0, left));
        this.#pieces[whole] = piece.subarray(left);
        break;
      }
      taken.push(piece);
      left -= piece.length;
    }
    this.#pieces.splice(0, whole);
    this.#length -= count;
    return taken;
  }
}
