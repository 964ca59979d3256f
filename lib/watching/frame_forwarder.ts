import { LogThrottle } from "../limits/log_throttle.ts";
import type { Logger } from "../log.ts";
import { Adaptation } from "../publishing/adaptation/adaptation.ts";
import { sampleOf } from "../publishing/adaptation/samples.ts";
import type { FrameThinner, OpenSelection } from "../session/frame_thinner.ts";
import { areSameLayouts, type CloudLayout } from "../points/cloud.ts";
import { CODEC_TRAITS } from "../points/codec.ts";
import { PointsError } from "../points/errors.ts";
import { XYZ_LAYOUT } from "../points/raw/codec.ts";
import { CHUNK_BYTES, type EncodedFrame, splitFrame } from "../wire/frame.ts";
import {
  type BegunFrame,
  type FrameChannel,
  FrameQueue,
  type FrameQueueCounters,
} from "../wire/frame_queue.ts";
import { type FieldsMessage, fieldsMessage } from "../wire/messages.ts";

export interface FrameForwarderOptions {
  /** Largest message that the peer takes, bytes. */
  maxMessageBytes: number;
  /** Makes frames with fewer points, where the path doesn't take all. */
  thinner: FrameThinner;
  /** The part of frames that is wanted. @default {all of them} */
  selection?: OpenSelection;
  /**
   * Finds out what the path takes, before the first frame: bytes and frames a
   * second, so that the frame fits it. Nothing tells that all fits, or that it
   * can't be told. @default {nothing}
   */
  measure?(): Promise<PointsRoom | undefined>;
  /** Called before the first message of each frame. */
  onBegin?(frame: EncodedFrame): void;
  /** Sends a text message to the peer. */
  tell(message: FieldsMessage): void;
  log: Logger;
}

/** What points may take of a path. */
export interface PointsRoom {
  bytesPerSecond: number;
  framesPerSecond: number;
}

/**
 * Hands encoded frames on over one watcher's `pointwire.v1` channel, cut into
 * the messages that it takes. Where they come faster than they leave, their
 * steps become coarser, their points fewer, and whole frames are dropped,
 * oldest first.
 */
export class FrameForwarder {
  readonly #queue: FrameQueue<EncodedFrame>;
  readonly #options: FrameForwarderOptions;
  readonly #adaptation = new Adaptation({ coarser: true });
  #framesOffered = 0;
  #toldLayout: CloudLayout = XYZ_LAYOUT;

  /** @param channel must be open. */
  constructor(channel: FrameChannel, options: FrameForwarderOptions) {
    this.#options = options;
    const warnings = new LogThrottle(options.log);
    this.#queue = new FrameQueue(channel, {
      begin: (frame) => this.#begin(frame),
      sizeOf: ({ bytes }) => bytes.length,
      ready: options.measure === undefined ? undefined : this.#measure(),
      onError: ({ number }, error) =>
        warnings.warn("frame not forwarded", { frame: number, error }),
    });
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

  /** Sends no more, not even what was begun. */
  stop(): void {
    this.#queue.stop();
  }

  async #measure(): Promise<void> {
    // A channel that closes meanwhile is sent nothing anyway.
    const room = await this.#options.measure?.().catch(() => undefined);
    if (room === undefined) return;
    this.#adaptation.expect(room.bytesPerSecond, room.framesPerSecond);
  }

  #thin(whole: EncodedFrame): { frame: EncodedFrame; isRounded: boolean } {
    const { thinner, selection } = this.#options;
    try {
      const { level } = this.#adaptation;
      const isRounded = thinner.isRounded(whole);
      return { frame: thinner.thin(whole, level, selection), isRounded };
    } catch (error) {
      // Steps may be so absurd that they can't be coarser.
      const isTheirs = error instanceof PointsError ||
        error instanceof RangeError;
      if (!isTheirs) throw error;
      // What can't be read here is the watcher's to make something of.
      return { frame: whole, isRounded: false };
    }
  }

  #begin(whole: EncodedFrame): BegunFrame {
    let thinned;
    do {
      thinned = this.#thin(whole);
      const { frame: { bytes }, isRounded } = thinned;
      this.#adaptation.begun(performance.now(), bytes.length, isRounded);
    } while (this.#adaptation.takeRestart());
    const { frame } = thinned;
    this.#options.onBegin?.(frame);
    const { codec, points, bytes } = frame;
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
