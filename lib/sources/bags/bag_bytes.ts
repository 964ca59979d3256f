import { SourceError } from "../errors.ts";

/** Bytes that are read where few are wanted, and more may be soon. */
const WINDOW_BYTES = 64 * 1024;

/** The bytes of a bag that are read here and there, wherever they are. */
export abstract class BagBytes implements Disposable {
  /** What it is called for people. */
  readonly name: string;
  readonly size: number;
  readonly #windowBytes: number;
  #window: Uint8Array<ArrayBuffer> = new Uint8Array();
  #windowAt = 0;

  /** @param windowBytes that are read to look at a few. */
  constructor(name: string, size: number, windowBytes = WINDOW_BYTES) {
    this.name = name;
    this.size = size;
    this.#windowBytes = windowBytes;
  }

  /**
   * Reads bytes, in a buffer of their own, or what there is before the end.
   *
   * @throws {SourceError} where they can't be read, or are too many.
   */
  abstract read(
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>>;

  /** Looks at some bytes, as {@linkcode read} does; those near are kept. */
  async peek(offset: number, length: number): Promise<Uint8Array> {
    const isHere = offset >= this.#windowAt &&
      offset + length <= this.#windowAt + this.#window.length;
    if (!isHere) {
      this.#window = await this.read(
        offset,
        Math.max(length, this.#windowBytes),
      );
      this.#windowAt = offset;
    }
    const start = offset - this.#windowAt;
    return this.#window.subarray(start, start + length);
  }

  /** Makes an error that names the bag. */
  error(why: string, cause?: unknown): SourceError {
    return new SourceError(`${this.name}: ${why}`, { cause });
  }

  abstract [Symbol.dispose](): void;
}
