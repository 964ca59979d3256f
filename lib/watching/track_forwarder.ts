import {
  MediaStreamTrack,
  PictureLossIndication,
  type RTCRtpSender,
  type RTCRtpTransceiver,
  RtpHeader,
  RtpPacket,
} from "werift";
import { Buffer } from "node:buffer";
import { type ClockPair, ntpTimeAt } from "../media/rtp_clock.ts";
import type { RtpPacketView } from "../media/rtp.ts";
import type { FeedTrack } from "../session/feed.ts";
import { setSenderReportClock } from "../transport/werift/rtp.ts";

/** Hands the RTP packets of one track on to one watcher, as they came. */
export class TrackForwarder {
  /** Packets handed on. */
  packets = 0;
  readonly #source: FeedTrack;
  readonly #track: MediaStreamTrack;
  readonly #sender: RTCRtpSender;
  #clock: ClockPair | undefined;

  /** Begins to send; call before the answer is made. */
  constructor(source: FeedTrack, transceiver: RTCRtpTransceiver) {
    const { sender, receiver } = transceiver;
    this.#source = source;
    this.#track = new MediaStreamTrack({ kind: source.kind });
    this.#sender = sender;
    void sender.replaceTrack(this.#track);
    transceiver.setDirection("sendonly");
    sender.onPictureLossIndication.subscribe(() => source.requestKeyframe());
    // werift gives it to the receiver where the offer names the SSRC that it
    // comes from.
    receiver.onRtcp.subscribe((packet) => {
      if (!("feedback" in packet)) return;
      if (!(packet.feedback instanceof PictureLossIndication)) return;
      source.requestKeyframe();
    });
  }

  /** Keeps the watcher's sender reports on the publisher's clock. */
  synchronize(clock: ClockPair): void {
    this.#clock = clock;
  }

  /** Sends a packet; the sender gives it payload type and SSRC of its own. */
  send({ sequenceNumber, timestamp, marker, payload }: RtpPacketView): void {
    const header = new RtpHeader({ sequenceNumber, timestamp, marker });
    const { buffer, byteOffset, length } = payload;
    this.#track.writeRtp(
      new RtpPacket(header, Buffer.from(buffer, byteOffset, length)),
    );
    this.packets++;
    if (this.#clock === undefined) return;
    const { clockRate } = this.#source;
    const ntpTimestamp = ntpTimeAt(this.#clock, timestamp, clockRate);
    setSenderReportClock(this.#sender, ntpTimestamp, timestamp);
  }
}
