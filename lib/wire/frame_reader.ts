import type { CloudLayout, PointCloud } from "../points/cloud.ts";
import { FrameSizeError, PointsError } from "../points/errors.ts";
import { XYZ_LAYOUT } from "../points/raw/codec.ts";
import type { ClockOffset } from "./clock_offset.ts";
import type { EncodedFrame, FrameInfo } from "./frame.ts";
import { FrameDecoders } from "./frame_decoders.ts";
import type { StreamPlace } from "./stream_place.ts";

/** Options of {@linkcode FrameReader}. */
export interface FrameReaderOptions {
  /**
   * Most bytes of a frame's points, decoded. @default {268435456} 256 MiB
   */
  maxBytes?: number;
  /** Decoders to use, which have a limit of their own. @default {its own} */
  decoders?: FrameDecoders;
  /** Tells how far the publisher's clock is ahead. @default {unknown} */
  clock?(): ClockOffset | undefined;
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads the frames of one stream, which may change its codec and its layout.
 * What a frame says of itself is checked as it comes; its values are decoded
 * only where somebody wants them.
 */
export class FrameReader {
  /** Name of the stream, which the frames that follow are given. */
  stream: string;
  readonly #decoders: FrameDecoders;
  readonly #clock: FrameReaderOptions["clock"];
  #layout = XYZ_LAYOUT;
  #place: StreamPlace | undefined;

  /**
   * Makes the reader of one stream.
   *
   * @param stream name that the frames are given.
   */
  constructor(stream: string, options: FrameReaderOptions = {}) {
    this.stream = stream;
    this.#decoders = options.decoders ??
      new FrameDecoders(options.maxBytes ?? DEFAULT_MAX_BYTES);
    this.#clock = options.clock;
  }

  /**
   * Says how the points of the clouds that follow lie, for codecs that don't.
   * They are float32 x, y, z before.
   */
  setLayout(layout: CloudLayout): void {
    this.#layout = layout;
  }

  /** Says where the coordinates of the frames that follow stand. */
  setPlace(place: StreamPlace): void {
    this.#place = place;
  }

  /**
   * Makes the frame of an encoded cloud, whose header and size are checked.
   * Nothing is decoded or copied.
   *
   * @throws {PointsError} for bytes that are no cloud of the codec, or of
   * another number of points than `info` says.
   * @throws {FrameSizeError} for more decoded bytes than are taken.
   */
  read(info: FrameInfo, bytes: Uint8Array): EncodedFrame {
    const { number, codec, points, captureTime } = info;
    const shape = this.#decoders.of(codec, this.#layout).inspect(bytes);
    if (shape.points !== points) {
      throw new PointsError(
        "header",
        `Frame ${number} says ${points} points and holds ${shape.points}`,
      );
    }
    const decoded = points * shape.stride;
    const { maxBytes } = this.#decoders;
    if (decoded > maxBytes) {
      throw new FrameSizeError(
        "bytes",
        `Frame ${number} has ${points} points of ${shape.stride} bytes, ` +
          `${decoded} bytes, and at most ${maxBytes} are taken`,
      );
    }
    const clock = this.#clock?.();
    return {
      ...shape,
      ...{ number, codec, captureTime, bytes },
      stream: this.stream,
      ...(this.#place && { place: this.#place }),
      ...(clock && { clock }),
    };
  }

  /**
   * Decodes a frame; its values are valid until the next one is decoded.
   *
   * @throws {PointsError} for bytes that are no cloud of the codec.
   */
  decode(
    frame: Pick<EncodedFrame, "codec" | "bytes"> & CloudLayout,
  ): PointCloud {
    return this.#decoders.decode(frame);
  }
}
