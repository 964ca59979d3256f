import type { MediaCodec, MediaFrame } from "../media/frame.ts";
import { FrameAssembler } from "../media/frame_assembler.ts";
import type { RtpPacketView } from "../media/rtp.ts";
import { type ClockPair, unixTimeOf } from "../media/rtp_clock.ts";
import { DecodableFrames } from "./decodable.ts";

/** A frame of sound or picture, and when it was captured. */
export interface TimedMediaFrame {
  frame: MediaFrame;
  /** By its publisher's clock, milliseconds since the Unix epoch. */
  time: number;
}

/** How long frames wait for the first sender report, and how many may. */
const PATIENCE_MS = 2_000;
const MAX_WAITING = 512;

/**
 * Makes frames of one track's packets, those that can be decoded, with the
 * times that its sender reports give them. Where none comes within two seconds
 * a frame counts as captured when it came.
 */
export class TrackReader {
  readonly #clockRate: number;
  #codec: MediaCodec | undefined;
  #assembler: FrameAssembler | undefined;
  #decodable = new DecodableFrames();
  #clock: { time: number; rtpTimestamp: number } | undefined;
  #firstAt: number | undefined;
  #waiting: MediaFrame[] = [];

  /** @param clockRate Hz of the RTP timestamps. */
  constructor(clockRate: number, codec?: MediaCodec) {
    this.#clockRate = clockRate;
    this.#codec = codec;
  }

  /** Takes note of what the packets are in from now on. */
  setCodec(codec: MediaCodec): void {
    if (codec === this.#codec) return;
    this.#codec = codec;
    this.#assembler = undefined;
    this.#decodable = new DecodableFrames();
  }

  /** Takes a sender report; frames that waited for it are given out next. */
  setClock({ ntpTimestamp, rtpTimestamp }: ClockPair): void {
    this.#clock = { time: unixTimeOf(ntpTimestamp), rtpTimestamp };
  }

  /**
   * Takes the next packet.
   *
   * @param now milliseconds since the Unix epoch.
   * @returns the frames that are whole and whose time is known.
   */
  push(packet: RtpPacketView, now: number): TimedMediaFrame[] {
    if (this.#codec === undefined) return [];
    // They come in order: what is missing doesn't come any more.
    this.#assembler ??= new FrameAssembler({
      codec: this.#codec,
      maxReorder: 0,
    });
    this.#firstAt ??= now;
    for (const frame of this.#assembler.push(packet)) {
      if (this.#decodable.takes(frame)) this.#waiting.push(frame);
    }
    const isLate = now - this.#firstAt > PATIENCE_MS ||
      this.#waiting.length > MAX_WAITING;
    const newest = this.#waiting.at(-1);
    if (this.#clock === undefined && isLate && newest !== undefined) {
      this.#clock = { time: now, rtpTimestamp: newest.timestamp };
    }
    return this.#clock === undefined ? [] : this.#takeTimed(this.#clock);
  }

  #takeTimed(
    { time, rtpTimestamp }: { time: number; rtpTimestamp: number },
  ): TimedMediaFrame[] {
    const frames = this.#waiting;
    this.#waiting = [];
    return frames.map((frame) => {
      const ticks = (frame.timestamp - rtpTimestamp) | 0;
      return { frame, time: time + ticks / this.#clockRate * 1000 };
    });
  }
}
