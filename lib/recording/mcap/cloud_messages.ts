import { encodePointCloud2 } from "../../points/pointcloud2/encode.ts";
import {
  COMPRESSED_CLOUD,
  type MessageType,
  POINT_CLOUD,
} from "../../ros/message_types.ts";
import { writeCompressedCloud } from "../../ros/write_messages.ts";
import type { EncodedFrame } from "../../wire/frame.ts";
import { FrameDecoders } from "../../wire/frame_decoders.ts";

/** How clouds are kept: decoded, or as they came where that is Cloudini. */
export type RecordedPoints = "pointcloud2" | "cloudini";

/** Most bytes of a cloud, decoded. */
const MAX_CLOUD_BYTES = 256 * 2 ** 20;

/** A message, and what it is of. */
export interface TypedMessage {
  schema: MessageType;
  data: Uint8Array;
}

/** Makes the messages of clouds. */
export class CloudMessages {
  readonly #points: RecordedPoints;
  readonly #decoders = new FrameDecoders(MAX_CLOUD_BYTES);

  constructor(points: RecordedPoints) {
    this.#points = points;
  }

  /**
   * Makes the message of a frame.
   *
   * @param stamp when it was captured, milliseconds since the Unix epoch.
   * @throws {PointsError} where the frame can't be decoded.
   */
  messageOf(
    frame: EncodedFrame,
    { frameId, stamp }: { frameId: string; stamp: number },
  ): TypedMessage {
    const { codec, bytes } = frame;
    if (codec === "cloudini" && this.#points === "cloudini") {
      const data = writeCompressedCloud({
        ...{ frameId, stamp, shape: frame, format: codec, bytes },
      });
      return { schema: COMPRESSED_CLOUD, data };
    }
    const cloud = this.#decoders.decode(frame);
    return {
      schema: POINT_CLOUD,
      data: encodePointCloud2({ cloud, frameId, stamp }),
    };
  }
}
