import type { Logger } from "../log.ts";
import type { PointCloud } from "../points/cloud.ts";
import { PointsError } from "../points/errors.ts";
import { decodeFile, isPointFile } from "../points/formats.ts";
import { SourceError } from "./errors.ts";
import { listFiles, reasonOf } from "./file_list.ts";
import type { PointSource } from "./source.ts";

/** Options of {@linkcode filesSource}. */
export interface FilesSourceOptions {
  /** Starts again after the last file. @default {false} */
  loop?: boolean;
  /** Receives why a file was passed over. */
  log: Logger;
}

/** Files that are read and decoded before their frames are due. */
const READ_AHEAD = 2;

/**
 * Makes a source of the clouds in a file, the files of a folder, or the files
 * that a glob matches, in name order. One file alone is a still: it comes again
 * for every frame. A file that can't be read is passed over, logged and
 * counted.
 *
 * @throws {SourceError} when there are no files.
 */
export async function filesSource(
  path: string,
  options: FilesSourceOptions,
): Promise<PointSource> {
  const files = await listFiles(path, isPointFile);
  if (files.length > 1) return new FilesSource(files, options);
  const still = await readCloud(files[0]);
  return { skipped: 0, next: () => still };
}

class FilesSource implements PointSource {
  skipped = 0;
  readonly #files: string[];
  readonly #options: FilesSourceOptions;
  readonly #ahead: Promise<PointCloud | undefined>[] = [];
  #at = 0;
  #goodThisPass = 0;

  constructor(files: string[], options: FilesSourceOptions) {
    this.#files = files;
    this.#options = options;
  }

  async next(): Promise<PointCloud | undefined> {
    while (true) {
      while (this.#ahead.length < READ_AHEAD && this.#hasMore()) {
        this.#ahead.push(this.#read(this.#files[this.#at++]));
      }
      const reading = this.#ahead.shift();
      if (reading === undefined) break;
      const cloud = await reading;
      if (cloud === undefined) continue;
      this.#goodThisPass++;
      return cloud;
    }
    if (this.#goodThisPass > 0) return undefined;
    throw new SourceError(
      `None of ${this.#files.length} files could be read as points`,
    );
  }

  /** Goes back to the first file where it may, once this pass is all read. */
  #hasMore(): boolean {
    if (this.#at < this.#files.length) return true;
    const passed = this.#ahead.length === 0 && this.#goodThisPass > 0;
    if (!this.#options.loop || !passed) return false;
    this.#at = this.#goodThisPass = 0;
    return true;
  }

  async #read(file: string): Promise<PointCloud | undefined> {
    try {
      return await readCloud(file);
    } catch (error) {
      this.skipped++;
      this.#options.log.warn("file passed over", { error });
    }
  }
}

/**
 * Reads one file of points by its extension.
 *
 * @throws {SourceError} that names the file and what is wrong with it.
 */
export async function readCloud(file: string): Promise<PointCloud> {
  try {
    return decodeFile(file, await Deno.readFile(file));
  } catch (error) {
    const known = error instanceof PointsError;
    const why = known ? error.message : reasonOf(error);
    throw new SourceError(`${file}: ${why}`, { cause: error });
  }
}
