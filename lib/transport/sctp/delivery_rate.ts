import type { SentChunk } from "./sent_chunks.ts";

/** A measurement of the delivery rate. */
export interface RateSample {
  /** Bytes a millisecond; none where the interval is too short to tell. */
  rate?: number;
  /** What was delivered when the newest packet acknowledged was sent. */
  priorDelivered: number;
  appLimited: boolean;
}

/**
 * Measures how fast packets are delivered, from acknowledgement to
 * acknowledgement (draft-cheng-iccrg-delivery-rate-estimation).
 */
export class DeliveryRate {
  /** Bytes delivered so far. */
  delivered = 0;
  #deliveredAt = 0;
  #firstSentAt = 0;
  /** Until this much is delivered, rates are less than the network's. */
  #appLimitedUntil = 0;
  #newest: SentChunk | undefined;

  /**
   * Notes that the sender had nothing to send, with `inflight` bytes under way.
   */
  onAppLimited(inflight: number): void {
    this.#appLimitedUntil = Math.max(1, this.delivered + inflight);
  }

  /** Notes a packet that is about to be sent. */
  onSent(chunk: SentChunk, now: number, inflight: number): void {
    if (inflight === 0) this.#firstSentAt = this.#deliveredAt = now;
    chunk.firstSentAt = this.#firstSentAt;
    chunk.deliveredAt = this.#deliveredAt;
    chunk.delivered = this.delivered;
    chunk.appLimited = this.#appLimitedUntil > 0;
  }

  /** Notes a packet that was newly acknowledged. */
  onAcked(chunk: SentChunk, now: number): void {
    this.delivered += chunk.size;
    this.#deliveredAt = now;
    const newest = this.#newest;
    if (newest === undefined || chunk.delivered >= newest.delivered) {
      this.#newest = chunk;
    }
    if (this.delivered > this.#appLimitedUntil) this.#appLimitedUntil = 0;
  }

  /**
   * Ends an acknowledgement.
   *
   * @param minRtt least round-trip time, milliseconds.
   * @returns none where nothing was newly acknowledged.
   */
  takeSample(minRtt: number): RateSample | undefined {
    const newest = this.#newest;
    if (newest === undefined) return undefined;
    this.#newest = undefined;
    const sendMs = newest.sentAt - newest.firstSentAt;
    const ackMs = this.#deliveredAt - newest.deliveredAt;
    this.#firstSentAt = newest.sentAt;
    const interval = Math.max(sendMs, ackMs);
    const bytes = this.delivered - newest.delivered;
    return {
      rate: interval >= minRtt && interval > 0 ? bytes / interval : undefined,
      priorDelivered: newest.delivered,
      appLimited: newest.appLimited,
    };
  }
}
