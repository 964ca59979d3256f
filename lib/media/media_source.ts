import type { MediaTrack } from "./media_track.ts";
import type { SenderReport } from "./rtp_clock.ts";

/** What a {@linkcode MediaSource} gives once it is started. */
export interface MediaSourceEvents {
  /**
   * Called with each packet of one of the source's tracks: RTP of at most 1200
   * bytes, the receiver's to keep. Its payload type and SSRC mean nothing.
   */
  onRtp(track: MediaTrack, packet: Uint8Array): void;
  /**
   * Called with each report. Reports of all tracks share one clock: two packets
   * captured at the same time map to the same NTP time.
   */
  onSenderReport?(track: MediaTrack, report: SenderReport): void;
}

/**
 * Where sound and pictures come from, live, as RTP: a file, a camera, a
 * program's own encoder. Whoever starts it disposes of it.
 */
export interface MediaSource extends AsyncDisposable {
  /** The same objects for as long as it lives; events name them. */
  readonly tracks: readonly MediaTrack[];
  /**
   * Settles when nothing more comes: resolves once the source was disposed of,
   * rejects with an `Error` where it ended by itself.
   */
  readonly ended: Promise<void>;
  /**
   * Starts to give packets; called once.
   *
   * @throws {Error} where it can't be started.
   */
  start(events: MediaSourceEvents): void;
  /**
   * Whether its first packet comes once points are asked for, with which it is
   * in step, and not before. @default {false}
   */
  readonly awaitsPoints?: boolean;
  /** Bits a second that video can be encoded to; none where it can't follow. */
  readonly videoBitrates?: { readonly least: number; readonly most: number };
  /** Asks for video of about so many bits a second from soon on. */
  setVideoBitrate?(bitsPerSecond: number): void;
  /**
   * Asks for a keyframe soon, where it can give one sooner than it would: of
   * one track, or of all.
   */
  requestKeyframe?(track?: MediaTrack): void;
}
