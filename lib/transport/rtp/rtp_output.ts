import { Buffer } from "node:buffer";
import {
  type MediaStreamTrack,
  type RTCRtpSender,
  RtpHeader,
  RtpPacket,
} from "werift";
import type { RtpPacketView } from "../../media/rtp.ts";
import { type ClockPair, ntpTimeAt } from "../../media/rtp_clock.ts";
import { setSenderReportClock } from "../werift/rtp.ts";

export interface RtpOutputOptions {
  /** The track that the sender sends. */
  track: MediaStreamTrack;
  sender: RTCRtpSender;
  /** Units of RTP timestamps a second. */
  clockRate: number;
}

/** Sends RTP packets as they are, and sender reports on their own clock. */
export class RtpOutput {
  readonly #options: RtpOutputOptions;
  #clock: ClockPair | undefined;

  constructor(options: RtpOutputOptions) {
    this.#options = options;
  }

  /** Keeps the reports on the clock that the packets' source reports. */
  synchronize(clock: ClockPair): void {
    this.#clock = clock;
  }

  /** Sends a packet; the sender gives it payload type and SSRC of its own. */
  send({ sequenceNumber, timestamp, marker, payload }: RtpPacketView): void {
    const { track, sender, clockRate } = this.#options;
    const header = new RtpHeader({ sequenceNumber, timestamp, marker });
    const { buffer, byteOffset, length } = payload;
    track.writeRtp(
      new RtpPacket(header, Buffer.from(buffer, byteOffset, length)),
    );
    if (this.#clock === undefined) return;
    const ntpTimestamp = ntpTimeAt(this.#clock, timestamp, clockRate);
    setSenderReportClock(sender, ntpTimestamp, timestamp);
  }
}
