import type { SentChunk, SentChunks } from "./sent_chunks.ts";
import type { RttEstimator } from "./rtt.ts";

/** Share of the least round-trip time that reordering is allowed at first. */
const REORDERING_SHARE = 1 / 4;
/** Packets delivered beyond a gap, before what is missing is lost at once. */
const DUPLICATE_THRESHOLD = 3;
/** Recoveries that a wider window of reordering is kept for without cause. */
const PERSISTENCE = 16;
/**
 * Share of the round-trip time below which an answer is to something earlier.
 */
const SURE_SHARE = 0.8;
/** A timer can't tell less, milliseconds. */
const LEAST_WINDOW_MS = 1;

/**
 * Finds by time which packets are lost (RACK, RFC 8985 section 6): those sent
 * before one that has been delivered since, by more than packets are reordered.
 */
export class LossDetector {
  readonly #rtt: RttEstimator;
  /** Of the delivered packets, the one that was sent last. */
  #sentAt = -Infinity;
  #tsn = 0;
  #flightMs = 0;
  #highestAcked = 0;
  #isReordering = false;
  #deliveredBeyondGap = 0;
  #windowFactor = 1;
  #persist = 0;
  #widenedAt = -Infinity;

  constructor(rtt: RttEstimator) {
    this.#rtt = rtt;
  }

  /** Notes a packet that was newly acknowledged. */
  onAcked(chunk: SentChunk, now: number): void {
    const flight = now - chunk.sentAt;
    if (chunk.sent === 1) {
      if (chunk.tsn < this.#highestAcked) this.#isReordering = true;
    } else if (flight < this.#leastFlight) return; // An earlier sending's.
    this.#highestAcked = Math.max(this.#highestAcked, chunk.tsn);
    this.#deliveredBeyondGap++;
    if (isSentAfter(chunk.sentAt, chunk.tsn, this.#sentAt, this.#tsn)) {
      this.#sentAt = chunk.sentAt;
      this.#tsn = chunk.tsn;
      this.#flightMs = flight;
    }
  }

  /**
   * The shortest flight that an answer to a packet sent again is believed of.
   * RFC 8985 takes the least round-trip time ever; behind a queue that lets the
   * answer to the first sending through, and one mistake makes the next.
   */
  get #leastFlight(): number {
    const { min, smoothed = 0 } = this.#rtt;
    return Math.max(min, SURE_SHARE * smoothed);
  }

  /** Notes packets that arrived twice: some retransmission was for nothing. */
  onDuplicates(now: number): void {
    this.#isReordering = true;
    const { smoothed = 0 } = this.#rtt;
    if (now - this.#widenedAt < smoothed) return;
    this.#widenedAt = now;
    this.#windowFactor = Math.min(this.#windowFactor + 1, 8);
    this.#persist = PERSISTENCE;
  }

  /** Notes that nothing is missing below the highest that was delivered. */
  onNoGaps(): void {
    if (this.#deliveredBeyondGap === 0) return;
    this.#deliveredBeyondGap = 0;
    if (this.#persist > 0 && --this.#persist === 0) this.#windowFactor = 1;
  }

  /**
   * Finds what is lost by now.
   *
   * @returns when to look again, milliseconds; Infinity for not by itself.
   */
  detect(
    chunks: SentChunks,
    now: number,
    onLost: (chunk: SentChunk) => void,
  ): number {
    const window = this.#window();
    let chunk = chunks.oldest;
    while (chunk !== undefined) {
      const { newer } = chunk;
      if (!isSentAfter(this.#sentAt, this.#tsn, chunk.sentAt, chunk.tsn)) {
        return Infinity;
      }
      const lostAt = chunk.sentAt + this.#flightMs + window;
      if (lostAt > now) return lostAt;
      chunks.lose(chunk);
      onLost(chunk);
      chunk = newer;
    }
    return Infinity;
  }

  #window(): number {
    const { min, smoothed = 0 } = this.#rtt;
    if (!this.#isReordering && this.#deliveredBeyondGap < DUPLICATE_THRESHOLD) {
      return Math.max(LEAST_WINDOW_MS, min * REORDERING_SHARE);
    }
    if (!this.#isReordering) return 0;
    const width = this.#windowFactor * min * REORDERING_SHARE;
    return Math.max(LEAST_WINDOW_MS, Math.min(width, smoothed));
  }
}

function isSentAfter(
  sentAt: number,
  tsn: number,
  otherSentAt: number,
  otherTsn: number,
): boolean {
  return sentAt > otherSentAt || (sentAt === otherSentAt && tsn > otherTsn);
}
