/** Pictures and sound of a recording. */
import { UNNAMED } from "./media_tiles.ts";
import { PictureDecoder } from "./picture_decoder.ts";
import type { EncodedPicture } from "./picture_queue.ts";
import type { PlayoutClock } from "./playout_clock.ts";
import type { RecordedTrack } from "./recording_messages.ts";
import { type EncodedSound, SoundDecoder } from "./sound_decoder.ts";
import type { VideoPanel } from "./video_panel.ts";
import { whyNoDecoder } from "./web_codecs.ts";

export interface RecordingMediaOptions {
  /** Names it among those that bring videos. */
  key: string;
  tracks: readonly RecordedTrack[];
  /** Tells what is due. */
  clock: PlayoutClock;
  /** Where they are shown and heard. */
  video: VideoPanel;
}

/** Tracks that are decoded at once; more are left out. */
const MOST_TRACKS = 16;

/** Decodes the tracks of a recording, where the browser does. */
export class RecordingMedia implements Disposable {
  readonly #options: RecordingMediaOptions;
  readonly #pictures = new Map<string, PictureDecoder>();
  readonly #sounds = new Map<string, SoundDecoder>();
  #why: string | undefined;

  constructor(options: RecordingMediaOptions) {
    this.#options = options;
    const { key, clock, video } = options;
    const tracks = options.tracks.slice(0, MOST_TRACKS);
    const why = tracks.length === 0 ? undefined : whyNoDecoder();
    if (why !== undefined) {
      this.#why = `The recording’s pictures and sound aren’t played: ${why}.`;
      return;
    }
    const onFailure = (what: string) => (why: string) => {
      this.#why = `${what} can’t be decoded: ${why}`;
    };
    const remote = tracks.map(({ name, kind }, i) => {
      const decoder = kind === "video"
        ? new PictureDecoder({ clock, onFailure: onFailure("Pictures") })
        : new SoundDecoder({ clock, onFailure: onFailure("Sound") });
      if (decoder instanceof PictureDecoder) this.#pictures.set(name, decoder);
      else this.#sounds.set(name, decoder);
      const stream = name.includes("/")
        ? name.replace(/\/[^/]*$/, "")
        : UNNAMED;
      return { track: decoder.track, stream, mid: `${i}` };
    });
    video.show(key, remote);
  }

  /** Why something isn't shown or heard, a sentence; nothing where all is. */
  get why(): string | undefined {
    return this.#why;
  }

  picture(track: string, picture: EncodedPicture): void {
    this.#pictures.get(track)?.push(picture);
  }

  sound(track: string, sound: EncodedSound): void {
    this.#sounds.get(track)?.push(sound);
  }

  /** Forgets what is under way: another moment is played. */
  reset(): void {
    for (const decoder of this.#pictures.values()) decoder.reset();
    for (const decoder of this.#sounds.values()) decoder.reset();
  }

  [Symbol.dispose](): void {
    const { key, video } = this.#options;
    video.show(key, []);
    for (const decoder of this.#pictures.values()) decoder[Symbol.dispose]();
    for (const decoder of this.#sounds.values()) decoder[Symbol.dispose]();
  }
}
