import { FfmpegProcess } from "../../../lib/media/ffmpeg_process.ts";
import type { MediaFrame } from "../../../lib/media/frame.ts";
import { pushedArguments } from "../../../lib/media/live_arguments.ts";
import {
  matroskaHeader,
  matroskaPicture,
  type PushedFormat,
} from "../../../lib/media/matroska_writer.ts";
import { wallClock } from "./camera.ts";
import { PICTURE, readTime } from "./time_code.ts";

/** When a picture was seen, milliseconds since it was drawn. */
export interface Glance {
  /** Until it was whole at the watcher, still encoded. */
  whole: number;
  /** Until it was decoded. */
  seen: number;
}

const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
const TICKS_PER_MS = 10;

/** Decodes what a watcher gets, and reads the times that are drawn in it. */
export class Eye implements AsyncDisposable {
  readonly glances: Glance[] = [];
  /** Pictures whose time can't be read. */
  unread = 0;
  #process?: FfmpegProcess;
  #began = 0;
  #lastTicks = -2;
  /** When what is inside the decoder was whole, by its ticks. */
  readonly #whole = new Map<number, number>();

  /** Takes the next frame of the watcher's video. */
  take(frame: MediaFrame): void {
    const now = wallClock();
    if (frame.kind !== "video") return;
    if (this.#process === undefined) {
      if (!frame.keyframe) return;
      this.#process = this.#open(frame.codec.toLowerCase() as PushedFormat);
      this.#began = now;
    }
    const sinceBegun = Math.round((now - this.#began) * TICKS_PER_MS);
    // What comes in a burst has its times, too.
    const ticks = this.#lastTicks = Math.max(sinceBegun, this.#lastTicks + 2);
    this.#whole.set(ticks, now);
    this.#process.write(matroskaPicture(frame.data, ticks));
  }

  /** Forgets what was seen so far. */
  restart(): void {
    this.glances.length = 0;
    this.unread = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.close();
  }

  #open(format: PushedFormat): FfmpegProcess {
    const process = new FfmpegProcess({
      ffmpeg: "ffmpeg",
      args: pushedArguments({ size: PICTURE }),
      input: true,
      task: "decoded what was watched",
      limits: { packetBytes: MAX_PICTURE_BYTES },
      onPacket: ({ parts, seconds }) => this.#see(parts, seconds),
    });
    process.write([matroskaHeader(format)]);
    return process;
  }

  #see(parts: Uint8Array[], seconds: number): void {
    const now = wallClock();
    const whole = this.#wholeAt(seconds);
    const luma = new Uint8Array(PICTURE.width * PICTURE.height);
    let at = 0;
    for (const part of parts) {
      const rest = part.subarray(0, luma.length - at);
      luma.set(rest, at);
      at += rest.length;
    }
    const drawn = readTime(luma, now);
    if (drawn === undefined) this.unread++;
    else this.glances.push({ whole: whole - drawn, seen: now - drawn });
  }

  /** When a picture was whole that comes out of the decoder with that time. */
  #wholeAt(seconds: number): number {
    // Times begin at 1 there.
    const until = (seconds - 1) * 1000 * TICKS_PER_MS + 1;
    let whole = NaN;
    for (const [ticks, at] of this.#whole) {
      if (ticks > until) break;
      whole = at;
      this.#whole.delete(ticks);
    }
    return whole;
  }
}
