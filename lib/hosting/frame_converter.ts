import { freeDescriptors } from "../descriptors.ts";
import { areSameSelections, type Selection } from "../points/select.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import type {
  ConvertedMessage,
  ConvertMessage,
} from "./frame_converter_messages.ts";
import type { FrameTarget } from "./frame_targets.ts";

/** Why a frame was not converted. */
export type ConversionErrorReason =
  /** The target can't hold the cloud, or the cloud can't be decoded. */
  | "impossible"
  /** Too many frames wait already, or there are no file descriptors. */
  | "busy"
  /** The Worker died, or took too long. */
  | "failed"
  /** The converter was closed. */
  | "closed";

/** Thrown for a frame that was not converted. */
export class ConversionError extends Error {
  override readonly name = "ConversionError";

  /** Makes an error; `message` is a sentence. */
  constructor(readonly reason: ConversionErrorReason, message: string) {
    super(message);
  }
}

/** Options of a {@linkcode FrameConverter}. */
export interface FrameConverterOptions {
  /** Most frames that wait for the one under way. @default {64} */
  maxWaiting?: number;
  /** Time that a frame may take, milliseconds. @default {10_000} */
  timeoutMs?: number;
  /** Time that the Worker has to come up, milliseconds. @default {60_000} */
  startMs?: number;
  /** Module of the Worker. @default {frame_converter_worker.ts} */
  entry?: URL;
}

/** A frame that is to be converted. */
interface Job extends ConvertMessage {
  result: PromiseWithResolvers<Uint8Array>;
}

const ENTRY = new URL("./frame_converter_worker.ts", import.meta.url);

/** Twice the file descriptors that a Worker takes at its start. */
const WORKER_DESCRIPTORS = 16;

/**
 * Writes frames in other formats, in a Worker of its own that starts when it is
 * first needed. One frame is under way at a time: a copy of its bytes, and what
 * becomes of them, is all that it takes. A Worker that dies or hangs is
 * replaced with the next frame.
 */
export class FrameConverter implements Disposable {
  readonly #maxWaiting: number;
  readonly #timeoutMs: number;
  readonly #startMs: number;
  readonly #entry: URL;
  #worker: Worker | undefined;
  #isClosed = false;
  /** The first is under way. */
  readonly #jobs: Job[] = [];
  #deadline: ReturnType<typeof setTimeout> | undefined;

  /** Starts nothing yet. */
  constructor(options: FrameConverterOptions = {}) {
    this.#maxWaiting = options.maxWaiting ?? 64;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#startMs = options.startMs ?? 60_000;
    this.#entry = options.entry ?? ENTRY;
  }

  /**
   * Writes a frame, or the part of it that is wanted, down as `target`. Those
   * who ask for the same at the same time share the bytes, which must not be
   * changed or moved.
   *
   * @throws {ConversionError} saying why it was not done.
   */
  // deno-lint-ignore require-await -- it rejects where it is refused
  async convert(
    frame: EncodedFrame,
    target: FrameTarget,
    selection?: Selection,
  ): Promise<Uint8Array> {
    if (this.#isClosed) throw closed();
    if (frame.codec === target && selection === undefined) return frame.bytes;
    const same = this.#jobs.find((job) =>
      job.frame === frame && job.target === target &&
      areSameSelections(job.selection, selection)
    );
    if (same !== undefined) return same.result.promise;
    if (this.#jobs.length > this.#maxWaiting) {
      throw new ConversionError(
        "busy",
        `The server converts as many clouds as it may (${this.#maxWaiting})`,
      );
    }
    const result = Promise.withResolvers<Uint8Array>();
    this.#jobs.push({ frame, target, selection, result });
    if (this.#jobs.length === 1) this.#next();
    return result.promise;
  }

  /** Ends the Worker; what is under way is refused. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#endWorker();
    for (const { result } of this.#jobs.splice(0)) result.reject(closed());
  }

  #next(): void {
    const [job] = this.#jobs;
    if (job === undefined) return;
    // One that starts takes the job when it is up.
    if (this.#worker === undefined) return this.#start();
    // The frame stays with those who have it; its copy is moved. Not slice():
    // of a Buffer that is no copy.
    const bytes = new Uint8Array(job.frame.bytes);
    const message: ConvertMessage = {
      frame: { ...job.frame, bytes },
      target: job.target,
      selection: job.selection,
    };
    this.#worker.postMessage(message, [bytes.buffer]);
    this.#setDeadline(this.#timeoutMs);
  }

  #start(): void {
    // Deno ends the process where there are none for a Worker that starts.
    if (freeDescriptors(WORKER_DESCRIPTORS) < WORKER_DESCRIPTORS) {
      const why = "The server has too many files open to convert clouds";
      const error = new ConversionError("busy", why);
      return this.#finish(({ reject }) => reject(error));
    }
    const worker = new Worker(this.#entry, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<ConvertedMessage>) => {
      // A message may still be on its way from one that was ended.
      if (worker === this.#worker) this.#take(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#fail(event.message);
    };
    this.#worker = worker;
    this.#setDeadline(this.#startMs);
  }

  #setDeadline(ms: number): void {
    this.#deadline = setTimeout(
      () => this.#fail(`it took more than ${ms / 1000} s`),
      ms,
    );
  }

  #take(message: ConvertedMessage): void {
    clearTimeout(this.#deadline);
    switch (message.type) {
      case "started":
        return this.#next();
      case "converted":
        return this.#finish(({ resolve }) => resolve(message.bytes));
      case "impossible": {
        const error = new ConversionError("impossible", message.message);
        return this.#finish(({ reject }) => reject(error));
      }
    }
  }

  #fail(why: string): void {
    this.#endWorker();
    const error = new ConversionError(
      "failed",
      `The cloud could not be converted: ${why}`,
    );
    this.#finish(({ reject }) => reject(error));
  }

  #finish(settle: (result: Job["result"]) => void): void {
    const job = this.#jobs.shift();
    if (job !== undefined) settle(job.result);
    this.#next();
  }

  #endWorker(): void {
    clearTimeout(this.#deadline);
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function closed(): ConversionError {
  return new ConversionError("closed", "No clouds are converted any more");
}
