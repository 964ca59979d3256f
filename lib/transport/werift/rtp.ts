/** What RTP needs of werift beyond its public types. */
import type { RTCRtpSender } from "werift";

/**
 * Sets the pair of clocks that the sender's next report carries (RFC 3550
 * section 6.4.1). werift pairs the RTP timestamp with the time it was handed
 * the packet; the media's own clock keeps audio and video in step.
 */
export function setSenderReportClock(
  sender: RTCRtpSender,
  ntpTimestamp: bigint,
  rtpTimestamp: number,
): void {
  const clock = sender as unknown as {
    ntpTimestamp: bigint;
    rtpTimestamp: number;
  };
  clock.ntpTimestamp = ntpTimestamp;
  clock.rtpTimestamp = rtpTimestamp;
}
