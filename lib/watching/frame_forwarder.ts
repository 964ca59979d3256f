import type { Logger } from "../log.ts";
import { Adaptation } from "../publishing/adaptation/adaptation.ts";
import { sampleOf } from "../publishing/adaptation/samples.ts";
import type { FrameThinner } from "../session/frame_thinner.ts";
import { areSameLayouts, type CloudLayout } from "../points/cloud.ts";
import { CODEC_TRAITS } from "../points/codec.ts";
import { PointsError } from "../points/errors.ts";
import { XYZ_LAYOUT } from "../points/raw/codec.ts";
import {
  CHUNK_BYTES,
  type EncodedFrame,
  POINTS_PROTOCOL,
  splitFrame,
} from "../wire/frame.ts";
import {
  type BegunFrame,
  type FrameChannel,
  FrameQueue,
  type FrameQueueCounters,
} from "../wire/frame_queue.ts";
import {
  type ClientMessage,
  fieldsMessage,
  type ServerMessage,
} from "../wire/messages.ts";

export interface FrameForwarderOptions {
  /** Largest message that the peer takes, bytes. */
  maxMessageBytes: number;
  /** Makes frames with fewer points, where the path doesn't take all. */
  thinner: FrameThinner;
  /** Sends a text message to the peer. */
  tell(message: ServerMessage | ClientMessage): void;
  log: Logger;
}

/**
 * Hands encoded frames on over one watcher's `pointwire.v1` channel, cut into
 * the messages that it takes. Where they come faster than they leave, they are
 * thinned, and whole frames are dropped, oldest first.
 */
export class FrameForwarder {
  readonly #queue: FrameQueue<EncodedFrame>;
  readonly #options: FrameForwarderOptions;
  readonly #adaptation = new Adaptation({});
  #framesOffered = 0;
  #toldLayout: CloudLayout = XYZ_LAYOUT;

  /** Greets the peer; `channel` must be open. */
  constructor(channel: FrameChannel, options: FrameForwarderOptions) {
    this.#options = options;
    this.#queue = new FrameQueue(channel, {
      begin: (frame) => this.#begin(frame),
      sizeOf: ({ bytes }) => bytes.length,
      onError: ({ number }, error) =>
        options.log.warn("frame not forwarded", { frame: number, error }),
    });
    options.tell({ type: "hello", protocol: POINTS_PROTOCOL });
  }

  get counters(): FrameQueueCounters {
    return this.#queue.counters;
  }

  /** Takes a frame; it is sent, or counted as dropped. */
  send(frame: EncodedFrame): void {
    this.#queue.send(frame);
    this.#adaptation.update(
      sampleOf(this.#queue, ++this.#framesOffered, performance.now()),
    );
  }

  #thin(whole: EncodedFrame): EncodedFrame {
    const { pointShare } = this.#adaptation.level;
    try {
      return this.#options.thinner.thin(whole, pointShare);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      // What can't be read here is the watcher's to make something of.
      return whole;
    }
  }

  #begin(whole: EncodedFrame): BegunFrame {
    const frame = this.#thin(whole);
    const { codec, points, bytes } = frame;
    this.#adaptation.begun(performance.now(), bytes.length, false);
    if (
      !CODEC_TRAITS[codec].namesFields &&
      !areSameLayouts(frame, this.#toldLayout)
    ) {
      this.#toldLayout = frame;
      this.#options.tell(fieldsMessage(frame));
    }
    const most = Math.min(CHUNK_BYTES, this.#options.maxMessageBytes);
    return { points, messages: splitFrame(bytes, frame, most) };
  }
}
