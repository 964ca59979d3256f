import { MediaStreamTrack, type RTCPeerConnection } from "werift";
import type { MediaKind } from "../media/frame.ts";
import type { MediaSource } from "../media/media_source.ts";
import type { MediaTrack } from "../media/media_track.ts";
import { parseRtp } from "../media/rtp.ts";
import { RtpOutput } from "../transport/rtp/rtp_output.ts";

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
  readonly #outputs = new Map<MediaTrack, RtpOutput>();

  /** Adds a send-only track for each of the media's; call before the offer. */
  constructor(peer: RTCPeerConnection, media: SentMedia) {
    this.#media = media;
    this.started = this.#started.promise;
    for (const track of media.tracks) this.#add(peer, track);
  }

  /** Starts the source; its packets go out as they come. */
  start(): void {
    this.#media.start({
      onRtp: (track, packet) => this.#send(track, packet),
      onSenderReport: (track, report) =>
        this.#outputs.get(track)?.synchronize(report),
    });
  }

  #add(peer: RTCPeerConnection, mediaTrack: MediaTrack): void {
    const { kind, clockRate } = mediaTrack;
    const track = new MediaStreamTrack({ kind });
    const { sender } = peer.addTransceiver(track, { direction: "sendonly" });
    this.#outputs.set(mediaTrack, new RtpOutput({ track, sender, clockRate }));
  }

  #send(track: MediaTrack, bytes: Uint8Array): void {
    const packet = parseRtp(bytes);
    // On loopback anybody may send one; werift throws for what is none.
    if (packet === undefined) return;
    this.#outputs.get(track)?.send(packet);
    this.packets[track.kind]++;
    this.#started.resolve();
  }
}
