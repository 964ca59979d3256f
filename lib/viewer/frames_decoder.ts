/** The worker that decodes frames, as the page sees it. */
import type { CloudLayout, Pose } from "../points/cloud.ts";
import type { ColorChoice } from "./coloring.ts";
import type { PointValues } from "./point_values.ts";
import { ReadyWorker } from "./ready_worker.ts";
import type {
  DecodedCloud,
  FromFramesWorker,
  ToFramesWorker,
} from "./worker_messages.ts";

export interface FramesDecoderEvents {
  /** Called for each cloud of an open stream; recycle its buffer. */
  onCloud(cloud: DecodedCloud): void;
  /** Called for each message or frame that is passed over, with why. */
  onInvalid(why: string): void;
}

/** Decodes the frames of all streams, in one worker. */
export class FramesDecoder {
  readonly #worker = new ReadyWorker<ToFramesWorker, FromFramesWorker>(
    new URL("./frames_worker.js", import.meta.url),
    (message) => this.#take(message),
  );
  readonly #events: FramesDecoderEvents;
  readonly #answers = new Map<number, (point?: PointValues) => void>();
  #requests = 0;
  readonly #open = new Set<number>();

  constructor(events: FramesDecoderEvents) {
    this.#events = events;
  }

  /**
   * Begins a stream, or another connection of one, and forgets what was under
   * way.
   *
   * @param isNew whether its first cloud says where its origin is.
   */
  begin(stream: number, isNew: boolean): void {
    this.#open.add(stream);
    this.#tell({ type: "begin", stream, isNew });
  }

  /** Forgets a stream, and the clouds of it. */
  end(stream: number): void {
    this.#open.delete(stream);
    this.#tell({ type: "end", stream });
  }

  /** Takes how points lie in the f32 and raw frames that follow. */
  setLayout(stream: number, layout: CloudLayout): void {
    this.#tell({ type: "layout", stream, layout });
  }

  /** Takes where the coordinates of the frames that follow stand. */
  place(stream: number, pose: Pose | undefined): void {
    this.#tell({ type: "place", stream, pose });
  }

  /** Colours a stream's clouds as the user wants it, and those shown anew. */
  color(
    stream: number,
    choice: ColorChoice | undefined,
    clouds: readonly DecodedCloud[],
  ): void {
    const shown = clouds.map(({ serial }) => serial);
    this.#tell({ type: "color", stream, choice, shown });
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

  /** Takes one binary message of a stream's channel; it is transferred. */
  push(stream: number, bytes: ArrayBuffer): void {
    this.#tell({ type: "message", stream, bytes }, [bytes]);
  }

  /** Takes back the buffer of a cloud that isn't needed any more. */
  recycle({ stream, serial, positions: { buffer } }: DecodedCloud): void {
    this.#tell({ type: "recycle", stream, serial, buffer }, [buffer]);
  }

  #take(message: Exclude<FromFramesWorker, { type: "ready" }>): void {
    switch (message.type) {
      case "invalid":
        this.#events.onInvalid(message.why);
        break;
      case "picked":
        this.#answers.get(message.request)?.(message.point);
        this.#answers.delete(message.request);
        break;
      case "cloud":
        if (this.#open.has(message.stream)) this.#events.onCloud(message);
        break;
    }
  }

  #tell(message: ToFramesWorker, transfer: Transferable[] = []): void {
    this.#worker.tell(message, transfer);
  }
}
