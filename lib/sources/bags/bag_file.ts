import { SourceError } from "../errors.ts";
import { reasonOf } from "../file_list.ts";
import { BagBytes } from "./bag_bytes.ts";

/** Most bytes that are read at once. */
const MAX_READ_BYTES = 1024 * 1024 * 1024;
/** Bytes that are read to look at a few. */
const WINDOW_BYTES = 64 * 1024;

/** A file that is read here and there. */
export class BagFile extends BagBytes {
  readonly #file: Deno.FsFile;

  private constructor(name: string, file: Deno.FsFile, size: number) {
    super({
      ...{ name, size },
      maxReadBytes: MAX_READ_BYTES,
      windowBytes: WINDOW_BYTES,
    });
    this.#file = file;
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

  protected override async readSpan(
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    try {
      await this.#file.seek(offset, Deno.SeekMode.Start);
      while (filled < length) {
        const count = await this.#file.read(bytes.subarray(filled));
        if (count === null) break;
        filled += count;
      }
    } catch (error) {
      throw this.error(reasonOf(error), error);
    }
    return bytes.subarray(0, filled);
  }

  override [Symbol.dispose](): void {
    this.#file.close();
  }
}
