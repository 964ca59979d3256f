/** Encoded sound, decoded and heard at its time. */
import { OPUS_SAMPLE_RATE } from "../media/opus.ts";
import type { PlayoutClock } from "./playout_clock.ts";
import { SoundSchedule } from "./sound_schedule.ts";

/** One packet of Opus (RFC 6716). */
export interface EncodedSound {
  /** When it was captured, milliseconds of the playout clock's origin. */
  captureTime: number;
  data: Uint8Array<ArrayBuffer>;
}

export interface SoundDecoderOptions {
  /** Tells which sound is due. */
  clock: PlayoutClock;
  /** Called with why sound can't be decoded, a clause. */
  onFailure(why: string): void;
}

/** Channels of Opus in RTP (RFC 7587 section 7). */
const CHANNELS = 2;

/** Sound is handed to the audio clock so long before it is due, seconds. */
const AHEAD_S = 0.3;

/** Pieces that wait at the most, 10 s of 20 ms; some of the oldest go first. */
const MOST_WAITING = 500;

/** From so many on there is no room for more, where they can be had later. */
const ENOUGH = 50;

/** How often what waits is looked at, milliseconds. */
const LOOK_MS = 100;

/** A piece of sound, decoded. */
interface Piece {
  captureTime: number;
  buffer: AudioBuffer;
}

/**
 * Decodes the Opus of one stream, and plays it when it is due: faster and
 * higher where the clock goes faster. What comes too late isn't played.
 *
 * It needs a page that {@linkcode whyNoDecoder} says nothing of.
 */
export class SoundDecoder implements Disposable {
  /** Brings the sound, as a `<video>` plays it. */
  readonly track: MediaStreamTrack;
  readonly #options: SoundDecoderOptions;
  readonly #audio = new AudioContext({ sampleRate: OPUS_SAMPLE_RATE });
  readonly #destination = this.#audio.createMediaStreamDestination();
  readonly #schedule = new SoundSchedule();
  readonly #timer: ReturnType<typeof setInterval>;
  #decoder: AudioDecoder | undefined;
  #waiting: Piece[] = [];
  /** What the audio clock has, and hasn't played. */
  readonly #handed = new Map<AudioBufferSourceNode, Piece>();
  #rate = 1;

  constructor(options: SoundDecoderOptions) {
    this.#options = options;
    [this.track] = this.#destination.stream.getAudioTracks();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Whether who has more sound at hand should give it. */
  get hasRoom(): boolean {
    const waits = this.#decoder?.decodeQueueSize ?? 0;
    return this.#waiting.length + waits < ENOUGH;
  }

  /** Takes the next packet. */
  push({ captureTime, data }: EncodedSound): void {
    const timestamp = Math.round(captureTime * 1000);
    try {
      this.#decoder ??= this.#create();
      this.#decoder.decode(
        new EncodedAudioChunk({ type: "key", timestamp, data }),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Forgets what waits, and is silent. */
  reset(): void {
    if (this.#decoder?.state !== "closed") this.#decoder?.close();
    this.#decoder = undefined;
    this.#takeBack();
    this.#waiting = [];
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.reset();
    this.track.stop();
    void this.#audio.close();
  }

  #create(): AudioDecoder {
    const decoder = new AudioDecoder({
      output: (data) => {
        if (this.#decoder === decoder) this.#take(data);
        data.close();
      },
      error: (error) => {
        if (this.#decoder === decoder) this.#fail(error);
      },
    });
    decoder.configure({
      codec: "opus",
      sampleRate: OPUS_SAMPLE_RATE,
      numberOfChannels: CHANNELS,
    });
    return decoder;
  }

  #fail(error: unknown): void {
    this.reset();
    this.#options.onFailure((error as Error).message);
  }

  #take(data: AudioData): void {
    const { numberOfChannels, numberOfFrames: length, sampleRate } = data;
    const buffer = new AudioBuffer({ numberOfChannels, length, sampleRate });
    for (let planeIndex = 0; planeIndex < numberOfChannels; planeIndex++) {
      data.copyTo(buffer.getChannelData(planeIndex), {
        planeIndex,
        format: "f32-planar",
      });
    }
    this.#waiting.push({ captureTime: data.timestamp / 1000, buffer });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#look();
  }

  /** Hands over what is due soon. */
  #look(): void {
    const { rate } = this.#options.clock;
    if (rate !== this.#rate) this.#takeBack();
    this.#rate = rate;
    // A page may be heard only once its user has done something.
    if (this.#audio.state === "suspended") {
      if (navigator.userActivation?.hasBeenActive !== false) {
        void this.#audio.resume();
      }
      this.#schedule.clear();
    }
    const now = this.#options.clock.now();
    if (now === undefined || rate <= 0) return;
    const inTime = ({ captureTime }: Piece) =>
      (captureTime - now) / 1000 / rate;
    while (this.#waiting.length > 0 && inTime(this.#waiting[0]) < AHEAD_S) {
      const piece = this.#waiting.shift()!;
      this.#hand(piece, this.#audio.currentTime + inTime(piece));
    }
  }

  #hand(piece: Piece, due: number): void {
    const { buffer, captureTime } = piece;
    const rate = this.#rate;
    const { duration } = buffer;
    const now = this.#audio.currentTime;
    const timed = { captureTime, duration };
    const at = this.#schedule.begin(timed, { due, now, rate });
    if (at === undefined || this.#audio.state !== "running") return;
    const node = new AudioBufferSourceNode(this.#audio, { buffer });
    node.playbackRate.value = rate;
    node.connect(this.#destination);
    this.#handed.set(node, piece);
    node.addEventListener("ended", () => this.#handed.delete(node));
    node.start(at);
  }

  /** Has what wasn't played wait again. */
  #takeBack(): void {
    const pieces = [...this.#handed.values()];
    for (const node of this.#handed.keys()) node.disconnect();
    this.#handed.clear();
    this.#schedule.clear();
    this.#waiting.unshift(...pieces);
  }
}
