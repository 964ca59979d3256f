import { type HeldShare, ITEM_BYTES } from "../limits/held_bytes.ts";
import type { MediaCodec } from "./frame.ts";
import { beginsKeyframe } from "./keyframe.ts";
import type { RtpPacketView } from "./rtp.ts";

/** Most that is kept of one track: a second or two of rich video. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_PACKETS = 8192;

/**
 * The packets of a video track from its newest keyframe on: what somebody who
 * joins needs to have a picture at once.
 */
export class KeyframeCache {
  readonly #codec: MediaCodec;
  readonly #held: HeldShare | undefined;
  readonly #packets: RtpPacketView[] = [];
  #bytes = 0;
  /** Timestamp of the keyframe; none while decoding can't start. */
  #keyframe: number | undefined;

  /** @param held is told what is held. */
  constructor(codec: MediaCodec, held?: HeldShare) {
    this.#codec = codec;
    this.#held = held;
  }

  /** In the order they came; empty where decoding can't start with any. */
  get packets(): readonly RtpPacketView[] {
    return this.#packets;
  }

  /** Ticks from the keyframe to the newest packet; 0 where there is none. */
  get span(): number {
    const newest = this.#packets.at(-1);
    if (newest === undefined) return 0;
    return (newest.timestamp - this.#keyframe!) | 0;
  }

  /** Takes the next packet of the track; it is kept as it is. */
  push(packet: RtpPacketView): void {
    const { payload, timestamp } = packet;
    // Parameter sets and the picture of one keyframe both look like its start.
    if (
      timestamp !== this.#keyframe && beginsKeyframe(this.#codec, payload)
    ) {
      this.#clear();
      this.#keyframe = timestamp;
    }
    if (this.#keyframe === undefined) return;
    this.#packets.push(packet);
    this.#bytes += payload.length;
    if (this.#bytes > MAX_BYTES || this.#packets.length > MAX_PACKETS) {
      this.#clear();
    } else this.#tell();
  }

  #tell(): void {
    this.#held?.set(this.#bytes + ITEM_BYTES * this.#packets.length);
  }

  #clear(): void {
    this.#packets.length = 0;
    this.#bytes = 0;
    this.#keyframe = undefined;
    this.#tell();
  }
}
