/** The clocks of an RTP stream (RFC 3550 section 6.4.1). */

/** A moment on both clocks of a stream, as a sender report tells it. */
export interface ClockPair {
  /** Wall clock: 32 bits of seconds since 1900, 32 bits of their fraction. */
  ntpTimestamp: bigint;
  /** Ticks of the codec's clock; uint32, wraps. */
  rtpTimestamp: number;
}

/**
 * Carries a sender report's pair of clocks on to another RTP timestamp, so that
 * the reports of audio and video keep the relation that their source gave.
 *
 * @param clockRate Hz of the RTP timestamps.
 * @returns the NTP timestamp, as in {@linkcode ClockPair}.
 */
export function ntpTimeAt(
  clock: ClockPair,
  rtpTimestamp: number,
  clockRate: number,
): bigint {
  const ticks = (rtpTimestamp - clock.rtpTimestamp) | 0;
  return clock.ntpTimestamp +
    BigInt(Math.round(ticks / clockRate * 2 ** 32));
}

/** Seconds from the epoch of NTP, 1900, to that of Unix. */
const NTP_EPOCH_S = 2_208_988_800;

/** Gives an NTP timestamp as milliseconds since the Unix epoch. */
export function unixTimeOf(ntpTimestamp: bigint): number {
  const ms = Number(ntpTimestamp * 1000n >> 16n) / 2 ** 16;
  return ms - NTP_EPOCH_S * 1000;
}

/** What a sender report says of its stream. */
export interface SenderReport extends ClockPair {
  /** The stream that it is of. */
  ssrc: number;
}
