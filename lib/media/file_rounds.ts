import { FfmpegProcess, type FfmpegProcessOptions } from "./ffmpeg_process.ts";
import type { NutPacket } from "./nut.ts";

/** Options of {@linkcode FileRounds}. */
export interface FileRoundsOptions {
  /** What decodes the file once, or over and over. */
  process: Omit<FfmpegProcessOptions, "onPacket" | "mayEnd">;
  /** Whether it decodes once, and is started again at the file's end. */
  isOnce: boolean;
  /** How long a packet of a stream lasts, seconds. */
  durationOf(packet: NutPacket): number;
  /** Called with each packet; its times go on from round to round. */
  onPacket: FfmpegProcessOptions["onPacket"];
  /** Called once, where it can't go on. */
  onFailed(error: unknown): void;
}

/**
 * Decodes a file over and over.
 *
 * ffmpeg can do that by itself, but of some formats its decoder isn't told that
 * times begin again, and gives no picture any more. Of those a round is an
 * ffmpeg of its own.
 */
export class FileRounds {
  readonly #options: FileRoundsOptions;
  #process?: FfmpegProcess;
  #isOver = false;
  /** What is added to the times of this round, seconds. */
  #shift = 0;
  /** The times of this round, from the first to the end of the last. */
  #from = Infinity;
  #to = -Infinity;

  /** @throws {FfmpegError} where ffmpeg can't be run. */
  constructor(options: FileRoundsOptions) {
    this.#options = options;
    this.#begin();
  }

  /** Ends all; resolves when it is gone. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#process?.close();
  }

  #begin(): void {
    const { process, isOnce } = this.#options;
    [this.#from, this.#to] = [Infinity, -Infinity];
    const own = this.#process = new FfmpegProcess({
      ...process,
      mayEnd: isOnce,
      onPacket: (packet) => this.#take(packet),
    });
    own.ended.then(() => this.#next(), (error) => this.#fail(error));
  }

  #next(): void {
    if (this.#isOver) return;
    if (this.#to <= this.#from) {
      return this.#fail(new Error("The file gives neither pictures nor sound"));
    }
    this.#shift += this.#to - this.#from;
    try {
      this.#begin();
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(packet: NutPacket): void | Promise<void> {
    const { seconds } = packet;
    const { durationOf, onPacket } = this.#options;
    this.#from = Math.min(this.#from, seconds);
    this.#to = Math.max(this.#to, seconds + durationOf(packet));
    return onPacket({ ...packet, seconds: seconds + this.#shift });
  }

  #fail(error: unknown): void {
    if (!this.#isOver) this.#options.onFailed(error);
    this.#isOver = true;
  }
}
