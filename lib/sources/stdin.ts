import type { Logger } from "../log.ts";
import {
  type CloudLayout,
  createCloud,
  namesOf,
  type PointCloud,
} from "../points/cloud.ts";
import { PointsError } from "../points/errors.ts";
import {
  SNIFF_BYTES,
  sniffFormat,
  type StreamFormat,
} from "../points/extent.ts";
import { type NamedType, packFields, XYZ } from "../points/field.ts";
import { decodeFile } from "../points/formats.ts";
import { ByteStream } from "./byte_stream.ts";
import { SourceError } from "./errors.ts";
import { findFileEnd } from "./file_end.ts";
import { pickFields } from "./pick_fields.ts";
import type { PointSource } from "./source.ts";

/** Options of {@linkcode stdinSource}. */
export interface StdinSourceOptions {
  /** Points of each frame, where the input is raw. */
  points: number;
  /**
   * The fields of a point, where the input is raw; of files, those that are
   * given. @default {float32 x, y, z; all of a file}
   */
  fields?: readonly NamedType[];
  /** Most bytes of one frame. @default {268435456} 256 MiB */
  maxFrameBytes?: number;
  /** Receives a warning where the input ends in the middle of a frame. */
  log: Logger;
  /** The bytes. @default {standard input} */
  input?: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Text forms take some times the bytes of the points. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024;

const RAW_FIELDS: readonly NamedType[] = XYZ.map((name) => ({
  name,
  type: "float32",
}));

/**
 * Makes a source of the clouds on standard input, at the pace at which they
 * come: files of `.npy`, `.pcd` or `.ply` one after the other, each of as many
 * points as it says, or raw little-endian points, shape (points,), one frame
 * after the other. The first bytes tell which. A file that can't be read, or
 * lacks a field, is passed over; that and an end in the middle of a frame are
 * logged and counted.
 *
 * @throws {SourceError} for raw frames of more than `maxFrameBytes`. `next`
 * throws one where the input ends before the first frame is whole, or can't be
 * read on.
 */
export function stdinSource(
  options: StdinSourceOptions,
): PointSource & AsyncDisposable {
  return new StdinSource(options);
}

class StdinSource implements PointSource, AsyncDisposable {
  readonly pace = "source";
  skipped = 0;
  readonly #options: StdinSourceOptions;
  readonly #maxFrameBytes: number;
  readonly #layout: Pick<CloudLayout, "fields" | "stride">;
  readonly #stream: ByteStream;
  /** Nothing before the first bytes; `raw` where they are of no file. */
  #format: StreamFormat | "raw" | undefined;
  #frames = 0;

  constructor(options: StdinSourceOptions) {
    const { points, fields = RAW_FIELDS, maxFrameBytes } = options;
    this.#options = options;
    this.#maxFrameBytes = maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#layout = packFields(fields);
    this.#checkSize(points * this.#layout.stride);
    this.#stream = new ByteStream(options.input ?? Deno.stdin.readable);
  }

  async next(): Promise<PointCloud | undefined> {
    while (true) {
      const given = await this.#nextFrame();
      if (given === "passed over") continue;
      if (given !== undefined) this.#frames++;
      return given;
    }
  }

  async #nextFrame(): Promise<PointCloud | "passed over" | undefined> {
    const isText = this.#format === ".pcd" || this.#format === ".ply";
    if (isText) await this.#stream.skipBlanks();
    if (!await this.#stream.has(1)) {
      if (this.#frames > 0) return undefined;
      throw new SourceError(
        this.skipped > 0
          ? `None of ${this.skipped} frames on standard input could be read`
          : "Standard input ended without a frame",
      );
    }
    if (this.#format === undefined) {
      await this.#stream.has(SNIFF_BYTES);
      this.#format = sniffFormat(this.#stream.peek(SNIFF_BYTES)) ?? "raw";
    }
    return this.#format === "raw"
      ? await this.#nextRaw()
      : await this.#nextFile(this.#format);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream[Symbol.asyncDispose]();
  }

  async #nextRaw(): Promise<PointCloud | undefined> {
    const size = this.#options.points * this.#layout.stride;
    const data = await this.#stream.take(size);
    if (data.length < size) return this.#cutOff(data.length, `${size}`);
    return createCloud({ ...this.#layout, data });
  }

  async #nextFile(
    format: StreamFormat,
  ): Promise<PointCloud | "passed over" | undefined> {
    const size = await this.#findEnd(format);
    if (size === undefined || !await this.#stream.has(size)) {
      return this.#cutOff(this.#stream.length, `${size ?? "its header"}`);
    }
    const bytes = await this.#stream.take(size);
    try {
      const { fields } = this.#options;
      return pickFields(await decodeFile(format, bytes, { fields }), fields);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      const frame = this.#frames + this.skipped++;
      const why = `frame ${frame} on standard input: ${error.message}`;
      this.#options.log.warn("frame passed over", { error: why });
      return "passed over";
    }
  }

  /** Returns a file's size; nothing where the input ends in its header. */
  async #findEnd(format: StreamFormat): Promise<number | undefined> {
    const mostBytes = this.#maxFrameBytes;
    try {
      const size = await findFileEnd(this.#stream, format, { mostBytes });
      if (size !== undefined) this.#checkSize(size);
      return size;
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      // Where a file's end is unknown, so is the next one's start.
      const frame = this.#frames + this.skipped;
      throw new SourceError(
        `Frame ${frame} on standard input: ${error.message}`,
        { cause: error },
      );
    }
  }

  #checkSize(bytes: number): void {
    if (bytes <= this.#maxFrameBytes) return;
    throw new SourceError(
      `A frame on standard input has ${bytes} bytes, and at most ` +
        `${this.#maxFrameBytes} are taken: send fewer points or fields`,
    );
  }

  /** Reports an end in the middle of a frame. */
  #cutOff(bytes: number, of: string): undefined {
    const where = `standard input ended in the middle of a frame: byte ` +
      `${bytes} of ${of}`;
    if (this.#frames === 0) {
      const names = namesOf(this.#layout.fields).join(",");
      const hint = this.#format === "raw"
        ? `; it was read as raw frames of ${this.#options.points} points of ` +
          `${names} (--points, --fields)`
        : "";
      throw new SourceError(where[0].toUpperCase() + where.slice(1) + hint);
    }
    this.skipped++;
    this.#options.log.warn(where);
    return undefined;
  }
}
