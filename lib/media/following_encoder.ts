import { BitrateChooser } from "./bitrate_chooser.ts";
import type { EncoderPlan } from "./encoder_arguments.ts";
import {
  type BitrateRange,
  type PictureFormat,
  renditionAt,
} from "./rendition.ts";
import { type TimedFrame, VideoEncoder } from "./video_encoder.ts";

/** Options of {@linkcode FollowingEncoder}. */
export interface FollowingEncoderOptions extends EncoderPlan {
  /** The program, by name or path. */
  ffmpeg: string;
  format: PictureFormat;
  bitrates: BitrateRange;
  /** Bits a second to begin with. @default {bitrates.most} */
  bitrate?: number;
  /**
   * Seconds of pictures that may be inside an encoder; more are left out.
   * @default {0.3}
   */
  maxInsideS?: number;
  /** Called with each frame, in order. */
  onFrame(frame: TimedFrame): void;
  /** Called once, where it can't go on. */
  onFailed(error: unknown): void;
}

const MAX_INSIDE_S = 0.3;
const MIN_INSIDE = 3;
/** Time that a keyframe that was asked for is good for, milliseconds. */
const KEYFRAME_INTERVAL_MS = 1000;
/** A keyframe that comes by itself as soon needn't be made, seconds. */
const KEYFRAME_SOON_S = 0.3;
/** Time for an encoder that was taken over from to give its last frames. */
const LEAVE_MS = 1000;
/** Time for an encoder to come up. */
const WARM_MS = 10_000;

/**
 * Encodes pictures at a bitrate that can be changed at any time.
 *
 * No ffmpeg can, so another one is started beside the first, warmed up with a
 * picture, and takes over with a keyframe: between two pictures, so that there
 * is neither a gap nor a picture that comes twice.
 */
export class FollowingEncoder {
  readonly #options: FollowingEncoderOptions;
  readonly #chooser: BitrateChooser;
  /** The one that pictures go to. */
  #current?: VideoEncoder;
  /** The one that is coming up. */
  #next?: { encoder: VideoEncoder; since: number };
  /** Those that have frames to give still, oldest first, ahead of `current`. */
  readonly #leaving: VideoEncoder[] = [];
  readonly #alive = new Set<VideoEncoder>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #keyframeAt = -Infinity;
  #isKeyframeWanted = false;
  #isOver = false;
  /** Pictures that were left out, as the machine is too slow. */
  #dropped = 0;

  constructor(options: FollowingEncoderOptions) {
    this.#options = options;
    this.#chooser = new BitrateChooser(options.bitrates, options.bitrate);
  }

  /** How many pictures were left out, as no encoder was ready for them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Asks for about so many bits a second. */
  setBitrate(bitsPerSecond: number): void {
    this.#chooser.want(bitsPerSecond);
  }

  /** Asks for a keyframe, sooner than one comes by itself. */
  requestKeyframe(): void {
    this.#isKeyframeWanted = true;
  }

  /** Comes up with a picture, so that the first isn't late. */
  prepare(picture: Uint8Array[]): void {
    if (this.#isOver || (this.#current ?? this.#next)) return;
    this.#start(picture);
  }

  /** Takes the next picture. */
  encode(picture: TimedFrame): void {
    if (this.#isOver) return;
    const now = performance.now();
    if (this.#next?.encoder.isWarm) this.#takeOver(this.#next.encoder, now);
    this.#look(picture.parts, now);
    const { frameRate } = this.#options.format;
    const { maxInsideS = MAX_INSIDE_S } = this.#options;
    const most = Math.max(MIN_INSIDE, maxInsideS * frameRate);
    if (this.#current === undefined || this.#current.inside >= most) {
      this.#dropped++;
      return;
    }
    if (this.#picturesToKeyframe(this.#current) === 0) this.#noteKeyframe(now);
    this.#current.encode(picture);
  }

  /** Ends all; resolves when they are gone. */
  async close(): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(Array.from(this.#alive, (encoder) => encoder.close()));
  }

  /** Starts another encoder where one is wanted. */
  #look(picture: Uint8Array[], now: number): void {
    if (this.#next && now - this.#next.since > WARM_MS) {
      const seconds = WARM_MS / 1000;
      this.#fail(new Error(`No encoder came up within ${seconds} s`));
      return;
    }
    if (this.#chooser.changes(now)) {
      // One that is coming up for another rate is of no use.
      void this.#next?.encoder.close();
      this.#start(picture);
    } else if (this.#next || this.#current === undefined) {
      if (this.#next === undefined) this.#start(picture);
    } else if (this.#isKeyframeWanted && this.#isKeyframeWorthIt(now)) {
      this.#start(picture);
    }
  }

  #isKeyframeWorthIt(now: number): boolean {
    if (now - this.#keyframeAt < KEYFRAME_INTERVAL_MS) return false;
    const soon = KEYFRAME_SOON_S * this.#options.format.frameRate;
    return this.#picturesToKeyframe(this.#current!) > soon;
  }

  /** How many pictures go in before the next that is a keyframe by itself. */
  #picturesToKeyframe({ taken, rendition }: VideoEncoder): number {
    const { keyframeInterval } = rendition;
    return (keyframeInterval - taken % keyframeInterval) % keyframeInterval;
  }

  #noteKeyframe(now: number): void {
    this.#keyframeAt = now;
    this.#isKeyframeWanted = false;
  }

  #start(picture: Uint8Array[]): void {
    const { ffmpeg, codec, encoder: name, format } = this.#options;
    const rendition = renditionAt(this.#chooser.current, format);
    try {
      const encoder = new VideoEncoder(
        { ffmpeg, codec, encoder: name, format, rendition, first: picture },
        () => this.#emit(),
      );
      this.#alive.add(encoder);
      encoder.ended.then(
        () => this.#gone(encoder),
        (error) => {
          this.#gone(encoder);
          this.#fail(error);
        },
      );
      this.#next = { encoder, since: performance.now() };
    } catch (error) {
      this.#fail(error);
    }
  }

  #gone(encoder: VideoEncoder): void {
    this.#alive.delete(encoder);
    this.#emit();
  }

  #takeOver(encoder: VideoEncoder, now: number): void {
    const last = this.#current;
    this.#current = encoder;
    this.#next = undefined;
    this.#noteKeyframe(now);
    if (last === undefined) return;
    this.#leaving.push(last);
    last.finish();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void last.close();
    }, LEAVE_MS);
    this.#timers.add(timer);
    last.ended.finally(() => {
      this.#timers.delete(timer);
      clearTimeout(timer);
    }).catch(() => {});
  }

  /** Hands on what is out, in the order of the pictures. */
  #emit(): void {
    if (this.#isOver) return;
    for (let oldest; (oldest = this.#leaving[0]);) {
      this.#emitOf(oldest);
      if (!oldest.isDone) return;
      this.#leaving.shift();
    }
    if (this.#current) this.#emitOf(this.#current);
  }

  #emitOf({ frames }: VideoEncoder): void {
    for (const frame of frames.splice(0)) this.#options.onFrame(frame);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onFailed(error);
  }
}
