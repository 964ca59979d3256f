import { countBytes } from "../points/join_bytes.ts";
import { type CopiedCodec, CopiedVideo, isTakenByAll } from "./copied_video.ts";
import { CopyThinner } from "./copy_thinner.ts";
import { CopyWatch } from "./copy_watch.ts";
import type { MediaCodec } from "./frame.ts";
import type { NutPacket, NutStreamInfo } from "./nut.ts";
import type { TimedFrame } from "./video_encoder.ts";

/**
 * Which video goes on as it comes: `none`; what `fits`, as long as the path has
 * room for it; or `all`, which is never encoded.
 */
export type Copying = "none" | "fitting" | "all";

/** Why video can't go on as it comes. */
export interface Refusal {
  /** Half a sentence. */
  why: string;
  /** Whether that is for what the path takes now. */
  isNarrow: boolean;
}

/** A live input's video, where it goes on as it comes. */
export class LiveCopy {
  readonly #copying: Copying;
  readonly #thinner = new CopyThinner();
  readonly #watch = new CopyWatch();
  #video?: CopiedVideo;

  constructor(copying: Copying) {
    this.#copying = copying;
  }

  /** What video that is open now is of. */
  get codec(): CopiedCodec | undefined {
    return this.#video?.codec;
  }

  /** Bits a second that the input sends; none before they are known. */
  get rate(): number | undefined {
    return this.#watch.rate;
  }

  /** Begins with the input that was opened. */
  open(stream: NutStreamInfo): void {
    this.#video = new CopiedVideo(stream);
    this.#watch.restart();
  }

  /** Says how many bits a second may be sent. */
  setBitrate(bitsPerSecond: number): void {
    this.#thinner.setBitrate(bitsPerSecond);
    this.#watch.setBitrate(bitsPerSecond);
  }

  /**
   * Tells why the video can't go on as it comes; undefined where it can.
   *
   * @param sent what the track is of, once there is one.
   */
  refusal(sent: MediaCodec | undefined, now: number): Refusal | undefined {
    const why = this.#whyNot(sent);
    if (why !== undefined) return { why, isNarrow: false };
    const mayEncode = this.#copying === "fitting";
    if (!mayEncode || !this.#watch.isTooNarrow(now)) return undefined;
    const kilobits = Math.round(this.#watch.rate! / 1000);
    return {
      why: `the network has no room for its ${kilobits} kbit/s`,
      isNarrow: true,
    };
  }

  /** Whether there is room again for what it was too narrow for. */
  isWideAgain(now: number): boolean {
    return this.#watch.rate !== undefined && this.#watch.isWideAgain(now);
  }

  /** Takes the next picture; gives what goes on. */
  take(packet: NutPacket, now: number): TimedFrame["parts"] | undefined {
    const { parts, isKey } = this.#video!.take(packet);
    const bytes = countBytes(parts);
    this.#watch.count(bytes, now);
    return this.#thinner.passes(bytes, isKey, now) ? parts : undefined;
  }

  #whyNot(sent: MediaCodec | undefined): string | undefined {
    const { codec, whyNot } = this.#video ?? {};
    if (whyNot !== undefined || codec === undefined) return whyNot;
    if (sent !== undefined && sent !== codec) {
      return `it is ${codec} now, and what is sent is ${sent}`;
    }
    if (this.#copying === "all" || isTakenByAll(codec)) return undefined;
    return `it is ${codec}, which not everybody takes; --video-codec copy ` +
      "copies it all the same";
  }
}
