import { Buffer } from "node:buffer";
import {
  MediaStreamTrack,
  type RTCPeerConnection,
  RtpHeader,
  RtpPacket,
} from "werift";
import type { MediaKind } from "../media/frame.ts";
import type { MediaSource } from "../media/media_source.ts";
import type { MediaTrack } from "../media/media_track.ts";
import { parseRtp, type RtpPacketView } from "../media/rtp.ts";
import { type ClockPair, ntpTimeAt } from "../media/rtp_clock.ts";
import { setSenderReportClock } from "../transport/werift/rtp.ts";

/** What a {@linkcode MediaSender} needs of a source, or of a relay of one. */
export type SentMedia = Pick<MediaSource, "tracks" | "start">;

/** Puts a media source's RTP on the tracks of a peer connection. */
export class MediaSender {
  /** RTP packets sent, by kind. */
  readonly packets: Record<MediaKind, number> = { video: 0, audio: 0 };
  /** Resolves with the first packet of any kind. */
  readonly started: Promise<void>;
  readonly #started = Promise.withResolvers<void>();
  readonly #media: SentMedia;
  readonly #outputs = new Map<MediaTrack, (packet: Uint8Array) => void>();
  readonly #clocks = new Map<MediaTrack, ClockPair>();

  /** Adds a send-only track for each of the media's; call before the offer. */
  constructor(peer: RTCPeerConnection, media: SentMedia) {
    this.#media = media;
    this.started = this.#started.promise;
    for (const track of media.tracks) this.#add(peer, track);
  }

  /** Starts the source; its packets go out as they come. */
  start(): void {
    this.#media.start({
      onRtp: (track, packet) => this.#outputs.get(track)?.(packet),
      onSenderReport: (track, report) => this.#clocks.set(track, report),
    });
  }

  #add(peer: RTCPeerConnection, track: MediaTrack): void {
    const { kind, clockRate } = track;
    const output = new MediaStreamTrack({ kind });
    const { sender } = peer.addTransceiver(output, { direction: "sendonly" });
    this.#outputs.set(track, (bytes) => {
      const packet = parseRtp(bytes);
      // On loopback anybody may send one; werift throws for what is none.
      if (packet === undefined) return;
      output.writeRtp(asWeriftPacket(packet));
      this.packets[kind]++;
      this.#started.resolve();
      const clock = this.#clocks.get(track);
      if (clock === undefined) return;
      const { timestamp } = packet;
      const ntpTimestamp = ntpTimeAt(clock, timestamp, clockRate);
      setSenderReportClock(sender, ntpTimestamp, timestamp);
    });
  }
}

/** The sender gives it payload type and SSRC of its own. */
function asWeriftPacket(packet: RtpPacketView): RtpPacket {
  const { sequenceNumber, timestamp, marker, payload } = packet;
  const header = new RtpHeader({ sequenceNumber, timestamp, marker });
  const { buffer, byteOffset, length } = payload;
  return new RtpPacket(header, Buffer.from(buffer, byteOffset, length));
}
