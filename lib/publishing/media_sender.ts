import type { RTCPeerConnection, RTCRtpTransceiver } from "werift";
import type { MediaCodec, MediaKind } from "../media/frame.ts";
import type { MediaTrack } from "../media/media_track.ts";
import { parseRtp } from "../media/rtp.ts";
import { rtpPathOf } from "../transport/install.ts";
import {
  parseDescription,
  writeDescription,
} from "../transport/sdp/description.ts";
import { nameStreams } from "../transport/sdp/stream_name.ts";
import { sectionOf } from "../transport/rtp/section.ts";
import type { SendStream } from "../transport/rtp/send_stream.ts";
import type { SentMedia } from "./sent_media.ts";
import { followPath } from "./video_share.ts";

/** Puts a media source's RTP on the tracks of a peer connection. */
export class MediaSender implements Disposable {
  /** RTP packets handed over to be sent, by kind. */
  readonly packets: Record<MediaKind, number> = { video: 0, audio: 0 };
  /** Resolves with the first packet of any kind. */
  readonly started: Promise<void>;
  readonly #started = Promise.withResolvers<void>();
  readonly #peer: RTCPeerConnection;
  readonly #media: SentMedia;
  readonly #transceivers = new Map<MediaTrack, RTCRtpTransceiver>();
  readonly #streams = new Map<MediaTrack, SendStream>();
  readonly #life = new DisposableStack();

  /** Adds a send-only track for each of the media's; call before the offer. */
  constructor(peer: RTCPeerConnection, media: SentMedia) {
    this.#peer = peer;
    this.#media = media;
    this.started = this.#started.promise;
    for (const track of media.tracks) {
      const transceiver = peer.addTransceiver(track.kind, {
        direction: "sendonly",
      });
      if (track.kind === "video") {
        transceiver.setCodecPreferences(formatsOf(peer, track.codec));
      }
      this.#transceivers.set(track, transceiver);
    }
  }

  /**
   * Starts the source; its packets go out from now on. The peer is connected.
   *
   * @param hasPoints whether points are sent beside the media.
   */
  start(hasPoints: () => boolean = () => false): void {
    const path = rtpPathOf(this.#peer);
    for (const [track, transceiver] of this.#transceivers) {
      if (path === undefined || transceiver.stopped) continue;
      const section = sectionOf(this.#peer, transceiver);
      // The peer may take none of its codecs.
      if (section.codec !== track.codec) continue;
      const stream = path.addStream(section);
      stream.onKeyframeRequest = () => this.#media.requestKeyframe?.(track);
      this.#streams.set(track, stream);
    }
    const sending = this.#media.start({
      onRtp: (track, packet) => this.#send(track, packet),
      onSenderReport: (track, report) =>
        this.#streams.get(track)?.synchronize(report),
    });
    if (sending) this.#life.use(sending);
    if (path === undefined) return;
    this.#life.use(followPath(this.#media, path.estimate, hasPoints));
  }

  /** Puts the names of the tracks into an offer. */
  nameIn(sdp: string): string {
    const names = new Map<string, string>();
    for (const [{ name }, { mid }] of this.#transceivers) {
      if (name !== undefined && mid) names.set(mid, name);
    }
    if (names.size === 0) return sdp;
    return writeDescription(nameStreams(parseDescription(sdp), names));
  }

  /** Sends no more; a source that can goes on without it. */
  [Symbol.dispose](): void {
    this.#life.dispose();
  }

  #send(track: MediaTrack, bytes: Uint8Array): void {
    const packet = parseRtp(bytes);
    // On loopback anybody may send one.
    if (packet === undefined) return;
    this.#streams.get(track)?.send(packet);
    this.packets[track.kind]++;
    this.#started.resolve();
  }
}

/** The formats of a codec; each brings its retransmissions with it. */
function formatsOf(peer: RTCPeerConnection, codec: MediaCodec) {
  const name = `video/${codec.toLowerCase()}`;
  return (peer.config.codecs.video ?? [])
    .filter(({ mimeType }) => mimeType.toLowerCase() === name);
}
