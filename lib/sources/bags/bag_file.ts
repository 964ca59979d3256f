import { SourceError } from "../errors.ts";
import { reasonOf } from "../file_list.ts";

/** Most bytes that are read at once. */
const MAX_READ_BYTES = 1024 * 1024 * 1024;
/** Bytes that are read where few are wanted, and more may be soon. */
const WINDOW_BYTES = 64 * 1024;

/** A file that is read here and there. */
export class BagFile implements Disposable {
  /** What it is called for people. */
  readonly name: string;
  readonly size: number;
  readonly #file: Deno.FsFile;
  #window: Uint8Array<ArrayBuffer> = new Uint8Array();
  #windowAt = 0;

  private constructor(name: string, file: Deno.FsFile, size: number) {
    this.name = name;
    this.#file = file;
    this.size = size;
  }

  /**
   * @param name what it is called for people.
   * @throws {SourceError} where it can't be opened, or is no file.
   */
  static async open(path: string, name: string): Promise<BagFile> {
    try {
      const file = await Deno.open(path);
      const { size, isFile } = await file.stat();
      if (isFile) return new BagFile(name, file, size);
      file.close();
    } catch (error) {
      throw new SourceError(`${name}: ${reasonOf(error)}`, { cause: error });
    }
    throw new SourceError(`${name} is no file`);
  }

  /**
   * Reads bytes, in a buffer of their own, or what there is before the end.
   *
   * @throws {SourceError} where it can't be read, or they are more than 1 GiB.
   */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const due = Math.max(0, Math.min(length, this.size - offset));
    if (due > MAX_READ_BYTES) {
      throw this.error(
        `${due} bytes in one piece from byte ${offset}, and at most ` +
          `${MAX_READ_BYTES} are read`,
      );
    }
    const bytes = new Uint8Array(due);
    let filled = 0;
    try {
      await this.#file.seek(offset, Deno.SeekMode.Start);
      while (filled < due) {
        const count = await this.#file.read(bytes.subarray(filled));
        if (count === null) break;
        filled += count;
      }
    } catch (error) {
      throw this.error(reasonOf(error), error);
    }
    return bytes.subarray(0, filled);
  }

  /** Looks at some bytes, as {@linkcode read} does; those near are kept. */
  async peek(offset: number, length: number): Promise<Uint8Array> {
    const isHere = offset >= this.#windowAt &&
      offset + length <= this.#windowAt + this.#window.length;
    if (!isHere) {
      this.#window = await this.read(offset, Math.max(length, WINDOW_BYTES));
      this.#windowAt = offset;
    }
    const start = offset - this.#windowAt;
    return this.#window.subarray(start, start + length);
  }

  /** Makes an error that names the file. */
  error(why: string, cause?: unknown): SourceError {
    return new SourceError(`${this.name}: ${why}`, { cause });
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
