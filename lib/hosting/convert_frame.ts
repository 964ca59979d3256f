import { encodeFile } from "../points/formats.ts";
import { encodePointCloud2 } from "../points/pointcloud2/encode.ts";
import { type EncodedFrame, ownCaptureTime } from "../wire/frame.ts";
import { FrameDecoders } from "../wire/frame_decoders.ts";
import type { FrameTarget } from "./frame_targets.ts";

/**
 * Writes frames down in other formats.
 *
 * A PointCloud2 has the frame of the stream's place, and the capture time by
 * this machine's clock.
 */
export class FrameWriter {
  /** Its session has held the frame to its limits. */
  readonly #decoders = new FrameDecoders(Number.MAX_SAFE_INTEGER);

  /** @throws {PointsError} for a cloud that the target can't hold. */
  write(frame: EncodedFrame, target: FrameTarget): Uint8Array {
    const cloud = this.#decoders.decode(frame);
    if (target !== "pointcloud2") return encodeFile(`.${target}`, cloud);
    const frameId = frame.place?.frameId ?? "";
    const stamp = ownCaptureTime(frame);
    return encodePointCloud2({ cloud, frameId, stamp });
  }
}
