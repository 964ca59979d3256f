import type { Logger } from "../log.ts";
import { recordingPath } from "./file_names.ts";
import type { QueuedFileOptions } from "./queued_file.ts";
import type {
  RecordedSession,
  RecordingCounters,
  RecordingOptions,
} from "./recording_options.ts";

/** Time until another file is tried after one that failed, milliseconds. */
const RETRY_MS = 60_000;

/** A file that is being written. */
export interface SequencedFile {
  readonly path: string;
  /** Whether it takes nothing any more. */
  readonly hasFailed: boolean;
  /** Messages that it has, where it counts them. */
  readonly messages?: number;
  /** Completes it. It never rejects. */
  close(): Promise<void>;
}

/** What a {@linkcode FileSequence} is made from. */
export interface FileSequenceOptions {
  session: RecordedSession;
  options: RecordingOptions;
  counters: RecordingCounters;
  log: Logger;
  /** Extensions that its files may have. */
  extensions: readonly string[];
}

/** The file that is written, and what came of it. */
interface Current<F> {
  file: F;
  begunAt: number;
  bytes: number;
  dropped: number;
}

/** The files that one recording goes into, one after the other. */
export class FileSequence<F extends SequencedFile> {
  readonly #given: FileSequenceOptions;
  readonly #closing = new Set<Promise<void>>();
  #current: Current<F> | undefined;
  #files = 0;
  #failedAt = -Infinity;

  constructor(given: FileSequenceOptions) {
    this.#given = given;
  }

  /** The file that is written. */
  get current(): F | undefined {
    return this.#current?.file;
  }

  /** Whether none is begun for now, as one has failed. */
  isPaused(now: number): boolean {
    return now - this.#failedAt < RETRY_MS;
  }

  /** Whether the file that is written is as large, or as long, as it may be. */
  isFull(now: number): boolean {
    const { maxBytes = Infinity, maxMs = Infinity } = this.#given.options;
    const { bytes = 0, begunAt = now } = this.#current ?? {};
    return bytes >= maxBytes || now - begunAt >= maxMs;
  }

  /**
   * Begins the next file, which is the one that is written then.
   *
   * @param now milliseconds since the Unix epoch.
   * @param make makes it of its path, without extension, and what to tell.
   */
  begin(now: number, make: (path: string, events: QueuedFileOptions) => F): F {
    const { session, options, counters, log, extensions } = this.#given;
    const start = this.#files++ === 0 ? Date.parse(session.start) : now;
    const named = { name: session.name, start };
    const file = make(recordingPath(options.folder, named, extensions), {
      onWritten: (bytes) => {
        current.bytes += bytes;
        counters.bytes += bytes;
      },
      onFailure: (error) => {
        counters.errors++;
        this.#failedAt = Date.now();
        log.error("recording not whole", { file: file.path, error });
        if (this.#current === current) this.end();
      },
    });
    const current = { file, begunAt: now, bytes: 0, dropped: 0 };
    this.#current = current;
    counters.openFiles++;
    return file;
  }

  /** Counts a message that the file had no room for; the log says it once. */
  drop(fields: Record<string, unknown> = {}): void {
    const { counters, log } = this.#given;
    counters.dropped++;
    if (this.#current === undefined) return;
    const { file: { path, hasFailed } } = this.#current;
    if (this.#current.dropped++ > 0 || hasFailed) return;
    log.warn("recording falls behind: the disk is too slow", {
      file: path,
      ...fields,
    });
  }

  /** Has the file be completed, if there is one. */
  end(): void {
    if (this.#current === undefined) return;
    const closing = this.#complete(this.#current)
      .then(() => void this.#closing.delete(closing));
    this.#closing.add(closing);
    this.#current = undefined;
  }

  /** Completes all files. It never rejects. */
  async close(): Promise<void> {
    this.end();
    await Promise.all(this.#closing);
  }

  async #complete(current: Current<F>): Promise<void> {
    const { counters, log } = this.#given;
    const { file } = current;
    await file.close();
    counters.openFiles--;
    if (file.hasFailed) return;
    const { path, messages } = file;
    const { dropped } = current;
    log.info("recorded", { file: path, messages, dropped });
  }
}
