import type { AckMessage } from "../wire/messages.ts";
import { Verifier } from "./verification.ts";

/** Percentiles of a latency, milliseconds. */
export interface LatencySummary {
  /** Half of the frames are no later; null without a sample. */
  p50: number | null;
  /** Of twenty frames, nineteen are no later; null without a sample. */
  p95: number | null;
}

/** Frames that are remembered until they are acknowledged. */
const MAX_PENDING = 1024;
/** Latencies that are kept for the percentiles. */
const MAX_SAMPLES = 100_000;

/** The sender's book of frames: what was sent, acknowledged, and how late. */
export class AckTracker {
  /** Frames that the receiver says it has whole. */
  framesAcked = 0;
  readonly verifier = new Verifier();
  readonly #pending = new Map<
    number,
    { captureTime: number; checksum?: number }
  >();
  readonly #latencies: number[] = [];

  /** Notes a frame that was sent. */
  sent(frame: number, captureTime: number, checksum?: number): void {
    this.#pending.set(frame, { captureTime, checksum });
    if (this.#pending.size > MAX_PENDING) {
      const [oldest] = this.#pending.keys();
      this.#pending.delete(oldest);
    }
  }

  /**
   * Notes an acknowledgement. The latency from capture to whole reception is
   * taken on our own clock alone, as the time until now less what the server
   * held the message back and half a round trip, so that no clocks need to
   * agree.
   */
  acknowledged(ack: AckMessage, now: number, roundTripMs = 0): void {
    this.framesAcked = ack.frames;
    const sent = this.#pending.get(ack.frame);
    if (sent !== undefined && this.#latencies.length < MAX_SAMPLES) {
      const latency = now - sent.captureTime - ack.heldMs - roundTripMs / 2;
      this.#latencies.push(Math.max(0, latency));
    }
    for (const [frame, checksum] of ack.checksums ?? []) {
      this.verifier.arrived(this.#pending.get(frame)?.checksum === checksum);
    }
    if (sent === undefined) return;
    for (const frame of this.#pending.keys()) {
      this.#pending.delete(frame);
      if (frame === ack.frame) break;
    }
  }

  /** Adds what another tracker counted, of a connection that is over. */
  add(other: AckTracker): void {
    this.framesAcked += other.framesAcked;
    this.verifier.add(other.verifier);
    const room = MAX_SAMPLES - this.#latencies.length;
    for (const latency of other.#latencies.slice(0, room)) {
      this.#latencies.push(latency);
    }
  }

  latency(): LatencySummary {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95) };
  }
}

/** The nearest-rank percentile of sorted values; null where there are none. */
function percentile(sorted: number[], share: number): number | null {
  if (sorted.length === 0) return null;
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return Math.round(sorted[rank - 1] * 10) / 10;
}
