import { FrameSizeError, PointsError } from "../points/errors.ts";
import {
  type ChunkHeader,
  type EncodedFrame,
  FRAME_HEADER_BYTES,
  isNewerFrame,
  readChunkHeader,
} from "./frame.ts";

/** Options of {@linkcode FrameReassembler}. */
export interface FrameReassemblerOptions {
  /** Receives each whole frame, in order, once. */
  onFrame(frame: EncodedFrame): void;
  /** Receives each mistake of the sender; the reassembler goes on after it. */
  onInvalid(error: PointsError): void;
  /** Largest encoded frame that is accepted, bytes. @default {64 MiB} */
  maxFrameBytes?: number;
  /** Most points of a frame that is accepted. @default {Infinity} */
  maxFramePoints?: number;
}

/**
 * Puts frames together from the messages of one reliable, ordered channel.
 *
 * One frame is in progress at a time, as views of the messages that came, so
 * memory follows what was received and never what a header claims. After any
 * mistake it goes on with the next frame's first chunk.
 */
export class FrameReassembler {
  readonly #onFrame: (frame: EncodedFrame) => void;
  readonly #onInvalid: (error: PointsError) => void;
  readonly #maxFrameBytes: number;
  readonly #maxFramePoints: number;
  #current: { header: ChunkHeader; frame: EncodedFrame } | undefined;
  /** The newest frame that was completed or given up: older ones are stale. */
  #last: number | undefined;
  /** The frame whose mistake has been told: the rest of it is passed over. */
  #told: { frame: number; after: number } | undefined;
  /** The last stale frame that began: its successor shows a sender's restart. */
  #staleStart: number | undefined;

  /** Makes the reassembler of one channel. */
  constructor(options: FrameReassemblerOptions) {
    this.#onFrame = options.onFrame;
    this.#onInvalid = options.onInvalid;
    this.#maxFrameBytes = options.maxFrameBytes ?? 64 * 1024 * 1024;
    this.#maxFramePoints = options.maxFramePoints ?? Infinity;
  }

  /** Takes one binary message; what it keeps of it is a view. */
  push(message: Uint8Array): void {
    try {
      this.#push(message);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#onInvalid(error);
    }
  }

  #push(message: Uint8Array): void {
    const header = readChunkHeader(message);
    const { frame, chunk } = header;
    if (frame === this.#told?.frame && chunk > this.#told.after) {
      if (chunk === 0) this.#staleStart = frame;
      return;
    }
    if (this.#current === undefined) this.#begin(header);
    else if (frame !== this.#current.frame.frame) this.#replace(header);
    this.#append(header, message.subarray(FRAME_HEADER_BYTES));
  }

  #begin(header: ChunkHeader): void {
    const { frame, chunk, chunks } = header;
    if (this.#isStale(header, this.#last)) {
      throw this.#refuseStale(header, `after frame ${this.#last} was done`);
    }
    if (chunk !== 0) {
      this.#last = frame;
      this.#told = { frame, after: -1 };
      throw new PointsError(
        "missing",
        `Frame ${frame} began with chunk ${chunk} of ${chunks}: ` +
          `its first chunk is missing`,
      );
    }
    this.#staleStart = undefined;
    const { codec, points, captureTime } = header;
    if (points > this.#maxFramePoints) {
      this.#last = frame;
      this.#told = { frame, after: -1 };
      throw new FrameSizeError(
        "points",
        `Frame ${frame} has ${points} points, and at most ` +
          `${this.#maxFramePoints} are taken`,
      );
    }
    this.#current = {
      header,
      frame: { frame, codec, points, captureTime, parts: [], byteLength: 0 },
    };
  }

  /** Another frame begins before the current one is whole. */
  #replace(by: ChunkHeader): void {
    const { header, frame } = this.#current!;
    if (this.#isStale(by, frame.frame)) {
      throw this.#refuseStale(by, `in the middle of frame ${frame.frame}`);
    }
    this.#onInvalid(
      this.#giveUp(
        "missing",
        `chunk ${frame.parts.length} of ${header.chunks} is missing, ` +
          `frame ${by.frame} began`,
      ),
    );
    this.#begin(by);
  }

  #isStale({ frame, chunk }: ChunkHeader, last: number | undefined): boolean {
    if (last === undefined || isNewerFrame(frame, last)) return false;
    return chunk !== 0 || this.#staleStart === undefined ||
      !isNewerFrame(frame, this.#staleStart);
  }

  #refuseStale({ frame, chunk }: ChunkHeader, when: string): PointsError {
    if (chunk === 0) this.#staleStart = frame;
    this.#told = { frame, after: chunk };
    return new PointsError(
      "stale",
      `Chunk ${chunk} of frame ${frame} came ${when}`,
    );
  }

  #append(header: ChunkHeader, part: Uint8Array): void {
    const current = this.#current!;
    const { frame } = current;
    const due = frame.parts.length;
    if (
      header.chunks !== current.header.chunks ||
      header.points !== current.header.points ||
      header.codec !== current.header.codec
    ) {
      throw this.#giveUp(
        "header",
        `chunk ${header.chunk} says ${header.points} points in ` +
          `${header.chunks} chunks of ${header.codec}, its first said ` +
          `${current.header.points} in ${current.header.chunks} of ` +
          current.header.codec,
      );
    }
    if (header.chunk < due) {
      throw new PointsError(
        "duplicate",
        `Chunk ${header.chunk} of frame ${frame.frame} came twice`,
      );
    }
    if (header.chunk > due) {
      throw this.#giveUp(
        "missing",
        `chunk ${due} of ${header.chunks} is missing, ${header.chunk} came`,
      );
    }
    if (frame.byteLength + part.length > this.#maxFrameBytes) {
      const why = `it has more than ${this.#maxFrameBytes} bytes`;
      const { message } = this.#giveUp("too-large", why);
      throw new FrameSizeError("bytes", message);
    }
    frame.parts.push(part);
    frame.byteLength += part.length;
    if (frame.parts.length === header.chunks) {
      this.#current = undefined;
      this.#last = frame.frame;
      this.#onFrame(frame);
    }
  }

  #giveUp(reason: PointsError["reason"], why: string): PointsError {
    const number = this.#current!.frame.frame;
    this.#current = undefined;
    this.#last = number;
    this.#told = { frame: number, after: -1 };
    return new PointsError(reason, `Frame ${number} was given up: ${why}`);
  }
}
