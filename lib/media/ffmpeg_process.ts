import { FfmpegError, lastLine, spawnTool } from "./ffmpeg.ts";
import { type NutLimits, type NutPacket, NutReader } from "./nut.ts";

/** Options of {@linkcode FfmpegProcess}. */
export interface FfmpegProcessOptions {
  /** The program, by name or path. */
  ffmpeg: string;
  args: string[];
  /** Whether its stdin is written to. */
  input: boolean;
  /** What it does, as in "while it …", for errors. */
  task: string;
  limits: NutLimits;
  /** Called with each packet, in order. */
  onPacket(packet: NutPacket): void | Promise<void>;
}

const MAX_STDERR_CHARACTERS = 4096;
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
  #written: Promise<void> = Promise.resolve();
  #isEnding = false;

  /** @throws {FfmpegError} where it can't be run. */
  constructor(options: FfmpegProcessOptions) {
    this.#options = options;
    this.#child = spawn(options);
    if (options.input) this.#stdin = this.#child.stdin.getWriter();
    this.ended = this.#run();
    // Who asks for it later hears of it still.
    this.ended.catch(() => {});
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
    const timer = setTimeout(() => this.#kill("SIGKILL"), TERMINATE_MS);
    this.#kill("SIGTERM");
    // A process with a pipe that is full may not get to the signal.
    this.#stdin?.abort().catch(() => {});
    await this.ended.catch(() => {});
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const stderr = readTail(this.#child.stderr);
    let failure: unknown;
    try {
      const reader = new NutReader(this.#options.limits);
      for await (const bytes of this.#child.stdout) {
        for (const packet of reader.push(bytes)) {
          await this.#options.onPacket(packet);
        }
      }
    } catch (error) {
      failure = error;
      this.#kill("SIGKILL");
    }
    const { signal, code } = await this.#child.status;
    this.#stdin?.abort().catch(() => {});
    const why = lastLine(await stderr);
    await this.#written;
    if (this.#isEnding) return;
    const task = this.#options.task;
    if (failure !== undefined) {
      const said = failure instanceof Error ? failure.message : failure;
      throw new FfmpegError(
        "failed",
        `ffmpeg failed while it ${task}: ${said}`,
      );
    }
    const how = signal ? `killed by ${signal}` : `exit code ${code}`;
    throw new FfmpegError(
      "failed",
      `ffmpeg ended by itself (${how}) while it ${task}` + (why && `: ${why}`),
    );
  }

  #kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // Deno throws it where the child is gone already.
      if (!(error instanceof TypeError)) throw error;
    }
  }
}

function spawn({ ffmpeg, args, input }: FfmpegProcessOptions) {
  return spawnTool(ffmpeg, args, {
    stdin: input ? "piped" : "null",
    stdout: "piped",
  });
}

async function readTail(stream: ReadableStream<Uint8Array>): Promise<string> {
  let tail = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    tail = (tail + decoder.decode(chunk, { stream: true }))
      .slice(-MAX_STDERR_CHARACTERS);
  }
  return tail;
}
