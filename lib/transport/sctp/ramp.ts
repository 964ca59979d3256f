import type { AckSample } from "./congestion.ts";

/** Packets of a pace that have to arrive without a queue. */
const TELLING_PACKETS = 8;
/** Growth of the pace in a round trip, which is that of BBR's startup. */
const GROWTH = 2;
/** A round trip that is longer than the least by so much met a queue. */
const QUEUE_RTT_SHARE = 1 / 16;
const QUEUE_RTT_MS = 3;
/** Acknowledgements in a row that have to say so: a single one may be late. */
const QUEUE_ACKS = 4;
/** Loss of what a pace sent, above which it is too fast. */
const LOSS_SHARE = 0.02;
const LOSS_PACKETS = 3;

/**
 * The pace of a start that has met no queue.
 *
 * The first window leaves in less than a round trip. Where it arrives without a
 * queue, the path takes that pace, and not only the window's average over the
 * round trip. So the pace doubles from there, once for each round trip, and
 * what is sent at each pace has to arrive first. It is over with the first
 * queue or loss. SUSS (SIGCOMM 2024) is of the same kind, for loss-based
 * controllers.
 */
export class Ramp {
  readonly #packetBytes: number;
  #pace: number;
  #isOver = false;
  /** Bytes that were delivered as the pace was set. */
  #pacedFrom = 0;
  #acked = 0;
  #lost = 0;
  #lateAcks = 0;

  /** @param pace of the first window, bytes a millisecond. */
  constructor(pace: number, packetBytes: number) {
    this.#pace = pace;
    this.#packetBytes = packetBytes;
  }

  /** Bytes a millisecond; nothing once it is over. */
  get pace(): number | undefined {
    return this.#isOver ? undefined : this.#pace;
  }

  /** Ends it for what it doesn't see itself. */
  end(): void {
    this.#isOver = true;
  }

  /** @param minRtt least round-trip time, milliseconds. */
  onAck(sample: AckSample, minRtt: number): void {
    if (this.#meetsQueue(sample.rtt, minRtt) || this.#meetsLoss(sample)) {
      this.#isOver = true;
    }
    if (this.#isOver || sample.priorDelivered < this.#pacedFrom) return;
    this.#acked += sample.acked;
    const telling = TELLING_PACKETS * this.#packetBytes;
    if (this.#acked < telling || this.#lateAcks > 0) return;
    this.#pace *= GROWTH;
    this.#pacedFrom = sample.delivered;
    this.#acked = this.#lost = 0;
  }

  #meetsQueue(rtt: number | undefined, minRtt: number): boolean {
    if (rtt === undefined) return false;
    const most = minRtt + Math.max(QUEUE_RTT_SHARE * minRtt, QUEUE_RTT_MS);
    this.#lateAcks = rtt > most ? this.#lateAcks + 1 : 0;
    return this.#lateAcks >= QUEUE_ACKS;
  }

  #meetsLoss({ lost }: AckSample): boolean {
    this.#lost += lost;
    return this.#lost >= LOSS_PACKETS * this.#packetBytes &&
      this.#lost > LOSS_SHARE * (this.#lost + this.#acked);
  }
}
