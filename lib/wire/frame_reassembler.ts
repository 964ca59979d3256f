import { ByteBlocks } from "../limits/byte_blocks.ts";
import { FrameSizeError, PointsError } from "../points/errors.ts";
import {
  type ChunkHeader,
  FRAME_HEADER_BYTES,
  type FrameInfo,
  isNewerNumber,
  readChunkHeader,
} from "./frame.ts";

/** Options of {@linkcode FrameReassembler}. */
export interface FrameReassemblerOptions {
  /** Called for each whole frame, in order, once, with its encoded cloud. */
  onFrame(info: FrameInfo, bytes: Uint8Array): void;
  /**
   * Called for each mistake of the sender; the reassembler goes on after it.
   */
  onInvalid(error: PointsError): void;
  /** Largest encoded frame that is accepted, bytes. @default {64 MiB} */
  maxFrameBytes?: number;
  /** Most points of a frame that is accepted. @default {Infinity} */
  maxFramePoints?: number;
  /**
   * Is told how many bytes are held of a frame that isn't whole, whenever that
   * changes. @default {nobody}
   */
  held?: { set(bytes: number): void };
}

/** A frame in progress. */
interface Progress {
  /** Of the frame's first chunk. */
  header: ChunkHeader;
  /** The encoded cloud so far, and of how many chunks. */
  data: ByteBlocks;
  chunks: number;
}

/**
 * Puts frames together from the messages of one reliable, ordered channel.
 *
 * One frame is in progress at a time, and its memory follows what was received
 * and never what a header claims. After any mistake it goes on with the next
 * frame's first chunk.
 */
export class FrameReassembler {
  readonly #onFrame: FrameReassemblerOptions["onFrame"];
  readonly #onInvalid: (error: PointsError) => void;
  readonly #held: FrameReassemblerOptions["held"];
  readonly #maxFrameBytes: number;
  readonly #maxFramePoints: number;
  #current: Progress | undefined;
  /** Number of the newest frame that was completed or given up. */
  #last: number | undefined;
  /** A frame that was given up, whose other chunks are passed over. */
  #told: { number: number; after: number } | undefined;
  /**
   * Number of the last stale frame that began: its successor shows a restart.
   */
  #staleStart: number | undefined;

  /** Makes the reassembler of one channel. */
  constructor(options: FrameReassemblerOptions) {
    this.#onFrame = options.onFrame;
    this.#onInvalid = options.onInvalid;
    this.#held = options.held;
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
    this.#tell();
  }

  /** Forgets the frame that isn't whole, as nothing more comes. */
  close(): void {
    this.#current = undefined;
    this.#tell();
  }

  #tell(): void {
    this.#held?.set(this.#current?.data.heldBytes ?? 0);
  }

  #push(message: Uint8Array): void {
    const header = readChunkHeader(message);
    const { number, chunk } = header;
    if (number === this.#told?.number && chunk > this.#told.after) {
      if (chunk === 0) this.#staleStart = number;
      return;
    }
    if (this.#current === undefined) this.#begin(header);
    else if (number !== this.#current.header.number) this.#replace(header);
    this.#append(header, message.subarray(FRAME_HEADER_BYTES));
  }

  #begin(header: ChunkHeader): void {
    const { number, chunk, chunks, points } = header;
    if (this.#isStale(header, this.#last)) {
      throw this.#refuseStale(header, `after frame ${this.#last} was done`);
    }
    if (chunk !== 0) {
      this.#passOver(number);
      throw new PointsError(
        "missing",
        `Frame ${number} began with chunk ${chunk} of ${chunks}: ` +
          `its first chunk is missing`,
      );
    }
    this.#staleStart = undefined;
    if (points > this.#maxFramePoints) {
      this.#passOver(number);
      throw new FrameSizeError(
        "points",
        `Frame ${number} has ${points} points, and at most ` +
          `${this.#maxFramePoints} are taken`,
      );
    }
    this.#current = { header, data: new ByteBlocks(), chunks: 0 };
  }

  /** Another frame begins before the current one is whole. */
  #replace(by: ChunkHeader): void {
    const { header, chunks } = this.#current!;
    if (this.#isStale(by, header.number)) {
      throw this.#refuseStale(by, `in the middle of frame ${header.number}`);
    }
    this.#onInvalid(
      this.#giveUp(
        "missing",
        `chunk ${chunks} of ${header.chunks} is missing, ` +
          `frame ${by.number} began`,
      ),
    );
    this.#begin(by);
  }

  #isStale({ number, chunk }: ChunkHeader, last: number | undefined): boolean {
    if (last === undefined || isNewerNumber(number, last)) return false;
    return chunk !== 0 || this.#staleStart === undefined ||
      !isNewerNumber(number, this.#staleStart);
  }

  #refuseStale({ number, chunk }: ChunkHeader, when: string): PointsError {
    if (chunk === 0) this.#staleStart = number;
    this.#told = { number, after: chunk };
    return new PointsError(
      "stale",
      `Chunk ${chunk} of frame ${number} came ${when}`,
    );
  }

  #append(chunk: ChunkHeader, part: Uint8Array): void {
    const current = this.#current!;
    const { header, data, chunks: due } = current;
    if (
      chunk.chunks !== header.chunks || chunk.points !== header.points ||
      chunk.codec !== header.codec
    ) {
      throw this.#giveUp(
        "header",
        `chunk ${chunk.chunk} says ${chunk.points} points in ` +
          `${chunk.chunks} chunks of ${chunk.codec}, its first said ` +
          `${header.points} in ${header.chunks} of ${header.codec}`,
      );
    }
    if (chunk.chunk < due) {
      throw new PointsError(
        "duplicate",
        `Chunk ${chunk.chunk} of frame ${header.number} came twice`,
      );
    }
    if (chunk.chunk > due) {
      throw this.#giveUp(
        "missing",
        `chunk ${due} of ${header.chunks} is missing, ${chunk.chunk} came`,
      );
    }
    if (data.length + part.length > this.#maxFrameBytes) {
      const why = `it has more than ${this.#maxFrameBytes} bytes`;
      const { message } = this.#giveUp("too-large", why);
      throw new FrameSizeError("bytes", message);
    }
    data.append(part);
    if (++current.chunks < header.chunks) return;
    this.#current = undefined;
    this.#last = header.number;
    this.#onFrame(header, data.join());
  }

  #giveUp(reason: PointsError["reason"], why: string): PointsError {
    const { number } = this.#current!.header;
    this.#current = undefined;
    this.#passOver(number);
    return new PointsError(reason, `Frame ${number} was given up: ${why}`);
  }

  /** Passes over what else comes of a frame that is given up. */
  #passOver(number: number): void {
    this.#last = number;
    this.#told = { number, after: -1 };
  }
}
