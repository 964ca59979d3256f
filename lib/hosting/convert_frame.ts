import { encodeFile } from "../points/formats.ts";
import { encodePointCloud2 } from "../points/pointcloud2/encode.ts";
import { select } from "../points/select.ts";
import { encodeLike } from "../wire/encode_like.ts";
import { ownCaptureTime } from "../wire/frame.ts";
import { FrameDecoders } from "../wire/frame_decoders.ts";
import type { ConvertMessage } from "./frame_converter_messages.ts";

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
  write({ frame, target, selection }: ConvertMessage): Uint8Array {
    const all = this.#decoders.decode(frame);
    const cloud = selection === undefined ? all : select(all, selection);
    if (target === frame.codec) return encodeLike(frame, cloud).bytes;
    if (target !== "pointcloud2") return encodeFile(`.${target}`, cloud);
    const frameId = frame.place?.frameId ?? "";
    const stamp = ownCaptureTime(frame);
    return encodePointCloud2({ cloud, frameId, stamp });
  }
}
