import { SYSTEM_CLOCK } from "../clock.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import { FfmpegProcess, type FfmpegProcessOptions } from "./ffmpeg_process.ts";
import type { NutStreamInfo } from "./nut.ts";

/** Options of {@linkcode LiveReader}. */
export interface LiveReaderOptions
  extends Omit<FfmpegProcessOptions, "onPacket" | "args"> {
  /** Its arguments, asked for each time that it is opened. */
  args(): string[];
  /** When it is opened again: one that never was open may be wrong. */
  comesBack: "always" | "once-opened" | "never";
  /** Called with each packet, in order. */
  onPacket: FfmpegProcessOptions["onPacket"];
  /** Called with the first packet, each time that it was opened. */
  onOpened(streams: readonly NutStreamInfo[]): void;
  /** Called when it ended or can't be opened, and is tried again. */
  onOutage(error: Error): void;
  /** Called once, where there is no use in trying again. */
  onFailed(error: unknown): void;
}

/** Time before an input is opened again, milliseconds: longer each time. */
const MIN_WAIT_MS = 500;
const MAX_WAIT_MS = 2_000;
/** An input that gave something for so long is opened again soon. */
const WELL_MS = 5_000;

/** Reads a live input with ffmpeg; one that ended is opened again. */
export class LiveReader {
  readonly #options: LiveReaderOptions;
  readonly #closed = new AbortController();
  readonly #done: Promise<void>;
  #process?: FfmpegProcess;
  /** Whether it is to be opened without a wait. */
  #isSoon = false;

  constructor(options: LiveReaderOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  /**
   * Reads it anew, as it isn't any more what it was, or is to be read in
   * another way.
   */
  reopen({ soon = false } = {}): void {
    this.#isSoon = soon;
    void this.#process?.close();
  }

  /** Ends it; resolves when ffmpeg is gone. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#process?.close();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    let wasOpen = false;
    for (let wait = MIN_WAIT_MS; !signal.aborted;) {
      const began = performance.now();
      const { isOpened, error } = await this.#readOnce();
      if (signal.aborted) return;
      wasOpen ||= isOpened;
      const { comesBack } = this.#options;
      const mayComeBack = comesBack === "always" ||
        comesBack === "once-opened" && wasOpen;
      if (error && (!mayComeBack || isHopeless(error))) {
        return this.#options.onFailed(error);
      }
      const wentWell = isOpened && performance.now() - began > WELL_MS;
      if (wentWell) wait = MIN_WAIT_MS;
      if (error) this.#options.onOutage(error);
      const isSoon = this.#isSoon;
      this.#isSoon = false;
      if (isSoon) continue;
      await SYSTEM_CLOCK.sleep(wait, signal);
      wait = Math.min(2 * wait, MAX_WAIT_MS);
    }
  }

  async #readOnce(): Promise<{ isOpened: boolean; error?: Error }> {
    let isOpened = false;
    try {
      const process = this.#process = new FfmpegProcess({
        ...this.#options,
        args: this.#options.args(),
        onPacket: (packet) => {
          if (!isOpened) this.#options.onOpened(process.streams);
          isOpened = true;
          return this.#options.onPacket(packet);
        },
      });
      await process.ended;
      return { isOpened };
    } catch (error) {
      const is = error instanceof Error ? error : new Error(String(error));
      return { isOpened, error: is };
    }
  }
}

/** Whether another try would end as this one did. */
function isHopeless(error: Error): boolean {
  if (!(error instanceof FfmpegError)) return true;
  return error.reason === "not-found" ||
    /not on whitelist|Option .* not found|Unrecognized option/i
      .test(error.message);
}
