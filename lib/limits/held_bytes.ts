/**
 * What a chunk, a packet or a message that is kept takes besides its bytes,
 * measured in this process: the views, the buffer below them, list entries.
 */
export const ITEM_BYTES = 1280;

/** What one holder has at the moment. */
export interface HeldShare {
  /** Says how many bytes it holds now, with what each item costs besides. */
  set(bytes: number): void;
}

/**
 * Counts the memory that one peer makes us hold, whatever holds it: a peer has
 * one budget, and not one for each channel or track.
 */
export class HeldBytes {
  readonly #most: number;
  readonly #onExceeded: (most: number) => void;
  #held = 0;
  #isExceeded = false;

  /** @param onExceeded called once, when more than `most` is held. */
  constructor(most: number, onExceeded: (most: number) => void) {
    this.#most = most;
    this.#onExceeded = onExceeded;
  }

  /** What may still be held, bytes. */
  get left(): number {
    return Math.max(0, this.#most - this.#held);
  }

  /** Begins to count for one holder. */
  share(): HeldShare {
    let own = 0;
    return {
      set: (bytes) => {
        this.#held += bytes - own;
        own = bytes;
        if (this.#held <= this.#most || this.#isExceeded) return;
        this.#isExceeded = true;
        this.#onExceeded(this.#most);
      },
    };
  }
}

/** Bytes that are to be kept, copied where their buffer is much larger. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  const isSmall = bytes.length + ITEM_BYTES < bytes.buffer.byteLength;
  return isSmall ? new Uint8Array(bytes) : bytes;
}
