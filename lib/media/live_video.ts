import type { EncoderPlan } from "./encoder_arguments.ts";
import { FollowingEncoder } from "./following_encoder.ts";
import { FrameRateMeter } from "./frame_rate_meter.ts";
import type { BitrateRange } from "./rendition.ts";
import type { TimedFrame } from "./video_encoder.ts";

/** Options of {@linkcode LiveVideo}. */
export interface LiveVideoOptions extends EncoderPlan {
  /** The program, by name or path. */
  ffmpeg: string;
  bitrates: BitrateRange;
  /** Most frames a second; more are left out. @default {60} */
  maxFrameRate?: number;
  /** Called with each frame, in order. */
  onFrame(frame: TimedFrame): void;
  /** Called once, where it can't go on. */
  onFailed(error: unknown): void;
}

/** A picture in 4:2:0, as it comes. */
export interface Picture extends TimedFrame {
  /** Pixels, even. */
  size: { readonly width: number; readonly height: number };
}

/** Another rate than that share of the encoder's is worth another encoder. */
const SAME_RATE = { least: 0.6, most: 1.6 };
/** Share of an interval by which a picture may come too soon. */
const EARLY_SHARE = 0.25;
const MAX_FRAME_RATE = 60;
/** Time that pictures wait inside an encoder at most, seconds. */
const MAX_INSIDE_S = 0.15;

/**
 * Encodes pictures that come at their own pace, of a size and a rate that may
 * change. A keyframe begins what is of another size.
 */
export class LiveVideo {
  readonly #options: LiveVideoOptions;
  readonly #meter = new FrameRateMeter();
  readonly #minIntervalS: number;
  #encoder?: FollowingEncoder;
  #size?: Picture["size"];
  #frameRate = 0;
  #bitrate?: number;
  #lastS = -Infinity;
  readonly #closing = new Set<Promise<void>>();

  constructor(options: LiveVideoOptions) {
    this.#options = options;
    const { maxFrameRate = MAX_FRAME_RATE } = options;
    this.#minIntervalS = (1 - EARLY_SHARE) / maxFrameRate;
  }

  /** Asks for about so many bits a second. */
  setBitrate(bitsPerSecond: number): void {
    this.#bitrate = bitsPerSecond;
    this.#encoder?.setBitrate(bitsPerSecond);
  }

  /** Asks for a keyframe soon. */
  requestKeyframe(): void {
    this.#encoder?.requestKeyframe();
  }

  /** Takes the next picture. */
  encode(picture: Picture): void {
    if (picture.seconds < this.#lastS + this.#minIntervalS) return;
    this.#lastS = picture.seconds;
    this.#meter.add(picture.seconds);
    const { rate } = this.#meter;
    if (rate === undefined) return;
    if (!this.#fits(picture.size, rate)) this.#renew(picture.size, rate);
    this.#encoder!.encode(picture);
  }

  /** Ends all; resolves when it is gone. */
  async close(): Promise<void> {
    await Promise.all([...this.#closing, this.#encoder?.close()]);
  }

  #fits({ width, height }: Picture["size"], rate: number): boolean {
    const share = rate / this.#frameRate;
    return width === this.#size?.width && height === this.#size.height &&
      share >= SAME_RATE.least && share <= SAME_RATE.most;
  }

  #renew(size: Picture["size"], frameRate: number): void {
    const { ffmpeg, codec, encoder } = this.#options;
    const { bitrates, onFrame, onFailed } = this.#options;
    const last = this.#encoder?.close();
    if (last) {
      this.#closing.add(last);
      void last.finally(() => this.#closing.delete(last));
    }
    [this.#size, this.#frameRate] = [size, frameRate];
    this.#encoder = new FollowingEncoder({
      ...{ ffmpeg, codec, encoder, bitrates, bitrate: this.#bitrate },
      ...{ onFrame, onFailed, maxInsideS: MAX_INSIDE_S },
      format: { ...size, frameRate },
    });
  }
}
