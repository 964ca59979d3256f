import { beginsDisposable } from "../media/disposable.ts";
import type { MediaCodec } from "../media/frame.ts";
import type { RtpPacketView } from "../media/rtp.ts";

/** Time constant of the rates, milliseconds. */
const RATE_MS = 1_000;
/** Room beyond what all frames take, before all are sent again. */
const ROOM = 1.15;
/** Time for which there has to be room. */
const CALM_MS = 2_000;

/**
 * Leaves out the frames of a video that no other frame needs, while the path
 * doesn't take all of them. It has no clock.
 */
export class FrameSkipper {
  readonly #codec: MediaCodec;
  #rate = 0;
  #at: number | undefined;
  #startedAt = 0;
  #timestamp: number | undefined;
  #isSkipping = false;
  #isLeftOut = false;
  #tightAt = -Infinity;

  constructor(codec: MediaCodec) {
    this.#codec = codec;
  }

  /**
   * Decides on a packet; packets are taken in order.
   *
   * @param limit bytes a millisecond that the video may take.
   */
  takes(packet: RtpPacketView, limit: number, now: number): boolean {
    const { payload, timestamp } = packet;
    this.#note(payload.length, now);
    if (timestamp !== this.#timestamp) {
      this.#timestamp = timestamp;
      this.#decide(limit, now);
      this.#isLeftOut = this.#isSkipping &&
        beginsDisposable(this.#codec, payload);
    }
    return !this.#isLeftOut;
  }

  #note(bytes: number, now: number): void {
    this.#at ??= this.#startedAt = now;
    const kept = Math.exp(-(now - this.#at) / RATE_MS);
    this.#at = now;
    this.#rate = this.#rate * kept + bytes / RATE_MS;
  }

  #decide(limit: number, now: number): void {
    // The mean grows from nothing in its first second.
    if (now - this.#startedAt < RATE_MS) return;
    if (limit < (this.#isSkipping ? ROOM : 1) * this.#rate) {
      this.#isSkipping = true;
      this.#tightAt = now;
    } else if (now - this.#tightAt > CALM_MS) this.#isSkipping = false;
  }
}
