import { byName } from "./file_list.ts";

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

/** A look at the folder is never longer ago; the system may miss an event. */
const LOOK_MS = 1_000;
const SETTLE_MS = 250;
/** Time that a file has which seems to be cut off. */
const RETRY_MS = 2_000;

/**
 * The files that appear in a folder, once they are complete: they have a size,
 * and neither that nor their time has changed for a while. One that is written
 * again counts as another.
 */
export class FolderWatch implements Disposable {
  readonly #folder: string;
  readonly #options: FolderWatchOptions;
  readonly #settleMs: number;
  readonly #taken = new Map<string, Version>();
  /** Files that may still change: since when they don't, and until when. */
  readonly #pending = new Map<string, Version & { until: number }>();
  readonly #events: Deno.FsWatcher;
  #changed = Promise.withResolvers<void>();
  #isOver = false;

  /** Watches from now on; what is there already counts as new. */
  constructor(folder: string, options: FolderWatchOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#settleMs = options.settleMs ?? SETTLE_MS;
    this.#events = Deno.watchFs(folder, { recursive: false });
    void this.#listen();
  }

  /** Passes over what is there, which is known already. */
  async skip(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const version = await this.#look(name);
      if (version !== undefined) this.#taken.set(name, version);
    }
  }

  /** Takes a file back, as one that may be complete only some time later. */
  retry(name: string): void {
    const version = this.#taken.get(name);
    if (version === undefined) return;
    this.#taken.delete(name);
    const until = performance.now() + RETRY_MS;
    this.#pending.set(name, { ...version, until });
  }

  /**
   * Waits for complete files.
   *
   * @returns their names, in name order; none once it is disposed of.
   */
  async next(): Promise<string[]> {
    while (!this.#isOver) {
      const complete = await this.#scan();
      if (complete.length > 0) return complete;
      await this.#wait(this.#pending.size > 0 ? this.#settleMs / 2 : LOOK_MS);
    }
    return [];
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.close();
    this.#changed.resolve();
  }

  async #listen(): Promise<void> {
    for await (const _ of this.#events) {
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }

  async #scan(): Promise<string[]> {
    const complete: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(this.#folder)) {
      if (isDirectory || !this.#options.readable(name)) continue;
      const version = await this.#look(name);
      if (version === undefined || isSame(version, this.#taken.get(name))) {
        continue;
      }
      const before = this.#pending.get(name);
      const now = performance.now();
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

  async #look(name: string): Promise<Version | undefined> {
    try {
      const { size, mtime } = await Deno.stat(`${this.#folder}/${name}`);
      return { size, changed: mtime?.getTime() ?? 0 };
    } catch (error) {
      // It is gone again, or a link that leads nowhere.
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([promise, this.#changed.promise]);
    clearTimeout(timer);
  }
}

function isSame(a: Version, b: Version | undefined): boolean {
  return a.size === b?.size && a.changed === b.changed;
}
