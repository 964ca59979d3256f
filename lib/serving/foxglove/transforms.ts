import {
  type StampedTransform,
  writeTransforms,
} from "../../ros/write_messages.ts";
import type { SessionSnapshot } from "../../session/snapshot.ts";
import { type EncodedFrame, ownCaptureTime } from "../../wire/frame.ts";
import { type ChannelMessage, createMessage } from "./channel_message.ts";
import { transformOf } from "./frame_names.ts";

/**
 * Says where the streams of a session stand now.
 *
 * @param frameOf gives the newest frame of a stream, where its feed is taken:
 * it knows better than a snapshot where it stood, and when.
 */
export function transformsOf(
  { name: session, streams }: SessionSnapshot,
  frameOf: (stream: string) => EncodedFrame | undefined,
): StampedTransform[] {
  return streams.flatMap(({ name: stream, frameId, parent, pose }) => {
    const frame = frameOf(stream);
    const place = frame?.place ?? { frameId, parent, pose };
    const stamp = frame === undefined ? Date.now() : ownCaptureTime(frame);
    return transformOf({ session, stream, place, stamp }) ?? [];
  });
}

/** Makes the message of a transform. */
export function transformMessage(transform: StampedTransform): ChannelMessage {
  return createMessage(writeTransforms([transform]), {
    key: `transform ${transform.child}`,
    order: "newest",
  });
}
