import type { MediaCodec, MediaKind } from "../media/frame.ts";
import { beginsKeyframe } from "../media/keyframe.ts";
import type { MediaTrack } from "../media/media_track.ts";
import { parseRtp } from "../media/rtp.ts";
import type { SenderReport } from "../media/rtp_input.ts";
import type { MediaSource } from "./media_sender.ts";

type MediaHandlers = Parameters<MediaSource["start"]>[0];

/**
 * Hands one media source on from a connection to the next. The source runs on
 * while there is none, and what it gives then is thrown away: it is live.
 *
 * To each connection it is a source of its own, whose `start` takes it over from
 * the one before. Video then begins with a keyframe, and the sender reports' clock
 * is known from the start.
 */
export class MediaRelay implements MediaSource {
  readonly tracks: MediaTrack[];
  /** Resolves with the source's first packet. */
  readonly started: Promise<void>;
  readonly #started = Promise.withResolvers<void>();
  readonly #source: MediaSource;
  readonly #codecs: Map<MediaKind, MediaCodec>;
  readonly #reports = new Map<MediaKind, SenderReport>();
  /** Kinds whose packets wait for one that decoding can start with. */
  readonly #joining = new Set<MediaKind>();
  #handlers: MediaHandlers | undefined;

  constructor(source: MediaSource) {
    this.#source = source;
    this.tracks = source.tracks;
    this.#codecs = new Map(source.tracks.map((t) => [t.kind, t.codec]));
    this.started = this.#started.promise;
  }

  /** Starts the source itself; what it throws is thrown here. */
  begin(): void {
    this.#source.start({
      onRtp: (kind, packet) => this.#relay(kind, packet),
      onSenderReport: (kind, report) => {
        this.#reports.set(kind, report);
        this.#handlers?.onSenderReport?.(kind, report);
      },
    });
  }

  start(handlers: MediaHandlers): void {
    this.#handlers = handlers;
    for (const { kind } of this.tracks) this.#joining.add(kind);
    for (const [kind, report] of this.#reports) {
      handlers.onSenderReport?.(kind, report);
    }
  }

  /** Throws away what comes until the next `start`. */
  detach(): void {
    this.#handlers = undefined;
  }

  #relay(kind: MediaKind, packet: Uint8Array): void {
    this.#started.resolve();
    if (this.#handlers === undefined) return;
    if (this.#joining.has(kind)) {
      const payload = parseRtp(packet)?.payload;
      const codec = this.#codecs.get(kind);
      if (payload === undefined || codec === undefined) return;
      if (!beginsKeyframe(codec, payload)) return;
      this.#joining.delete(kind);
    }
    this.#handlers.onRtp(kind, packet);
  }
}
