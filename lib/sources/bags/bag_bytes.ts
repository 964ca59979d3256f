import { SourceError } from "../errors.ts";

/** How the bytes of a bag are read. */
export interface BagBytesOptions {
  /** What it is called for people. */
  name: string;
  /** Bytes. */
  size: number;
  /** Most bytes that are read at once. */
  maxReadBytes: number;
  /** Bytes that are read where few are wanted, and more may be soon. */
  windowBytes: number;
}

/** The bytes of a bag that are read here and there, wherever they are. */
export abstract class BagBytes implements Disposable {
  /** What it is called for people. */
  readonly name: string;
  readonly size: number;
  readonly #maxReadBytes: number;
  readonly #windowBytes: number;
  #window: Uint8Array<ArrayBuffer> = new Uint8Array();
  #windowAt = 0;

  constructor({ name, size, maxReadBytes, windowBytes }: BagBytesOptions) {
    this.name = name;
    this.size = size;
    this.#maxReadBytes = maxReadBytes;
    this.#windowBytes = windowBytes;
  }

  /**
   * Reads bytes, in a buffer of their own, or what there is before the end.
   *
   * @throws {SourceError} where they can't be read, or are too many.
   */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const due = Math.max(0, Math.min(length, this.size - offset));
    if (due > this.#maxReadBytes) {
      throw this.error(
        `${due} bytes in one piece from byte ${offset}, and at most ` +
          `${this.#maxReadBytes} are read`,
      );
    }
    return await this.readSpan(offset, due);
  }

  /** Reads bytes that there are, as {@linkcode read} does. */
  protected abstract readSpan(
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
