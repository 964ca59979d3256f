import type { MediaCodec, MediaFrame } from "../../media/frame.ts";
import { FrameAssembler } from "../../media/frame_assembler.ts";
import { KeyframeSets } from "../../media/keyframe_sets.ts";
import type { RtpPacketView } from "../../media/rtp.ts";
import {
  writeCompressedAudio,
  writeCompressedVideo,
} from "../../ros/write_messages.ts";
import type { FeedTrack } from "../../session/feed.ts";
import { type ChannelMessage, createMessage } from "./channel_message.ts";
import { mediaFormatOf } from "./media_formats.ts";

export interface TrackMessagesOptions {
  track: FeedTrack;
  /** Tells the track from all others. */
  key: string;
  /** The coordinate frame of its pictures. */
  frameId: string;
  /** Gives when what has an RTP timestamp was captured, Unix milliseconds. */
  stampOf(timestamp: number): number;
  onMessage(message: ChannelMessage): void;
}

/** A keyframe is asked for so often at most, milliseconds. */
const ASK_MS = 1000;

/**
 * The sound or the pictures of one track, a message a frame. Video begins with
 * a keyframe, and goes on with one after something was lost; H.264 and H.265
 * are Annex B, with the parameter sets before each keyframe.
 */
export class TrackMessages {
  readonly #options: TrackMessagesOptions;
  #codec: MediaCodec | undefined;
  #assembler: FrameAssembler | undefined;
  readonly #sets = new KeyframeSets();
  #isBegun = false;
  #askedAt = -Infinity;

  constructor(options: TrackMessagesOptions) {
    this.#options = options;
    this.setCodec(options.track.codec);
  }

  /** Takes note of what comes from now on. */
  setCodec(codec: MediaCodec | undefined): void {
    this.#codec = codec;
    this.#isBegun = false;
    const isKnown = codec !== undefined && mediaFormatOf(codec) !== undefined;
    this.#assembler = isKnown ? new FrameAssembler({ codec }) : undefined;
  }

  /** Takes the next packet of the track. */
  push(packet: RtpPacketView): void {
    for (const frame of this.#assembler?.push(packet) ?? []) this.#take(frame);
  }

  /** Asks for a keyframe, now or soon. */
  requestKeyframe(): void {
    const now = performance.now();
    if (this.#options.track.kind === "audio") return;
    if (now - this.#askedAt < ASK_MS) return;
    this.#askedAt = now;
    this.#options.track.requestKeyframe();
  }

  #take(frame: MediaFrame): void {
    const { timestamp, keyframe, discontinuity } = frame;
    const { kind } = this.#options.track;
    // Without what is missing before it the picture would be a wrong one.
    if (keyframe) this.#isBegun = true;
    else if (discontinuity) this.#isBegun = false;
    if (!this.#isBegun) return this.requestKeyframe();
    const stamp = this.#options.stampOf(timestamp);
    const { key, frameId, onMessage } = this.#options;
    const format = mediaFormatOf(this.#codec!)!;
    const bytes = this.#sets.complete(frame);
    const message = kind === "audio"
      ? writeCompressedAudio({ stamp, bytes, format })
      : writeCompressedVideo({ stamp, frameId, bytes, format });
    onMessage(createMessage(message, {
      key,
      order: keyframe ? "key" : "next",
      requestKey: () => this.requestKeyframe(),
    }));
  }
}
