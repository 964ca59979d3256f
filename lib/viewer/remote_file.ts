/** A file of the server, of which parts are read. */
import { BagBytes } from "../sources/bags/bag_bytes.ts";

/** Gives some bytes of a file; rejects where they can't be had. */
export type ReadBytes = (
  offset: number,
  length: number,
) => Promise<Uint8Array<ArrayBuffer>>;

export interface RemoteFileOptions {
  name: string;
  /** Bytes. */
  size: number;
  readBytes: ReadBytes;
}

/** The file is read and kept in blocks of so many bytes. */
export const BLOCK_BYTES = 1024 * 1024;
/** Blocks that are kept, and that are read before they are wanted. */
const MOST_BLOCKS = 64;
const AHEAD_BLOCKS = 2;

/** Fewer bytes than this are read alone, where their block isn't there. */
const SMALL_BYTES = 16 * 1024;
/** To look at some bytes so many are read. */
const WINDOW_BYTES = 4 * 1024;

/** Most bytes of one piece. */
const MAX_READ_BYTES = 256 * 1024 * 1024;

type Block = Promise<Uint8Array<ArrayBuffer>>;

/** Reads a file by ranges; those read last are kept, some are read ahead. */
export class RemoteFile extends BagBytes {
  readonly #readBytes: ReadBytes;
  /** The one that was used last comes last. */
  readonly #blocks = new Map<number, Block>();
  #lastEnd = 0;

  constructor({ name, size, readBytes }: RemoteFileOptions) {
    super({
      ...{ name, size },
      maxReadBytes: MAX_READ_BYTES,
      windowBytes: WINDOW_BYTES,
    });
    this.#readBytes = readBytes;
  }

  protected override async readSpan(
    offset: number,
    due: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (due === 0) return new Uint8Array();
    const first = Math.floor(offset / BLOCK_BYTES);
    const last = Math.floor((offset + due - 1) / BLOCK_BYTES);
    const isSmall = due < SMALL_BYTES && !this.#blocks.has(first);
    if (isSmall) return await this.#ask(offset, due);
    const blocks = this.#span(first, last);
    const isNext = Math.abs(offset - this.#lastEnd) < BLOCK_BYTES;
    this.#lastEnd = offset + due;
    if (isNext) this.#readAhead(last + 1);
    const bytes = new Uint8Array(due);
    for (const [i, block] of blocks.entries()) {
      const at = (first + i) * BLOCK_BYTES;
      const from = Math.max(0, offset - at);
      const part = (await block).subarray(from, offset + due - at);
      bytes.set(part, at + from - offset);
    }
    this.#forget();
    return bytes;
  }

  override [Symbol.dispose](): void {
    this.#blocks.clear();
  }

  #readAhead(first: number): void {
    const last = Math.floor((this.size - 1) / BLOCK_BYTES);
    for (let i = first; i < first + AHEAD_BLOCKS && i <= last; i++) {
      this.#span(i, i)[0].catch(() => {});
    }
  }

  /** Gives blocks; those next to each other that aren't there come in one. */
  #span(first: number, last: number): Block[] {
    for (let i = first; i <= last; i++) {
      if (this.#blocks.has(i)) continue;
      let end = i + 1;
      while (end <= last && !this.#blocks.has(end)) end++;
      const at = i * BLOCK_BYTES;
      const length = Math.min(end * BLOCK_BYTES, this.size) - at;
      const all = this.#ask(at, length);
      for (let j = i; j < end; j++) this.#keep(j, all, j - i);
      i = end - 1;
    }
    return Array.from({ length: last - first + 1 }, (_, i) => {
      const block = this.#blocks.get(first + i)!;
      this.#blocks.delete(first + i);
      this.#blocks.set(first + i, block);
      return block;
    });
  }

  #keep(index: number, all: Block, part: number): void {
    const at = part * BLOCK_BYTES;
    const block = all.then((bytes) => bytes.slice(at, at + BLOCK_BYTES));
    this.#blocks.set(index, block);
    block.catch(() => {
      if (this.#blocks.get(index) === block) this.#blocks.delete(index);
    });
  }

  #forget(): void {
    for (const index of this.#blocks.keys()) {
      if (this.#blocks.size <= MOST_BLOCKS) return;
      this.#blocks.delete(index);
    }
  }

  async #ask(offset: number, length: number) {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#readBytes(offset, length);
    } catch (error) {
      throw this.error((error as Error).message, error);
    }
    if (bytes.length === length) return bytes;
    throw this.error(`${bytes.length} bytes came of ${length}`);
  }
}
