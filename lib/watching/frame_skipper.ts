import { beginsDisposable } from "../media/disposable.ts";
import type { MediaCodec } from "../media/frame.ts";
import type { RtpPacketView } from "../media/rtp.ts";

/** Room beyond what all frames take, before all are sent again. */
const ROOM = 1.15;
/** Time for which there has to be room, milliseconds. */
const CALM_MS = 2_000;

/** What video takes and may take, bytes a millisecond. */
export interface VideoRoom {
  /** What all frames take; undefined while that isn't known. */
  rate: number | undefined;
  limit: number;
}

/**
 * Leaves out the frames of a video that no other frame needs, while the path
 * doesn't take all of them. It has no clock.
 */
export class FrameSkipper {
  readonly #codec: MediaCodec;
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
   * @param room is asked for as a frame begins.
   */
  takes(packet: RtpPacketView, room: () => VideoRoom, now: number): boolean {
    const { payload, timestamp } = packet;
    if (timestamp !== this.#timestamp) {
      this.#timestamp = timestamp;
      this.#decide(room(), now);
      this.#isLeftOut = this.#isSkipping &&
        beginsDisposable(this.#codec, payload);
    }
    return !this.#isLeftOut;
  }

  #decide({ rate, limit }: VideoRoom, now: number): void {
    if (rate === undefined) return;
    if (limit < (this.#isSkipping ? ROOM : 1) * rate) {
      this.#isSkipping = true;
      this.#tightAt = now;
    } else if (now - this.#tightAt > CALM_MS) this.#isSkipping = false;
  }
}
