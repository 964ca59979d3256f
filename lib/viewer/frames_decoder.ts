/** The worker that decodes frames, as the page sees it. */
import type { CloudLayout } from "../points/cloud.ts";
import type { ColorChoice } from "./coloring.ts";
import type { PointValues } from "./point_values.ts";
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
  readonly #answers = new Map<number, (point?: PointValues) => void>();
  #requests = 0;
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

  /**
   * Begins another connection, and forgets what was under way.
   *
   * @param isNew whether another stream begins with it.
   */
  reset(isNew: boolean): void {
    this.#tell({ type: "reset", stream: ++this.#stream, isNew });
  }

  /** Takes how points lie in the f32 and raw frames that follow. */
  setLayout(layout: CloudLayout): void {
    this.#tell({ type: "layout", layout });
  }

  /** Colours clouds as the user wants it, first of all the one shown. */
  color(choice: ColorChoice, shown: DecodedCloud | undefined): void {
    this.#tell({ type: "color", choice, shown: shown?.serial });
  }

  /**
   * Asks for the values of one point of a cloud that isn't recycled yet.
   *
   * @returns nothing where they can't be had.
   */
  pick({ serial }: DecodedCloud, index: number): Promise<PointValues | void> {
    const request = ++this.#requests;
    return new Promise((resolve) => {
      this.#answers.set(request, resolve);
      this.#tell({ type: "pick", serial, index, request });
    });
  }

  /** Takes one binary message of the channel; it is transferred. */
  push(bytes: ArrayBuffer): void {
    this.#tell({ type: "message", bytes }, [bytes]);
  }

  /** Takes back the buffer of a cloud that isn't needed any more. */
  recycle({ serial, positions: { buffer } }: DecodedCloud): void {
    this.#tell({ type: "recycle", serial, buffer }, [buffer]);
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
      case "picked":
        this.#answers.get(message.request)?.(message.point);
        this.#answers.delete(message.request);
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
