import {
  MediaStreamTrack,
  PictureLossIndication,
  type RTCRtpTransceiver,
} from "werift";
import type { RtpPacketView } from "../media/rtp.ts";
import type { ClockPair } from "../media/rtp_clock.ts";
import type { FeedTrack } from "../session/feed.ts";
import { RtpOutput } from "../transport/rtp/rtp_output.ts";

/** Hands the RTP packets of one track on to one watcher, as they came. */
export class TrackForwarder {
  /** Packets handed on. */
  packets = 0;
  readonly #output: RtpOutput;

  /** Begins to send; call before the answer is made. */
  constructor(source: FeedTrack, transceiver: RTCRtpTransceiver) {
    const { sender, receiver } = transceiver;
    const { kind, clockRate } = source;
    const track = new MediaStreamTrack({ kind });
    this.#output = new RtpOutput({ track, sender, clockRate });
    void sender.replaceTrack(track);
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
    this.#output.synchronize(clock);
  }

  /** Sends a packet; the sender gives it payload type and SSRC of its own. */
  send(packet: RtpPacketView): void {
    this.#output.send(packet);
    this.packets++;
  }
}
