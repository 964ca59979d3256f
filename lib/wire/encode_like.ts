import type { PointCloud } from "../points/cloud.ts";
import { readCloudiniHeader } from "../points/cloudini/header.ts";
import type { CloudEncoder } from "../points/codec.ts";
import { createEncoder } from "../points/codecs.ts";
import type { EncodedFrame } from "./frame.ts";

/**
 * Encodes a part of a frame's cloud as the frame is: in its codec, and in its
 * steps, which change no value.
 *
 * @returns a frame of the same number, time and place.
 */
export function encodeLike(
  frame: EncodedFrame,
  part: PointCloud,
): EncodedFrame {
  const { bytes, shape } = encoderLike(frame).encode(part);
  // The encoder's buffer is its own.
  return { ...frame, ...shape, bytes: new Uint8Array(bytes) };
}

function encoderLike({ codec, bytes }: EncodedFrame): CloudEncoder {
  if (codec !== "cloudini") return createEncoder(codec);
  const { header } = readCloudiniHeader(bytes);
  const resolutions = Object.fromEntries(
    header.fields.flatMap(({ name, resolution }) =>
      resolution === undefined ? [] : [[name, resolution]]
    ),
  );
  const { encoding, compression } = header;
  return createEncoder(codec, { encoding, compression, resolutions });
}
