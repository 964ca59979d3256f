import type { Logger } from "../log.ts";
import { type PointCloud, pointCloud, XYZ } from "../points/cloud.ts";
import type { PointSource } from "./source.ts";

/** Options of {@linkcode stdinSource}. */
export interface StdinSourceOptions {
  /** Points of each frame. */
  points: number;
  /** Names of a point's values. @default {["x", "y", "z"]} */
  fields?: readonly string[];
  /** Receives a warning where the input ends in the middle of a frame. */
  log: Logger;
  /** The bytes. @default {standard input} */
  input?: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * Makes a source of raw little-endian float32 frames on standard input, shape
 * (points, fields.length), C order, one after the other, at the pace at which
 * they come. An end in the middle of a frame is logged and counted.
 */
export function stdinSource(options: StdinSourceOptions): PointSource {
  return new StdinSource(options);
}

class StdinSource implements PointSource {
  readonly pace = "source";
  skipped = 0;
  readonly #points: number;
  readonly #fields: readonly string[];
  readonly #log: Logger;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(options: StdinSourceOptions) {
    this.#points = options.points;
    this.#fields = options.fields ?? XYZ;
    this.#log = options.log;
    this.#reader = (options.input ?? Deno.stdin.readable).getReader();
  }

  async next(): Promise<PointCloud | undefined> {
    const values = new Float32Array(this.#points * this.#fields.length);
    const filled = await this.#fill(new Uint8Array(values.buffer));
    if (filled === values.byteLength) return pointCloud(values, this.#fields);
    if (filled === 0) return undefined;
    this.skipped++;
    this.#log.warn(
      `standard input ended in the middle of a frame: ` +
        `byte ${filled} of ${values.byteLength}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }

  /** Fills `bytes` as far as the input goes, and says how far. */
  async #fill(bytes: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < bytes.length) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#reader.read();
        if (done) break;
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return filled;
  }
}
