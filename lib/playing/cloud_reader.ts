import type { PointCloud } from "../points/cloud.ts";
import { PointsError } from "../points/errors.ts";
import { zstdDecompress } from "../points/zstd_node.ts";
import { type EncodedFrame, type FrameInfo, joinParts } from "../wire/frame.ts";
import { FrameDecoders } from "../wire/frame_decoders.ts";

/** A cloud of the session. Its values are valid until the next one is given. */
export type WatchedCloud = FrameInfo & PointCloud;

/** A whole frame, and the names of what it holds where it is f32. */
export interface WatchedFrame {
  frame: EncodedFrame;
  fields: readonly string[];
}

/** Decodes frames for one who takes clouds, into buffers that it reuses. */
export class CloudReader {
  readonly #decoders = new FrameDecoders(zstdDecompress);

  /** @throws {PointsError} for a frame that holds no such cloud. */
  read({ frame, fields }: WatchedFrame): WatchedCloud {
    this.#decoders.setFields(fields);
    const cloud = this.#decoders.decode(frame.codec, joinParts(frame));
    const { parts: _parts, byteLength: _bytes, ...info } = frame;
    if (cloud.points === info.points) return { ...info, ...cloud };
    throw new PointsError(
      "header",
      `A frame says ${info.points} points and holds ${cloud.points}`,
    );
  }
}
