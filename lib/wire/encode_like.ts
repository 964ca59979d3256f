import type { PointCloud } from "../points/cloud.ts";
import { readCloudiniHeader } from "../points/cloudini/header.ts";
import type { CloudEncoder } from "../points/codec.ts";
import { createEncoder } from "../points/codecs.ts";
import { XYZ } from "../points/field.ts";
import type { EncodedFrame } from "./frame.ts";

/** Tells whether a frame has coordinates in steps, which may be coarser. */
export function isRounded({ codec, bytes }: EncodedFrame): boolean {
  if (codec !== "cloudini") return false;
  const { encoding, fields } = readCloudiniHeader(bytes).header;
  return encoding === "lossy" &&
    fields.some(({ name, resolution }) =>
      XYZ.includes(name) && resolution !== undefined
    );
}

/**
 * Encodes a part of a frame's cloud as the frame is: in its codec, and in its
 * steps, which change no value. Those of x, y and z may be coarser; which of
 * the others round, and which are exact, a frame doesn't say.
 *
 * @param factor of what the steps of x, y and z are, where they have any.
 * @returns a frame of the same number, time and place.
 */
export function encodeLike(
  frame: EncodedFrame,
  part: PointCloud,
  factor = 1,
): EncodedFrame {
  const { bytes, shape } = encoderLike(frame, factor).encode(part);
  // The encoder's buffer is its own.
  return { ...frame, ...shape, bytes: new Uint8Array(bytes) };
}

function encoderLike(
  { codec, bytes }: EncodedFrame,
  factor: number,
): CloudEncoder {
  if (codec !== "cloudini") return createEncoder(codec);
  const { header } = readCloudiniHeader(bytes);
  const resolutions = Object.fromEntries(
    header.fields.flatMap(({ name, resolution }) => {
      if (resolution === undefined) return [];
      return [[name, XYZ.includes(name) ? factor * resolution : resolution]];
    }),
  );
  const exact = XYZ.filter((name) => !Object.hasOwn(resolutions, name));
  const { encoding, compression } = header;
  return createEncoder(codec, { encoding, compression, resolutions, exact });
}
