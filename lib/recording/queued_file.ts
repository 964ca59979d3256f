import { cannotRecord, type RecordingError } from "./errors.ts";
import { GrowingFile } from "./growing_file.ts";

/** Options of a {@linkcode QueuedFile}. */
export interface QueuedFileOptions {
  /** Called once, when the file can't be written any more. */
  onFailure(error: RecordingError): void;
  /** Called with the bytes of each piece that is in the file. */
  onWritten?(bytes: number): void;
}

/**
 * A file whose pieces are written one after the other, while others come. At
 * the first error it is closed, with the pieces that are whole in it.
 */
export class QueuedFile {
  readonly path: string;
  readonly #options: QueuedFileOptions;
  readonly #file: Promise<GrowingFile>;
  #done: Promise<void> = Promise.resolve();
  #failure: RecordingError | undefined;

  /** Makes the file, in place of one that is there. */
  constructor(path: string, options: QueuedFileOptions) {
    this.path = path;
    this.#options = options;
    this.#file = GrowingFile.create(path);
    this.#file.catch(() => {});
  }

  /** Whether it takes nothing any more. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Appends a piece after those before it. It never rejects: where the piece
   * can't be written, `onFailure` is told.
   *
   * @returns when it is written or given up.
   */
  append(piece: Uint8Array): Promise<void> {
    return this.#after(async () => {
      await (await this.#file).append([piece]);
      this.#options.onWritten?.(piece.length);
    });
  }

  /** Closes the file after all pieces. */
  close(): Promise<void> {
    return this.#after(async () => await (await this.#file).finish());
  }

  #after(action: () => Promise<void>): Promise<void> {
    return this.#done = this.#done.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        await action();
      } catch (error) {
        await this.#fail(error);
      }
    });
  }

  async #fail(cause: unknown): Promise<void> {
    this.#failure = cannotRecord(this.path, cause);
    const file = await this.#file.catch(() => undefined);
    await file?.salvage();
    this.#options.onFailure(this.#failure);
  }
}
