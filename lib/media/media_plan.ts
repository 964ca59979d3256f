/** What goes out of what comes in. */
import type { VideoCodec } from "./ffmpeg_arguments.ts";
import type { MediaCodec } from "./frame.ts";
import type { MediaTrack } from "./media_track.ts";
import { OPUS_SAMPLE_RATE } from "./opus.ts";
import {
  type BitrateRange,
  defaultBitrates,
  type PictureFormat,
} from "./rendition.ts";

/** Hz of the RTP timestamps of VP8 (RFC 7741) and of H.264 (RFC 6184). */
const VIDEO_CLOCK_RATE = 90_000;

/** What a track of video that is encoded here is called. */
export function codecName(codec: VideoCodec): MediaCodec {
  return codec === "vp8" ? "VP8" : "H264";
}

/** What encodes a track of a codec; undefined where nothing here does. */
export function encoderOf(codec: MediaCodec): VideoCodec | undefined {
  return codec === "VP8" ? "vp8" : codec === "H264" ? "h264" : undefined;
}

/** The tracks of a source: the video's before the audio's. */
export function planTracks(
  { video, hasAudio }: { video?: MediaCodec; hasAudio: boolean },
): MediaTrack[] {
  const tracks: MediaTrack[] = [];
  if (video !== undefined) {
    tracks.push({ kind: "video", codec: video, clockRate: VIDEO_CLOCK_RATE });
  }
  if (hasAudio) {
    const clockRate = OPUS_SAMPLE_RATE;
    tracks.push({ kind: "audio", codec: "opus", clockRate });
  }
  return tracks;
}

/** Chooses what video is encoded to, within what was asked for. */
export function planBitrates(
  format: PictureFormat,
  asked: Partial<BitrateRange> = {},
): BitrateRange {
  const usual = defaultBitrates(format);
  const most = asked.most ?? Math.max(usual.most, asked.least ?? 0);
  return { most, least: Math.min(asked.least ?? usual.least, most) };
}
