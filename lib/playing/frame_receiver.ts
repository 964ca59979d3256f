import { XYZ } from "../points/cloud.ts";
import type { PointsError } from "../points/errors.ts";
import { type EncodedFrame, isNewerFrame } from "../wire/frame.ts";
import { FrameReassembler } from "../wire/frame_reassembler.ts";
import {
  type ByeMessage,
  type DrainingMessage,
  parseClientMessage,
  parseServerMessage,
} from "../wire/messages.ts";
import type { WatchedFrame } from "./cloud_reader.ts";

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
  /** A frame has come whole. */
  onFrame(frame: WatchedFrame): void;
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
  #fields = XYZ;
  #last: number | undefined;

  constructor(events: FrameReceiverEvents) {
    this.#events = events;
    this.#reassembler = new FrameReassembler({
      onFrame: (frame) => this.#receive(frame),
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
      case "fields":
        this.#fields = parsed.fields;
        return;
      case "draining":
        return this.#events.onDraining(parsed);
      case "bye":
        return this.#events.onBye(parsed);
    }
  }

  /** Counts what could not be read. */
  invalid(error: PointsError): void {
    this.counters.invalid++;
    this.#events.onInvalid(error);
  }

  #receive(frame: EncodedFrame): void {
    const { counters } = this;
    const { frame: number } = frame;
    if (this.#last !== undefined && isNewerFrame(number, this.#last)) {
      counters.skipped += (number - this.#last - 1) >>> 0;
    }
    this.#last = number;
    counters.frames++;
    counters.bytes += frame.byteLength;
    this.#events.onFrame({ frame, fields: this.#fields });
  }
}
