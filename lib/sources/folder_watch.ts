import { basename } from "node:path";
import { SourceError } from "./errors.ts";
import { byName, reasonOf } from "./file_list.ts";

/** Options of {@linkcode FolderWatch}. */
export interface FolderWatchOptions {
  /** Tells which names are of interest. */
  readable(name: string): boolean;
  /**
   * Time for which a file must not change to be taken for complete,
   * milliseconds. @default {250}
   */
  settleMs?: number;
}

/** A file's size and time: what tells one writing from another. */
interface Version {
  size: number;
  changed: number;
}

/** The system may miss that a file appears: the folder is listed so often. */
const LIST_MS = 1_000;
/** It may miss that one changes, too: all are looked at so often. */
const LOOK_MS = 10_000;
/** Changes come in bursts: there is so much time between two looks. */
const GAP_MS = 20;
const SETTLE_MS = 250;
/** Time that a file has which seems to be cut off. */
const RETRY_MS = 2_000;

/**
 * The files that appear in a folder, once they are complete: they have a size,
 * and neither that nor their time has changed for a while. One that is written
 * again counts as another.
 *
 * The work grows with what changes, not with the files that are there.
 */
export class FolderWatch implements Disposable {
  readonly #folder: string;
  readonly #options: FolderWatchOptions;
  readonly #settleMs: number;
  readonly #taken = new Map<string, Version>();
  /** Versions that were taken back once. */
  readonly #retried = new Map<string, Version>();
  /** Files that may still change: since when they don't, and until when. */
  readonly #pending = new Map<string, Version & { until: number }>();
  readonly #events: Deno.FsWatcher | undefined;
  /** Names that the system says have changed. */
  #touched = new Set<string>();
  #changed = Promise.withResolvers<void>();
  #listAt = 0;
  #lookAt: number;
  #isOver = false;

  /** Watches from now on; what is there already counts as new. */
  constructor(folder: string, options: FolderWatchOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#settleMs = options.settleMs ?? SETTLE_MS;
    this.#events = watchEvents(folder);
    this.#lookAt = performance.now() + LOOK_MS;
    void this.#listen();
  }

  /** Passes over what is there, which is known already. */
  async skip(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const version = await this.#look(name);
      if (version !== undefined) this.#taken.set(name, version);
    }
  }

  /**
   * Takes a file back, as one that may be complete only some time later.
   *
   * @returns whether that is still worth a try: it has changed since it was
   * last taken back.
   */
  retry(name: string): boolean {
    const version = this.#taken.get(name);
    const isKnown = version !== undefined &&
      !isSame(version, this.#retried.get(name));
    if (!isKnown) return false;
    this.#taken.delete(name);
    this.#retried.set(name, version);
    const until = performance.now() + RETRY_MS;
    this.#pending.set(name, { ...version, until });
    return true;
  }

  /**
   * Waits for complete files.
   *
   * @returns their names, in name order; none once it is disposed of.
   * @throws {SourceError} where the folder can't be read any more.
   */
  async next(): Promise<string[]> {
    while (!this.#isOver) {
      const complete = await this.#scan();
      if (complete.length > 0) return complete;
      await this.#wait();
    }
    return [];
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events?.close();
    this.#changed.resolve();
  }

  async #listen(): Promise<void> {
    if (this.#events === undefined) return;
    for await (const { paths } of this.#events) {
      for (const path of paths) this.#touched.add(basename(path));
      this.#changed.resolve();
    }
  }

  async #scan(): Promise<string[]> {
    const complete: string[] = [];
    // One moment for all: files that come together are due together.
    const now = performance.now();
    for (const name of await this.#findCandidates()) {
      if (!this.#options.readable(name)) continue;
      const version = await this.#look(name);
      if (version === undefined) {
        this.#forget(name);
        continue;
      }
      if (isSame(version, this.#taken.get(name))) continue;
      const before = this.#pending.get(name);
      if (!isSame(version, before)) {
        this.#pending.set(name, { ...version, until: now + this.#settleMs });
      } else if (version.size > 0 && now >= before!.until) {
        this.#pending.delete(name);
        this.#taken.set(name, version);
        complete.push(name);
      }
    }
    return complete.sort(byName.compare);
  }

  /** Names that may be new or changed. */
  async #findCandidates(): Promise<Set<string>> {
    const candidates = new Set([...this.#touched, ...this.#pending.keys()]);
    this.#touched.clear();
    const now = performance.now();
    if (now < this.#listAt) return candidates;
    this.#listAt = now + LIST_MS;
    const isLook = this.#events === undefined || now >= this.#lookAt;
    if (isLook) this.#lookAt = now + LOOK_MS;
    const names = await this.#list();
    for (const name of names) {
      if (isLook || !this.#taken.has(name)) candidates.add(name);
    }
    for (const name of this.#taken.keys()) {
      if (!names.has(name)) this.#forget(name);
    }
    return candidates;
  }

  async #list(): Promise<Set<string>> {
    const names = new Set<string>();
    try {
      for await (const { name } of Deno.readDir(this.#folder)) names.add(name);
    } catch (error) {
      throw new SourceError(
        `${this.#folder} can't be read any more: ${reasonOf(error)}`,
        { cause: error },
      );
    }
    return names;
  }

  /** Drops what is known of a file that is gone. */
  #forget(name: string): void {
    this.#taken.delete(name);
    this.#retried.delete(name);
    this.#pending.delete(name);
  }

  async #look(name: string): Promise<Version | undefined> {
    try {
      const { size, mtime, isFile } = await Deno.stat(
        `${this.#folder}/${name}`,
      );
      if (!isFile) return undefined;
      return { size, changed: mtime?.getTime() ?? 0 };
    } catch (error) {
      // It is gone again, or a link that leads nowhere.
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async #wait(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GAP_MS));
    if (this.#touched.size > 0 || this.#isOver) return;
    this.#changed = Promise.withResolvers();
    const due = Math.min(
      this.#listAt,
      ...this.#pending.values().map(({ until }) => until),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, due - performance.now());
    await Promise.race([promise, this.#changed.promise]);
    clearTimeout(timer);
  }
}

/** Asks the system to tell of changes; not every one has room for that. */
function watchEvents(folder: string): Deno.FsWatcher | undefined {
  try {
    return Deno.watchFs(folder, { recursive: false });
  } catch {
    return undefined;
  }
}

function isSame(a: Version, b: Version | undefined): boolean {
  return a.size === b?.size && a.changed === b.changed;
}
