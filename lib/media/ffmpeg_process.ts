import { foreignText } from "../foreign_text.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import { killTool, lastLine, readTail, spawnTool } from "./ffmpeg_tool.ts";
import {
  type NutLimits,
  type NutPacket,
  NutReader,
  type NutStreamInfo,
} from "./nut.ts";

/** Options of {@linkcode FfmpegProcess}. */
export interface FfmpegProcessOptions {
  /** The program, by name or path. */
  ffmpeg: string;
  args: string[];
  /** Whether its stdin is written to, or this process's own is read. */
  input: boolean | "inherit";
  /** What it does, as in "while it …", for errors. */
  task: string;
  limits: NutLimits;
  /** Time for its first packet, milliseconds. @default {Infinity} */
  startMs?: number;
  /** Time for each further packet, milliseconds. @default {Infinity} */
  stallMs?: number;
  /** Whether its end is none of an error, once all is read. @default {false} */
  mayEnd?: boolean;
  /** Called with each packet, in order. */
  onPacket(packet: NutPacket): void | Promise<void>;
}

/** Time for ffmpeg to end in order, milliseconds. */
const TERMINATE_MS = 500;

/**
 * An ffmpeg that writes NUT to its stdout, and maybe reads from its stdin.
 *
 * Both ends of a pipe know when the other is gone: it doesn't outlive this
 * process, however that ends.
 */
export class FfmpegProcess {
  /**
   * Settles when it is gone: rejects with an {@linkcode FfmpegError} where it
   * ended by itself, without having been asked to.
   */
  readonly ended: Promise<void>;
  readonly #options: FfmpegProcessOptions;
  readonly #child: Deno.ChildProcess;
  readonly #stdin?: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: NutReader;
  #written: Promise<void> = Promise.resolve();
  #isEnding = false;

  /** @throws {FfmpegError} where it can't be run. */
  constructor(options: FfmpegProcessOptions) {
    this.#options = options;
    this.#reader = new NutReader(options.limits);
    this.#child = spawn(options);
    if (options.input === true) this.#stdin = this.#child.stdin.getWriter();
    this.ended = this.#run();
    // Who asks for it later hears of it still.
    this.ended.catch(() => {});
  }

  /** What it writes; known with the first packet. */
  get streams(): readonly NutStreamInfo[] {
    return this.#reader.streams;
  }

  /** Writes to its stdin, one piece after the other. */
  write(pieces: Uint8Array[]): void {
    this.#written = this.#written.then(async () => {
      for (const piece of pieces) await this.#stdin?.write(piece);
    }).catch(() => {}); // its end says more
  }

  /** Closes its stdin after all that was written, upon which it ends. */
  finish(): void {
    this.#isEnding = true;
    this.#written = this.#written.then(() => this.#stdin?.close())
      .catch(() => {});
  }

  /** Ends it; resolves when it is gone. */
  async close(): Promise<void> {
    this.#isEnding = true;
    const timer = setTimeout(
      () => killTool(this.#child, "SIGKILL"),
      TERMINATE_MS,
    );
    killTool(this.#child, "SIGTERM");
    // A process with a pipe that is full may not get to the signal.
    this.#stdin?.abort().catch(() => {});
    await this.ended.catch(() => {});
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const stderr = readTail(this.#child.stderr);
    let failure: unknown;
    let isLate = false;
    const { startMs, stallMs } = this.#options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const expect = (ms: number | undefined) => {
      clearTimeout(timer);
      if (ms === undefined) return;
      timer = setTimeout(() => {
        failure = new Error(`nothing came of it within ${ms / 1000} s`);
        isLate = true;
        killTool(this.#child, "SIGKILL");
      }, ms);
    };
    expect(startMs);
    try {
      const reader = this.#reader;
      for await (const bytes of this.#child.stdout) {
        for (const packet of reader.push(bytes)) {
          expect(undefined);
          await this.#options.onPacket(packet);
          expect(stallMs);
        }
      }
    } catch (error) {
      failure = error;
      killTool(this.#child, "SIGKILL");
    }
    const { signal, code } = await this.#child.status;
    clearTimeout(timer);
    this.#stdin?.abort().catch(() => {});
    const why = foreignText(lastLine(await stderr));
    await this.#written;
    if (this.#isEnding) return;
    const isWell = failure === undefined && code === 0;
    if (this.#options.mayEnd && isWell) return;
    const task = this.#options.task;
    if (failure !== undefined) {
      const said = failure instanceof Error ? failure.message : failure;
      throw new FfmpegError(
        isLate ? "timeout" : "failed",
        `ffmpeg failed while it ${task}: ${said}`,
      );
    }
    const how = signal ? `killed by ${signal}` : `exit code ${code}`;
    throw new FfmpegError(
      "failed",
      `ffmpeg ended by itself (${how}) while it ${task}` + (why && `: ${why}`),
    );
  }
}

function spawn({ ffmpeg, args, input }: FfmpegProcessOptions) {
  return spawnTool(ffmpeg, args, {
    stdin: input === "inherit" ? input : input ? "piped" : "null",
    stdout: "piped",
  });
}
