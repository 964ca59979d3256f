/** Pictures and sound that come by HTTP, as tracks that tiles can play. */
import type { VideoCodec } from "../media/codec_string.ts";
import type { SessionTrack } from "../wire/session_messages.ts";
import type { EncodedMedia, MediaSink } from "./http_player.ts";
import { type RemoteTrack, UNNAMED } from "./media_tiles.ts";
import { PictureDecoder } from "./picture_decoder.ts";
import { LiveClock } from "./playout_clock.ts";
import { SoundDecoder } from "./sound_decoder.ts";
import type { VideoCounts } from "./video_support.ts";

export interface HttpMediaEvents {
  /** Called with the pictures and the sound that are going to come. */
  onMedia(tracks: readonly RemoteTrack<MediaStreamTrack>[]): void;
  /** Called with what has come of the pictures. */
  onVideo(counts: VideoCounts): void;
  /**
   * Called when another picture is shown.
   *
   * @param mid of its track, as in {@linkcode onMedia}.
   * @param captureTime by the publisher's clock, milliseconds.
   */
  onPicture(mid: string, captureTime: number): void;
}

/** Codecs of pictures, as records have them. */
const VIDEO_CODECS: readonly VideoCodec[] = [
  "VP8",
  "VP9",
  "H264",
  "H265",
  "AV1",
];

type Decoder = PictureDecoder | SoundDecoder;

/** Decodes what comes of a session's tracks, until it is disposed of. */
export class HttpMedia implements MediaSink, Disposable {
  readonly #events: HttpMediaEvents;
  /** One time for all: what was captured together is played together. */
  readonly #clock = new LiveClock();
  #tracks: readonly SessionTrack[] = [];
  #decoders: Decoder[] = [];
  #failure: string | undefined;

  constructor(events: HttpMediaEvents) {
    this.#events = events;
  }

  setTracks(tracks: readonly SessionTrack[]): void {
    const isSame = tracks.length === this.#tracks.length &&
      tracks.every(({ kind }, i) => kind === this.#tracks[i].kind);
    this.#tracks = tracks;
    if (isSame) return;
    this[Symbol.dispose]();
    this.#decoders = tracks.map(({ kind }, i) => this.#decoderOf(kind, `${i}`));
    this.#events.onMedia(
      this.#decoders.map(({ track }, i) => ({
        ...{ track, mid: `${i}`, stream: tracks[i].name ?? UNNAMED },
      })),
    );
  }

  take(
    number: number,
    { isKeyframe, captureTime, data }: EncodedMedia,
  ): void {
    const decoder = this.#decoders.at(number);
    const { codec } = this.#tracks.at(number) ?? {};
    if (decoder === undefined) return;
    this.#clock.see(captureTime);
    if (decoder instanceof SoundDecoder) {
      if (codec === "opus") decoder.push({ captureTime, data });
      return;
    }
    const known = VIDEO_CODECS.find((each) => each === codec);
    if (known === undefined) return;
    decoder.push({ codec: known, isKeyframe, captureTime, data });
    this.#count();
  }

  [Symbol.dispose](): void {
    for (const decoder of this.#decoders) decoder[Symbol.dispose]();
    this.#decoders = [];
  }

  #decoderOf(kind: SessionTrack["kind"], mid: string): Decoder {
    const clock = this.#clock;
    if (kind === "audio") {
      const onFailure = (why: string) => console.warn(`Sound: ${why}`);
      return new SoundDecoder({ clock, onFailure });
    }
    return new PictureDecoder({
      clock,
      onShown: (captureTime) => {
        this.#failure = undefined;
        this.#events.onPicture(mid, captureTime);
      },
      onFailure: (why) => this.#failure = why,
    });
  }

  #count(): void {
    const counts: VideoCounts = { received: 0, decoded: 0 };
    for (const decoder of this.#decoders) {
      if (decoder instanceof SoundDecoder) continue;
      counts.received += decoder.counts.received;
      counts.decoded += decoder.counts.decoded;
    }
    this.#events.onVideo({ ...counts, failure: this.#failure });
  }
}
