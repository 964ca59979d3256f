import type { MediaFrame } from "../../media/frame.ts";
import { KeyframeSets } from "../../media/keyframe_sets.ts";
import { COMPRESSED_AUDIO, COMPRESSED_VIDEO } from "../../ros/message_types.ts";
import {
  writeCompressedAudio,
  writeCompressedVideo,
} from "../../ros/write_messages.ts";
import type { TypedMessage } from "./cloud_messages.ts";

/** Makes the messages of one track. */
export class MediaMessages {
  readonly #frameId: string;
  readonly #sets = new KeyframeSets();

  /** @param frameId what the camera's coordinate frame is called. */
  constructor(frameId: string) {
    this.#frameId = frameId;
  }

  /**
   * Makes the message of a frame. One of H.264 or H.265 that can be decoded
   * alone has its parameter sets.
   *
   * @param stamp when it was captured, milliseconds since the Unix epoch.
   */
  messageOf(frame: MediaFrame, stamp: number): TypedMessage {
    const format = frame.codec.toLowerCase();
    if (frame.kind === "audio") {
      const { data: bytes } = frame;
      const data = writeCompressedAudio({ stamp, bytes, format });
      return { schema: COMPRESSED_AUDIO, data };
    }
    const bytes = this.#sets.complete(frame);
    const data = writeCompressedVideo({
      ...{ stamp, frameId: this.#frameId, bytes, format },
    });
    return { schema: COMPRESSED_VIDEO, data };
  }
}
