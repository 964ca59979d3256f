/** The messages of one stream, by whichever way they come. */
import type { CloudLayout } from "../points/cloud.ts";
import { addOffsets, type ClockOffset } from "../wire/clock_offset.ts";
import {
  layoutOf,
  parseClientMessage,
  parseServerMessage,
  placeOf,
  type StreamPlace,
  type TimeMessage,
  type TrackClockMessage,
  type UntakenMessage,
} from "../wire/messages.ts";

/** Most characters of a name that is a channel's label. */
const MOST_CHARACTERS = 200;

/** What takes a stream's messages. */
export interface StreamSink {
  /** Called for each binary message; it may be transferred. */
  onMessage(bytes: ArrayBuffer): void;
  /** Called with how points lie in the f32 and raw frames that follow. */
  onLayout(layout: CloudLayout): void;
  /** Called with where the coordinates of the frames that follow stand. */
  onPlace(place: StreamPlace): void;
  /**
   * Called with what tells how far the publisher's clock is ahead of this
   * machine's, as far as that is known.
   */
  onClock(clock: () => ClockOffset | undefined): void;
  /** Called when no more comes. */
  onEnd(): void;
}

/** What takes all that comes on such channels. */
export interface StreamSinks {
  /**
   * Called with the name of a stream; gives nothing for one that isn't wanted,
   * whose channel is closed.
   */
  open(name: string): StreamSink | undefined;
  /** Tells how far the server's clock is ahead of this machine's. */
  serverClock(): ClockOffset | undefined;
  /** Called with what the server says of the time. */
  onTime(message: TimeMessage): void;
  /** Called with what the clocks of a track show at one moment. */
  onTrackClock(message: TrackClockMessage): void;
  /** Called where a track isn't sent. */
  onUntaken(message: UntakenMessage): void;
}

/** Takes the messages of one stream, whichever way they come. */
export class StreamMessages {
  readonly #sinks: StreamSinks;
  readonly #label: string;
  /** Nothing before the stream is opened, or where it isn't wanted. */
  #sink: StreamSink | undefined;
  #isOpen = false;

  /** @param label what it is called unless the server says another name. */
  constructor(label: string, sinks: StreamSinks) {
    this.#label = label.slice(0, MOST_CHARACTERS);
    this.#sinks = sinks;
  }

  /** Whether it was opened, and isn't wanted. */
  get isUnwanted(): boolean {
    return this.#isOpen && this.#sink === undefined;
  }

  /** @returns what the server says at the end, if it does. */
  take(data: ArrayBuffer | string): string | undefined {
    if (data instanceof ArrayBuffer) {
      this.#opened()?.onMessage(data);
      return undefined;
    }
    const { serverClock, onTime, onTrackClock, onUntaken } = this.#sinks;
    const message = parseClientMessage(data) ?? parseServerMessage(data);
    switch (message?.type) {
      case "stream":
        this.#opened(message.name)?.onPlace(placeOf(message));
        break;
      case "fields":
        this.#opened()?.onLayout(layoutOf(message));
        break;
      case "clock":
        this.#opened()?.onClock(() => {
          const ofServer = serverClock();
          return ofServer && addOffsets(ofServer, message);
        });
        break;
      case "time":
        onTime(message);
        break;
      case "track-clock":
        onTrackClock(message);
        break;
      case "untaken":
        onUntaken(message);
        break;
      case "bye":
        return message.reason;
    }
  }

  /** No more comes. */
  end(): void {
    this.#sink?.onEnd();
  }

  #opened(name = this.#label): StreamSink | undefined {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#sink = this.#sinks.open(name);
    }
    return this.#sink;
  }
}
