import type { PointsError } from "../points/errors.ts";
import {
  type EncodedFrame,
  type FrameInfo,
  isNewerNumber,
} from "../wire/frame.ts";
import { addOffsets, type ClockOffset } from "../wire/clock_offset.ts";
import { FrameReader } from "../wire/frame_reader.ts";
import { FrameReassembler } from "../wire/frame_reassembler.ts";
import {
  type ByeMessage,
  type DrainingMessage,
  layoutOf,
  parseClientMessage,
  parseServerMessage,
  placeOf,
  type StreamMessage,
  type StreamPlace,
  type TimeMessage,
} from "../wire/messages.ts";

/** What came of a session's points. */
export interface WatchCounters {
  /** Whole frames. */
  frames: number;
  /** Bytes of their clouds as they were encoded. */
  bytes: number;
  /** Frames that the publisher or the server dropped. */
  skipped: number;
  /** Messages and frames that could not be read. */
  invalid: number;
}

export interface FrameReceiverEvents {
  /** The server speaks the protocol. */
  onHello(): void;
  /** The server says what time it is. */
  onTime?(message: TimeMessage): void;
  /** Tells how far the server's clock is ahead of this machine's. */
  serverClock?(): ClockOffset | undefined;
  /** The server says where the stream's coordinates stand. */
  onPlace?(stream: string, place: StreamPlace): void;
  /** A frame has come whole. */
  onFrame(frame: EncodedFrame): void;
  /** Something could not be read, and was passed over. */
  onInvalid(error: PointsError): void;
  /** The server ends the session soon. */
  onDraining(message: DrainingMessage): void;
  /** The server ends the session now. */
  onBye(message: ByeMessage): void;
}

/** Reads what a server sends on the channel of one who watches. */
export class FrameReceiver {
  readonly counters: WatchCounters = {
    frames: 0,
    bytes: 0,
    skipped: 0,
    invalid: 0,
  };
  readonly #events: FrameReceiverEvents;
  readonly #reassembler: FrameReassembler;
  readonly #reader: FrameReader;
  #last: number | undefined;
  #isNamed = false;
  /** The publisher's clock against the server's, once that is told. */
  #aheadOfServer: ClockOffset | undefined;

  /**
   * @param stream the channel's label, a name for its frames until the server
   * says another.
   */
  constructor(stream: string, events: FrameReceiverEvents) {
    this.#events = events;
    this.#reader = new FrameReader(stream, {
      clock: () => this.#publisherClock,
    });
    this.#reassembler = new FrameReassembler({
      onFrame: (info, bytes) => this.#receive(info, bytes),
      onInvalid: (error) => this.invalid(error),
    });
  }

  /** Takes one message of the channel; it keeps views of it. */
  push(message: Uint8Array | string): void {
    if (typeof message !== "string") return this.#reassembler.push(message);
    const parsed = parseClientMessage(message) ?? parseServerMessage(message);
    switch (parsed?.type) {
      case "hello":
        return this.#events.onHello();
      case "stream":
        return this.#onStream(parsed);
      case "clock":
        this.#aheadOfServer = parsed;
        return;
      case "time":
        return this.#events.onTime?.(parsed);
      case "fields":
        return this.#reader.setLayout(layoutOf(parsed));
      case "draining":
        return this.#events.onDraining(parsed);
      case "bye":
        return this.#events.onBye(parsed);
    }
  }

  /** How far the publisher's clock is ahead of this machine's. */
  get #publisherClock(): ClockOffset | undefined {
    const ofServer = this.#events.serverClock?.();
    return ofServer && this.#aheadOfServer &&
      addOffsets(ofServer, this.#aheadOfServer);
  }

  /** A channel carries one stream: its first name holds. */
  #onStream(message: StreamMessage): void {
    if (!this.#isNamed) this.#reader.stream = message.name ?? this.stream;
    this.#isNamed = true;
    const place = placeOf(message);
    this.#reader.setPlace(place);
    this.#events.onPlace?.(this.stream, place);
  }

  /** Name of the stream that the channel carries. */
  get stream(): string {
    return this.#reader.stream;
  }

  /** Counts what could not be read. */
  invalid(error: PointsError): void {
    this.counters.invalid++;
    this.#events.onInvalid(error);
  }

  #receive(info: FrameInfo, bytes: Uint8Array): void {
    const frame = this.#reader.read(info, bytes);
    const { counters } = this;
    const { number } = frame;
    if (this.#last !== undefined && isNewerNumber(number, this.#last)) {
      counters.skipped += (number - this.#last - 1) >>> 0;
    }
    this.#last = number;
    counters.frames++;
    counters.bytes += bytes.length;
    this.#events.onFrame(frame);
  }
}
