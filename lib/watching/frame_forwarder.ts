import type { RTCDataChannel } from "werift";
import type { Logger } from "../log.ts";
import { areSameFields, XYZ } from "../points/cloud.ts";
import { CHUNK_BYTES, POINTS_PROTOCOL, splitFrame } from "../wire/frame.ts";
import type { FeedFrame } from "../session/feed.ts";
import type { ClientMessage, ServerMessage } from "../wire/messages.ts";
import {
  FrameQueue,
  type FrameQueueCounters,
  type OutgoingFrame,
} from "../wire/frame_queue.ts";

interface ForwardedFrame extends OutgoingFrame {
  frame: FeedFrame;
}

export interface FrameForwarderOptions {
  /** Largest message that the peer takes, bytes. */
  maxMessageBytes: number;
  /** Sends a text message to the peer. */
  tell(message: ServerMessage | ClientMessage): void;
  log: Logger;
}

/**
 * Hands encoded frames on over one watcher's `pointwire.v1` channel, cut into the
 * messages that it takes. Where they come faster than they leave, whole frames are
 * dropped, oldest first.
 */
export class FrameForwarder {
  readonly #channel: FrameQueue<ForwardedFrame>;
  readonly #options: FrameForwarderOptions;
  #toldFields = XYZ;

  /** Greets the peer; `channel` must be open. */
  constructor(channel: RTCDataChannel, options: FrameForwarderOptions) {
    this.#options = options;
    this.#channel = new FrameQueue(channel, {
      split: ({ frame }) => this.#split(frame),
      onError: ({ frame: { frame } }, error) =>
        options.log.warn("frame not forwarded", { frame, error }),
    });
    options.tell({ type: "hello", protocol: POINTS_PROTOCOL });
  }

  get counters(): FrameQueueCounters {
    return this.#channel.counters;
  }

  /** Takes a frame; it is sent, or counted as dropped. */
  send(frame: FeedFrame): void {
    const { points, captureTime, encoded: { byteLength } } = frame;
    this.#channel.send({ frame, points, captureTime, byteLength });
  }

  #split(frame: FeedFrame): Iterable<Uint8Array<ArrayBuffer>> {
    const { codec, fields, encoded } = frame;
    if (codec === "f32" && !areSameFields(fields, this.#toldFields)) {
      this.#toldFields = fields;
      this.#options.tell({ type: "fields", fields: [...fields] });
    }
    const most = Math.min(CHUNK_BYTES, this.#options.maxMessageBytes);
    return splitFrame(encoded, frame, most);
  }
}
