import { describeAv1 } from "./av1.ts";
import type { FrameTraits } from "./frame.ts";
import { describeH264 } from "./h264.ts";
import { describeH265 } from "./h265.ts";
import type { PushedFormat } from "./matroska_writer.ts";
import { parseVp8Header } from "./vp8.ts";
import { parseVp9Header } from "./vp9.ts";

type Describe = (bytes: Uint8Array) => FrameTraits | undefined;

const DESCRIBE: Partial<Record<PushedFormat, Describe>> = {
  h264: describeH264,
  h265: describeH265,
  vp8: parseVp8Header,
  vp9: parseVp9Header,
  av1: describeAv1,
};

/**
 * Tells whether decoding can start with a picture: any JPEG or PNG, and of a
 * video one that leans on none before it.
 */
export function beginsDecoding(
  format: PushedFormat,
  bytes: Uint8Array,
): boolean {
  const describe = DESCRIBE[format];
  return describe === undefined || describe(bytes)?.keyframe === true;
}
