import { countBytes } from "../points/join_bytes.ts";

/**
 * A file that grows by whole pieces: where one can't be written, those before
 * it stay, and nothing of it.
 */
export class GrowingFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #wholeBytes = 0;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Makes a file, in place of one that is there. */
  static async create(path: string): Promise<GrowingFile> {
    const options = { write: true, create: true, truncate: true };
    return new GrowingFile(path, await Deno.open(path, options));
  }

  /** Appends a piece, in parts. */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) await this.#write(part);
    this.#wholeBytes += countBytes(parts);
  }

  /**
   * Completes the file, and closes it where that succeeds.
   *
   * @param start takes the place of as many bytes at its start.
   * @throws {Error} where it was removed meanwhile, and what writing throws.
   */
  async finish(start?: Uint8Array): Promise<void> {
    if (start) await this.#overwrite(start);
    // Writing to what has no name any more is no error.
    const { nlink } = await this.#file.stat();
    if (nlink === 0) throw new Error("it was removed meanwhile");
    this.#file.close();
  }

  /**
   * Closes the file after an error, as far as it is whole; one with nothing in
   * it is removed. The error is what counts, so that this throws none.
   */
  async salvage(start?: Uint8Array): Promise<void> {
    try {
      await this.#file.truncate(this.#wholeBytes);
      if (this.#wholeBytes === 0) await Deno.remove(this.#path);
      else if (start) await this.#overwrite(start);
    } catch {
      // It stays as it is.
    } finally {
      this.#file.close();
    }
  }

  async #overwrite(start: Uint8Array): Promise<void> {
    await this.#file.seek(0, Deno.SeekMode.Start);
    await this.#write(start);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#file.write(bytes.subarray(at));
    }
  }
}
