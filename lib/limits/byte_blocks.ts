import { ITEM_BYTES, ownBytes } from "./held_bytes.ts";

/** Pieces of this size and more are kept as they are, bytes. */
const LARGE_BYTES = 4 * 1024;
/** Least and most bytes of a block that small pieces are copied into. */
const LEAST_BLOCK_BYTES = 4 * 1024;
const MOST_BLOCK_BYTES = 64 * 1024;

interface Block {
  readonly bytes: Uint8Array;
  /** How many of them are there. */
  used: number;
  next: Block | undefined;
}

/**
 * Bytes that come in pieces, to be joined when all are there. What is held is
 * about as much as came, be the pieces ever so small, and each costs the same
 * however many there are.
 */
export class ByteBlocks {
  #head: Block | undefined;
  #tail: Block | undefined;
  #length = 0;
  #heldBytes = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** What they take, bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Adds a piece, which must stay unchanged. */
  append(piece: Uint8Array): void {
    const { length } = piece;
    const tail = this.#tail;
    if (tail === undefined || length >= LARGE_BYTES) {
      this.#add(ownBytes(piece), length);
    } else if (length <= tail.bytes.length - tail.used) {
      tail.bytes.set(piece, tail.used);
      tail.used += length;
    } else {
      const most = Math.min(2 * this.#length, MOST_BLOCK_BYTES);
      const bytes = new Uint8Array(Math.max(most, LEAST_BLOCK_BYTES));
      bytes.set(piece);
      this.#add(bytes, length);
    }
    this.#length += length;
  }

  /** Adds all that `other` has, which is not to be used any more. */
  appendAll(other: ByteBlocks): void {
    if (other.#head === undefined) return;
    if (this.#tail === undefined) this.#head = other.#head;
    else this.#tail.next = other.#head;
    this.#tail = other.#tail;
    this.#length += other.#length;
    this.#heldBytes += other.#heldBytes;
  }

  /** All bytes in one array; those of a single piece are not copied. */
  join(): Uint8Array {
    if (this.#head !== undefined && this.#head === this.#tail) {
      return this.#head.bytes.subarray(0, this.#head.used);
    }
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (let block = this.#head; block !== undefined; block = block.next) {
      joined.set(block.bytes.subarray(0, block.used), at);
      at += block.used;
    }
    return joined;
  }

  #add(bytes: Uint8Array, used: number): void {
    const block: Block = { bytes, used, next: undefined };
    if (this.#tail === undefined) this.#head = block;
    else this.#tail.next = block;
    this.#tail = block;
    this.#heldBytes += bytes.length + ITEM_BYTES;
  }
}
