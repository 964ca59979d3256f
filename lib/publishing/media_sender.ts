import { Buffer } from "node:buffer";
import {
  MediaStreamTrack,
  type RTCPeerConnection,
  RtpHeader,
  RtpPacket,
} from "werift";
import type { FileMedia } from "../media/file_media.ts";
import type { MediaKind } from "../media/frame.ts";
import { parseRtp, type RtpPacketView } from "../media/rtp.ts";
import { type ClockPair, ntpTimeAt } from "../media/rtp_clock.ts";
import { setSenderReportClock } from "../transport/werift/rtp.ts";

/** What gives RTP for tracks: a media file, or a program's own encoder. */
export type MediaSource = Pick<FileMedia, "tracks" | "start">;

/** Puts a media source's RTP on the tracks of a peer connection. */
export class MediaSender {
  /** RTP packets sent, by kind. */
  readonly packets: Record<MediaKind, number> = { video: 0, audio: 0 };
  /** Resolves with the first packet of any kind. */
  readonly started: Promise<void>;
  readonly #started = Promise.withResolvers<void>();
  readonly #media: MediaSource;
  readonly #outputs = new Map<MediaKind, (packet: Uint8Array) => void>();
  readonly #clocks = new Map<MediaKind, ClockPair>();

  /** Adds a send-only track for each of the media's; call before the offer. */
  constructor(peer: RTCPeerConnection, media: MediaSource) {
    this.#media = media;
    this.started = this.#started.promise;
    for (const { kind, clockRate } of media.tracks) {
      const track = new MediaStreamTrack({ kind });
      const { sender } = peer.addTransceiver(track, { direction: "sendonly" });
      this.#outputs.set(kind, (bytes) => {
        const packet = parseRtp(bytes);
        // On loopback anybody may send one; werift throws for what is none.
        if (packet === undefined) return;
        track.writeRtp(asWeriftPacket(packet));
        this.packets[kind]++;
        this.#started.resolve();
        const clock = this.#clocks.get(kind);
        if (clock === undefined) return;
        const { timestamp } = packet;
        const ntpTimestamp = ntpTimeAt(clock, timestamp, clockRate);
        setSenderReportClock(sender, ntpTimestamp, timestamp);
      });
    }
  }

  /** Starts the source; its packets go out as they come. */
  start(): void {
    this.#media.start({
      onRtp: (kind, packet) => this.#outputs.get(kind)?.(packet),
      onSenderReport: (kind, report) => this.#clocks.set(kind, report),
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
