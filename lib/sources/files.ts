import type { Logger } from "../log.ts";
import type { PointCloud } from "../points/cloud.ts";
import { PointsError } from "../points/errors.ts";
import type { NamedType } from "../points/field.ts";
import { isPointFile } from "../points/formats.ts";
import { SourceError } from "./errors.ts";
import { isHidden, listFiles } from "./file_list.ts";
import { FolderWatch } from "./folder_watch.ts";
import { readCloud } from "./read_cloud.ts";
import { DEFAULT_RATE, type PointSource } from "./source.ts";

/** Options of {@linkcode filesSource}. */
export interface FilesSourceOptions {
  /** Starts again after the last file. @default {false} */
  loop?: boolean;
  /**
   * Goes on with files that appear in the folder, as they come, once they are
   * complete. @default {false}
   */
  follow?: boolean;
  /**
   * The fields of a point, where a file doesn't say them; else those that are
   * given. A file that lacks one is passed over. @default {all of each file}
   */
  fields?: readonly NamedType[];
  /** Most bytes of a file. @default {1073741824} 1 GiB */
  maxFileBytes?: number;
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
 * @throws {SourceError} when there are no files, or a single one can't be read.
 */
export async function filesSource(
  path: string,
  options: FilesSourceOptions,
): Promise<PointSource> {
  const { files, isFolder } = await listFiles(path, isPointFile);
  if (options.follow) {
    if (isFolder) return await FollowedFolder.open(path, files, options);
    throw new SourceError(`${path} is no folder that could be followed`);
  }
  if (files.length === 0) {
    throw new SourceError(`The folder ${path} has no point files`);
  }
  if (files.length > 1) return new FileSequence(files, options);
  const still = await readCloud(files[0], options);
  return { skipped: 0, next: () => still };
}

/** Files that are known from the start, one after the other. */
class FileSequence implements PointSource {
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
      return await readCloud(file, this.#options);
    } catch (error) {
      this.skipped++;
      this.#options.log.warn("file passed over", { error });
    }
  }
}

/**
 * A folder's files, those that are there at the default rate, and then each one
 * that appears.
 */
class FollowedFolder implements PointSource {
  readonly pace = "source";
  skipped = 0;
  readonly #path: string;
  readonly #options: FilesSourceOptions;
  readonly #watch: FolderWatch;
  /** Names that are there and not read yet. */
  #names: string[];
  /** How many of those were there at the start. */
  #old: number;
  #dueAt = 0;

  private constructor(
    path: string,
    names: string[],
    options: FilesSourceOptions,
  ) {
    this.#path = path;
    this.#names = names;
    this.#old = names.length;
    this.#options = options;
    const readable = (name: string) => !isHidden(name) && isPointFile(name);
    this.#watch = new FolderWatch(path, { readable });
  }

  static async open(
    path: string,
    files: readonly string[],
    options: FilesSourceOptions,
  ): Promise<FollowedFolder> {
    const names = files.map((file) => file.slice(path.length + 1));
    const folder = new FollowedFolder(path, names, options);
    await folder.#watch.skip(names);
    return folder;
  }

  async next(): Promise<PointCloud | undefined> {
    while (true) {
      if (this.#names.length === 0) this.#names = await this.#watch.next();
      const name = this.#names.shift();
      if (name === undefined) return undefined;
      if (this.#old > 0) await this.#pace();
      const cloud = await this.#read(name);
      if (cloud !== undefined) return cloud;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Spaces the files that were there at the start. */
  async #pace(): Promise<void> {
    this.#old--;
    const wait = this.#dueAt - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    this.#dueAt = performance.now() + 1000 / DEFAULT_RATE;
  }

  async #read(name: string): Promise<PointCloud | undefined> {
    try {
      return await readCloud(`${this.#path}/${name}`, this.#options);
    } catch (error) {
      if (isCutOff(error) && this.#watch.retry(name)) return undefined;
      this.skipped++;
      this.#options.log.warn("file passed over", { error });
    }
  }
}

/** Tells whether a file may be one that somebody still writes. */
function isCutOff(error: unknown): boolean {
  const cause = error instanceof SourceError ? error.cause : undefined;
  return cause instanceof PointsError &&
    ["length", "empty", "header"].includes(cause.reason);
}
