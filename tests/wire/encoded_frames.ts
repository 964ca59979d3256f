/** Frames as a session has them, made of clouds. */
import type { PointCloud } from "../../lib/points/cloud.ts";
import type { FrameCodec } from "../../lib/points/codec.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import type { EncodedFrame } from "../../lib/wire/frame.ts";

/** Makes the frame of a cloud, in a buffer of its own. */
export function encodedFrame(
  cloud: PointCloud,
  codec: FrameCodec,
  more: Partial<EncodedFrame> = {},
): EncodedFrame {
  const encoded = createEncoder(codec).encode(cloud);
  return {
    ...encoded.shape,
    codec: encoded.codec,
    bytes: new Uint8Array(encoded.bytes),
    number: 1,
    captureTime: 1_700_000_000_250,
    stream: "points",
    ...more,
  };
}
