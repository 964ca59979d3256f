import { AUDIO_ENCODING, QUIET, TO_STDOUT } from "./ffmpeg_arguments.ts";
import { pushedInput } from "./ffmpeg_input.ts";
import type { MediaKind } from "./frame.ts";
import type { LiveInput } from "./media_input.ts";

/** How live pictures are made before they are encoded. */
export interface LivePictures {
  /** Whether they go on as they came, without being decoded. */
  copies?: boolean;
  /** Which kind is read alone, where the other doesn't come. */
  alone?: MediaKind;
  /** Pixels that they are scaled to. @default {as they are, 1080p at most} */
  size?: { width: number; height: number };
}

/**
 * The command line that reads a live input: pictures as they are, or as they
 * were encoded, and sound as Opus; either may be missing.
 *
 * There is no `-fflags nobuffer`: with it, what ffmpeg looks at first is thrown
 * away, and with it the keyframe that decoding begins with. What comes in a
 * burst at the start is decoded in one, and waits nowhere.
 */
export function liveArguments(
  { args, isStdin }: LiveInput,
  pictures: LivePictures,
): string[] {
  return [
    ...[...QUIET, ...isStdin ? [] : ["-nostdin"]],
    // Frames decoded side by side, or in the order of a file's, are late.
    ...["-thread_type:v", "slice", "-flags:v", "low_delay"],
    ...args,
    ...pictures.alone === "audio" ? ["-vn"] : [
      ...firstOf("V"),
      ...pictures.copies ? ["-c:v", "copy"] : pictureArguments(pictures),
    ],
    ...pictures.alone === "video"
      ? ["-an"]
      : [...firstOf("a"), ...AUDIO_ENCODING],
    ...["-output_ts_offset", "1", "-max_interleave_delta", "1"],
    ...TO_STDOUT,
  ];
}

/** Streams of a kind that an input may have besides its first. */
const OTHERS = [1, 2, 3];

/**
 * Maps the first stream of a kind, where there is one. What is announced and
 * doesn't come would hold the other kind back: ffmpeg writes nothing before it
 * has something of each. `u` leaves out streams that nothing is known of.
 */
function firstOf(kind: "V" | "a"): string[] {
  return [
    ...["-map", `0:${kind}:u?`],
    ...OTHERS.flatMap((index) => ["-map", `-0:${kind}:${index}?`]),
  ];
}

/** Pixels of a picture that is sent at most: 1920 x 1080. */
const MAX_PIXELS = 1920 * 1080;

/**
 * The command line that decodes pictures of a program, in Matroska on stdin.
 * Their times are kept, from the first one's on.
 */
export function pushedArguments(pictures: LivePictures): string[] {
  return [
    ...[...QUIET, "-thread_type:v", "slice", "-flags:v", "low_delay"],
    ...["-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0"],
    ...pushedInput(),
    ...["-map", "0:v:0", ...pictureArguments(pictures)],
    ...["-output_ts_offset", "1"],
    ...TO_STDOUT,
  ];
}

function pictureArguments({ size }: LivePictures): string[] {
  const within = `min(1\\,sqrt(${MAX_PIXELS}/(iw*sar*ih)))`;
  const scale = size
    ? `${size.width}:${size.height}`
    : `max(2\\,trunc(iw*sar*${within}/2)*2):max(2\\,trunc(ih*${within}/2)*2)`;
  return [
    ...["-vf", `scale=${scale},setsar=1`],
    // Each picture has its own time, to which no rate is put.
    ...["-fps_mode", "passthrough", "-enc_time_base:v", "1:90000"],
    // Even raw pictures are "encoded" side by side, and held back for that.
    ...["-pix_fmt", "yuv420p", "-c:v", "rawvideo", "-threads:v", "1"],
  ];
}
