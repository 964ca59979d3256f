/** The clouds of a recording that are shown. */
import { writeChunkHeader } from "../wire/frame.ts";
import type { RecordedCloud } from "./due_clouds.ts";
import type { PlayoutClock } from "./playout_clock.ts";
import type { StreamSink } from "./stream_messages.ts";
import type { Streams } from "./streams.ts";

/** Names it among all that is played. */
export const RECORDING_KEY = "recording";

/** What takes the clouds of a stream, and how many it has got. */
interface ShownStream {
  sink: StreamSink | undefined;
  clouds: number;
}

/** Hands clouds on as if they came just now. */
export class ShownClouds implements Disposable {
  readonly #streams: Streams;
  readonly #clock: PlayoutClock;
  readonly #open = new Map<string, ShownStream>();
  /** Streams that something was shown of since it began. */
  readonly #seen = new Set<string>();

  constructor(streams: Streams, clock: PlayoutClock) {
    this.#streams = streams;
    this.#clock = clock;
  }

  /** Another moment is shown: a stream that has nothing then isn't drawn. */
  begin(): void {
    this.#seen.clear();
  }

  /** Shows the clouds that are due, and none of other streams. */
  show(clouds: readonly RecordedCloud[]): void {
    for (const cloud of clouds) this.#show(cloud);
    for (const layer of this.#streams.list) {
      const isOther = layer.player === RECORDING_KEY &&
        !this.#seen.has(layer.name);
      if (!isOther) continue;
      this.#open.delete(layer.name);
      this.#streams.remove(layer);
    }
  }

  /** Whether time stands: streams that don't come then aren't over. */
  set isStill(isStill: boolean) {
    this.#streams.setStill(RECORDING_KEY, isStill);
  }

  [Symbol.dispose](): void {
    this.#streams.close(RECORDING_KEY);
  }

  #show({ stream, info, place, layout, message }: RecordedCloud): void {
    const shown = this.#open.get(stream) ?? this.#openStream(stream);
    this.#seen.add(stream);
    const { sink } = shown;
    if (layout !== undefined) sink?.onLayout(layout);
    sink?.onPlace(place);
    const number = shown.clouds++;
    writeChunkHeader(message, { ...info, number, chunk: 0, chunks: 1 });
    sink?.onMessage(message.buffer);
  }

  #openStream(name: string): ShownStream {
    const sink = this.#streams.open(RECORDING_KEY, name);
    // A cloud's age is how late it is shown.
    sink?.onClock(() => {
      const offset = (this.#clock.now() ?? 0) - Date.now();
      return { offset, error: Math.abs(offset) };
    });
    const stream = { sink, clouds: 0 };
    this.#open.set(name, stream);
    return stream;
  }
}
