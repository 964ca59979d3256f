import { compactNtp, type ReportBlock, type SenderReport } from "./rtcp.ts";
import { sequenceDistance } from "../../media/sequence.ts";

/** Units of a compact NTP time in a second. */
const COMPACT = 65_536;
/** A jump that no loss explains: the sender started again. */
const MAX_DROPOUT = 3_000;

/**
 * Counts what comes of one stream, for receiver reports (RFC 3550 section
 * 6.4.1, appendix A).
 */
export class Reception {
  readonly #clockRate: number;
  #first: number | undefined;
  #highest = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #jitter = 0;
  #transit: number | undefined;
  #report: { compact: number; at: number } | undefined;

  /** @param clockRate Hz of the RTP timestamps. */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Notes a packet that came, for the first time. */
  packet(sequenceNumber: number, timestamp: number, now: number): void {
    const step = sequenceDistance(this.#highest, sequenceNumber);
    if (this.#first === undefined || Math.abs(step) > MAX_DROPOUT) {
      this.#first = this.#highest = sequenceNumber;
      this.#received = this.#expectedBefore = this.#receivedBefore = 0;
    } else if (step > 0) this.#highest += step;
    this.#received++;
    const transit = (now * this.#clockRate / 1000 - timestamp) | 0;
    const change = (transit - (this.#transit ?? transit)) | 0;
    this.#transit = transit;
    this.#jitter += (Math.abs(change) - this.#jitter) / 16;
  }

  /** Notes the sender's report. */
  senderReport({ ntpTimestamp }: SenderReport, now: number): void {
    this.#report = {
      compact: compactNtp(ntpTimestamp),
      at: now,
    };
  }

  /** Makes the block of now, and begins the next interval. */
  block(ssrc: number, now: number): ReportBlock | undefined {
    if (this.#first === undefined) return undefined;
    const expected = this.#highest - this.#first + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const since = (now - (this.#report?.at ?? now)) / 1000 * COMPACT;
    return {
      ssrc,
      fractionLost: expectedNow > 0 ? Math.max(0, lostNow / expectedNow) : 0,
      lost: expected - this.#received,
      highest: this.#highest >>> 0,
      jitter: Math.floor(this.#jitter) >>> 0,
      lastReport: this.#report?.compact ?? 0,
      sinceLastReport: Math.round(since) >>> 0,
    };
  }
}
