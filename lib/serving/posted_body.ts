import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import type { Posted, PostedFormat } from "../hosting/posted_clouds.ts";
import type { ByteBudget } from "../limits/byte_budget.ts";
import { BODY_TIMEOUT_MS } from "../limits/request_limits.ts";
import { PointsError } from "../points/errors.ts";
import {
  MAX_HEADER_BYTES,
  SNIFF_BYTES,
  sniffFormat,
  type StreamFormat,
} from "../points/extent.ts";
import { ByteStream } from "../sources/byte_stream.ts";
import { SourceError } from "../sources/errors.ts";
import { findFileEnd } from "../sources/file_end.ts";
import { FRAME_HEADER_BYTES } from "../wire/frame.ts";
import { FRAMES_MEDIA_TYPE, LENGTH_BYTES } from "../wire/framed_messages.ts";
import { tooLarge, tooSlow } from "./body.ts";
import { acceptPost } from "./media_type.ts";
import { HttpProblem, unavailable } from "./problem.ts";

/** One cloud of a body, or a message of its framing. */
export type PostedPart = Posted extends infer P
  ? P extends { stream: string } ? Omit<P, "stream"> : never
  : never;

/** How the clouds of a body are told apart. */
type BodyKind = StreamFormat | "frames" | "whole";

/** What a body may be; clouds are told apart by their first bytes. */
const MEDIA_TYPES = ["application/octet-stream", FRAMES_MEDIA_TYPE];

/** Bytes that are waited for at a time: memory is taken for what comes. */
const STEP_BYTES = 256 * 1024;

/** Most bytes of a text message: one with 512 fields has fewer. */
const MAX_TEXT_BYTES = 128 * 1024;

/** Options of a {@linkcode PostedBody}. */
export interface PostedBodyOptions {
  /** Most bytes of a cloud's points. */
  maxBytes: number;
  /** What is held of bodies that aren't read to the end. */
  budget: ByteBudget;
  /** Time that a cloud has to come in, milliseconds. @default {10_000} */
  timeoutMs?: number;
}

/** Reads the clouds of a request's body, one after the other. */
export class PostedBody implements AsyncDisposable {
  readonly #maxBytes: number;
  readonly #stream: ByteStream;
  readonly #budget: ByteBudget;
  readonly #timeoutMs: number;
  #kind: BodyKind | undefined;
  #held: Disposable[] = [];
  /** Bytes that are held. */
  #reserved = 0;
  #late: HttpProblem | undefined;

  /**
   * Begins to read.
   *
   * @throws {HttpProblem} 415 for a media type that is no clouds.
   */
  constructor(
    { headers, body }: Request,
    { maxBytes, budget, timeoutMs = BODY_TIMEOUT_MS }: PostedBodyOptions,
  ) {
    const type = headers.get("content-type") ?? "";
    const essence = type.split(";", 1)[0].trim().toLowerCase();
    if (!MEDIA_TYPES.includes(essence)) throw wrongType(type);
    if (essence === FRAMES_MEDIA_TYPE) this.#kind = "frames";
    this.#maxBytes = maxBytes;
    this.#budget = budget;
    this.#timeoutMs = timeoutMs;
    this.#stream = new ByteStream(
      (body ?? new Blob().stream()) as ReadableStream<Uint8Array<ArrayBuffer>>,
    );
  }

  /**
   * Reads the next cloud; nothing at the end.
   *
   * @throws {HttpProblem} 400 for what is no cloud, 408, 413, or 503 where too
   * much is held already.
   */
  async next(): Promise<PostedPart | undefined> {
    const timer = setTimeout(() => {
      this.#late = tooSlow(this.#timeoutMs);
      void this.#stream[Symbol.asyncDispose]().catch(() => {});
    }, this.#timeoutMs);
    try {
      const part = await this.#read();
      if (this.#late === undefined) return part;
    } catch (error) {
      if (this.#late === undefined) throw problemOf(error);
    } finally {
      clearTimeout(timer);
      this.#letGo();
    }
    throw this.#late;
  }

  /** Reads no more of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream[Symbol.asyncDispose]().catch(() => {});
  }

  async #read(): Promise<PostedPart | undefined> {
    const kind = this.#kind;
    // Text files may have blank lines between them.
    if (kind === ".pcd" || kind === ".ply") await this.#stream.skipBlanks();
    if (!await this.#stream.has(1)) return undefined;
    if (kind === "frames") return await this.#readMessage();
    if (kind === undefined) {
      await this.#stream.has(SNIFF_BYTES);
      const start = this.#stream.peek(SNIFF_BYTES);
      this.#kind = sniffFormat(start) ?? "whole";
      return await this.#read();
    }
    return kind === "whole"
      ? await this.#readWhole()
      : await this.#readFile(kind);
  }

  async #readMessage(): Promise<PostedPart> {
    const length = await this.#take(LENGTH_BYTES);
    const view = new DataView(length.buffer);
    const count = view.getUint32(0, true);
    const isText = count > 0 && await this.#has(1, 0) &&
      this.#stream.peek(1)[0] === "{".charCodeAt(0);
    if (isText && count > MAX_TEXT_BYTES) throw tooLarge(MAX_TEXT_BYTES);
    const bytes = await this.#take(count, FRAME_HEADER_BYTES);
    const message = isText ? new TextDecoder().decode(bytes) : bytes;
    return { type: "message", message };
  }

  async #readFile(format: StreamFormat): Promise<PostedPart> {
    const length = await findFileEnd(this.#stream, format, {
      mostBytes: this.#maxBytes + MAX_HEADER_BYTES,
      more: () => this.#has(this.#stream.length + 1, MAX_HEADER_BYTES),
    });
    if (length === undefined) {
      throw badCloud("The body ends in the middle of a header");
    }
    const bytes = await this.#take(length, MAX_HEADER_BYTES);
    const name = format.slice(1) as "npy" | "pcd" | "ply";
    return { type: "cloud", format: name, bytes };
  }

  /** What doesn't say how long it is ends with the body. */
  async #readWhole(): Promise<PostedPart> {
    while (await this.#has(this.#stream.length + 1, MAX_HEADER_BYTES));
    const bytes = await this.#stream.take(this.#stream.length);
    return { type: "cloud", format: formatOf(bytes), bytes };
  }

  /** @param overhead bytes that may come beside the points. */
  async #take(length: number, overhead = 0): Promise<Uint8Array<ArrayBuffer>> {
    if (!await this.#has(length, overhead)) {
      throw badCloud(
        `The body ends after ${this.#stream.length} of a cloud's ${length} ` +
          "bytes",
      );
    }
    return await this.#stream.take(length);
  }

  /** Waits for so many bytes, of each of which the budget knows. */
  async #has(length: number, overhead: number): Promise<boolean> {
    if (length > this.#maxBytes + overhead) throw tooLarge(this.#maxBytes);
    while (this.#stream.length < length) {
      this.#reserve(Math.min(length, this.#stream.length + STEP_BYTES));
      if (!await this.#stream.has(this.#stream.length + 1)) return false;
      // A piece may be more than was waited for.
      this.#reserve(this.#stream.length);
    }
    return true;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#reserved) return;
    const held = this.#budget.take(bytes - this.#reserved);
    if (held === undefined) {
      throw unavailable("The server reads as many clouds as it may");
    }
    this.#held.push(held);
    this.#reserved = bytes;
  }

  #letGo(): void {
    for (const held of this.#held) held[Symbol.dispose]();
    this.#held = [];
    this.#reserved = 0;
  }
}

/** Tells the formats that don't say how long they are. */
function formatOf(bytes: Uint8Array): PostedFormat {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 8));
  if (start === "CLOUDINI") return "cloudini";
  // CDR begins with its encapsulation: 0, and the byte order.
  if (bytes[0] === 0 && bytes[1] <= 1) return "pointcloud2";
  throw badCloud(
    "The body begins as neither .npy, .pcd, .ply, Cloudini nor a PointCloud2 " +
      "in CDR do",
  );
}

function problemOf(error: unknown): unknown {
  if (error instanceof HttpProblem) return error;
  if (error instanceof PointsError || error instanceof SourceError) {
    return badCloud(error.message, error);
  }
  return badCloud("The body was cut off", error);
}

function badCloud(detail: string, cause?: unknown): HttpProblem {
  return new HttpProblem(STATUS_CODE.BadRequest, detail, { cause });
}

function wrongType(type: string): HttpProblem {
  return new HttpProblem(
    STATUS_CODE.UnsupportedMediaType,
    `The content type is ${type === "" ? "missing" : `"${cutText(type)}"`}, ` +
      `not "${MEDIA_TYPES.join('" or "')}"`,
    { headers: acceptPost(MEDIA_TYPES.join(", ")) },
  );
}
