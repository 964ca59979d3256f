import {
  encoderArguments,
  type EncoderPlan,
  warmUpPictures,
} from "./encoder_arguments.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import type { NutPacket } from "./nut.ts";
import type { PictureFormat, Rendition } from "./rendition.ts";

/** A picture as it comes, or a frame as it was encoded. */
export interface TimedFrame {
  /** When it was captured, on the source's clock. */
  seconds: number;
  /** The bytes, in order. */
  parts: Uint8Array[];
}

/** Options of {@linkcode VideoEncoder}. */
export interface VideoEncoderOptions extends EncoderPlan {
  ffmpeg: string;
  format: PictureFormat;
  rendition: Rendition;
  /** A picture to warm up with. */
  first: Uint8Array[];
}

/** Larger frames no encoder makes of what is taken here, bytes. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * One ffmpeg that encodes pictures at a rate that doesn't change.
 *
 * It comes up with a picture that nobody gets. Of the pictures after that the
 * first is a keyframe.
 */
export class VideoEncoder {
  /** Settles as {@linkcode FfmpegProcess.ended} does. */
  readonly ended: Promise<void>;
  readonly rendition: Rendition;
  /** Frames that are out and weren't taken. */
  readonly frames: TimedFrame[] = [];
  readonly #process: FfmpegProcess;
  readonly #frameRate: number;
  /** When each picture that is inside was captured. */
  readonly #inside = new Map<number, number>();
  readonly #warmUp: number;
  #fed = 0;
  #isWarm = false;
  #isFinished = false;

  /**
   * @param onFrame called when there are more `frames`.
   * @throws {FfmpegError} where ffmpeg can't be run.
   */
  constructor(options: VideoEncoderOptions, onFrame: () => void) {
    const { ffmpeg, format, rendition, first } = options;
    this.rendition = rendition;
    this.#frameRate = format.frameRate;
    this.#process = new FfmpegProcess({
      ffmpeg,
      args: encoderArguments(options, format, rendition),
      input: true,
      task: "encoded video",
      limits: { packetBytes: MAX_FRAME_BYTES },
      onPacket: (packet) => {
        this.#take(packet);
        onFrame();
      },
    });
    // What it keeps for itself comes no more then.
    this.ended = this.#process.ended.finally(() => this.#inside.clear());
    this.ended.catch(() => {});
    this.#warmUp = warmUpPictures(options);
    for (let i = 0; i < this.#warmUp; i++) this.#write(first);
  }

  /** Whether it is up: what is given now comes out soon. */
  get isWarm(): boolean {
    return this.#isWarm;
  }

  /** How many pictures went in that didn't come out. */
  get inside(): number {
    return this.#inside.size;
  }

  /** Pictures that it took, without those to warm up. */
  get taken(): number {
    return this.#fed - this.#warmUp;
  }

  /** Whether all that will ever come out is out. */
  get isDone(): boolean {
    return this.#isFinished && this.#inside.size === 0;
  }

  /** Encodes a picture. */
  encode({ seconds, parts }: TimedFrame): void {
    this.#inside.set(this.#fed, seconds);
    this.#write(parts);
  }

  /** Lets it encode what it has, and end. */
  finish(): void {
    this.#isFinished = true;
    this.#process.finish();
  }

  /** Ends it; resolves when it is gone. */
  close(): Promise<void> {
    return this.#process.close();
  }

  #write(parts: Uint8Array[]): void {
    this.#fed++;
    this.#process.write(parts);
  }

  #take({ seconds, parts }: NutPacket): void {
    this.#isWarm = true;
    const number = Math.round(seconds * this.#frameRate);
    const captured = this.#inside.get(number);
    if (captured === undefined) return; // one to warm up
    // An encoder may leave a picture out to keep its rate.
    for (const older of this.#inside.keys()) {
      if (older <= number) this.#inside.delete(older);
    }
    this.frames.push({ seconds: captured, parts });
  }
}
