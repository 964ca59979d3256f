/** The worker that decodes frames, as the page sees it. */
import type {
  DecodedCloud,
  FromFramesWorker,
  ToFramesWorker,
} from "./worker_messages.ts";

export interface FramesDecoderEvents {
  /** Called for each cloud of the current stream; recycle its buffer. */
  onCloud(cloud: DecodedCloud): void;
  /** Called for each message or frame that is passed over, with why. */
  onInvalid(why: string): void;
}

/** Decodes one stream of frames after the other, in a worker. */
export class FramesDecoder {
  readonly #worker = new Worker(
    new URL("./frames_worker.js", import.meta.url),
    { type: "module" },
  );
  readonly #events: FramesDecoderEvents;
  #stream = 0;
  /**
   * What waits for the worker to be ready: it loads its WebAssembly first, and
   * doesn't listen meanwhile.
   */
  #waiting: [ToFramesWorker, Transferable[]][] | undefined = [];

  constructor(events: FramesDecoderEvents) {
    this.#events = events;
    this.#worker.onmessage = ({ data }: MessageEvent<FromFramesWorker>) =>
      this.#take(data);
  }

  /** Begins another stream, and forgets what was under way. */
  reset(): void {
    this.#tell({ type: "reset", stream: ++this.#stream });
  }

  /** Takes the fields of the f32 frames that follow. */
  setFields(fields: readonly string[]): void {
    this.#tell({ type: "fields", fields });
  }

  /** Takes one binary message of the channel; it is transferred. */
  push(bytes: ArrayBuffer): void {
    this.#tell({ type: "message", bytes }, [bytes]);
  }

  /** Takes back the buffer of a cloud that isn't needed any more. */
  recycle({ values }: DecodedCloud): void {
    this.#tell({ type: "recycle", values }, [values.buffer]);
  }

  #take(message: FromFramesWorker): void {
    switch (message.type) {
      case "ready":
        for (const waiting of this.#waiting ?? []) {
          this.#worker.postMessage(...waiting);
        }
        this.#waiting = undefined;
        break;
      case "invalid":
        this.#events.onInvalid(message.why);
        break;
      case "cloud":
        if (message.stream === this.#stream) this.#events.onCloud(message);
        else this.recycle(message);
        break;
    }
  }

  #tell(message: ToFramesWorker, transfer: Transferable[] = []): void {
    if (this.#waiting === undefined) {
      this.#worker.postMessage(message, transfer);
    } else {
      this.#waiting.push([message, transfer]);
    }
  }
}
