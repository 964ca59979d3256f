import type {
  AckSample,
  CongestionController,
} from "../../../lib/transport/sctp/congestion.ts";

/**
 * The loss-based control that RFC 9260 section 7.2 describes, and aiortc has:
 * what a flow of ours may meet on a link.
 */
export class Reno implements CongestionController {
  window: number;
  /** It doesn't pace. */
  readonly pacingRate = 1e6;
  readonly bandwidth = 0;
  readonly isStarting = false;
  packetBytes: number;
  #threshold = Infinity;
  #recoverUntil = 0;

  constructor(packetBytes: number) {
    this.packetBytes = packetBytes;
    this.window = 3 * packetBytes;
  }

  onRestart(): void {}

  onAck({ acked, lost, priorDelivered, delivered, inflight }: AckSample): void {
    if (lost > 0 && priorDelivered >= this.#recoverUntil) {
      this.#threshold = Math.max(this.window / 2, 4 * this.packetBytes);
      this.window = this.#threshold;
      this.#recoverUntil = delivered + inflight;
    } else if (priorDelivered < this.#recoverUntil) return;
    else if (this.window < this.#threshold) this.window += acked;
    else this.window += this.packetBytes * acked / this.window;
  }

  onTimeout(): void {
    this.#threshold = Math.max(this.window / 2, 4 * this.packetBytes);
    this.window = this.packetBytes;
  }
}
