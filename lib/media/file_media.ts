import type { Logger } from "../log.ts";
import { type MediaInfo, OPEN_TIMEOUT_MS, probeMedia } from "./ffmpeg.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import { pictureFormat, type VideoCodec } from "./ffmpeg_arguments.ts";
import { codecName, planBitrates, planTracks } from "./media_plan.ts";
import { MediaWorker } from "./media_worker.ts";
import type { BitrateRange } from "./rendition.ts";
import { WorkerMedia } from "./worker_media.ts";

/** Options of {@linkcode openFileMedia}. */
export interface FileMediaOptions {
  /** What video is encoded to. @default {"vp8"} */
  videoCodec?: VideoCodec;
  /**
   * What encodes video, by ffmpeg's name, such as `h264_vaapi`; it must be of
   * `videoCodec`. @default {libvpx, libx264}
   */
  videoEncoder?: string;
  /**
   * Bits a second that video is encoded to: it begins at the most. By default
   * the most is what its size and frames take, up to 6 Mbit/s, and the least
   * 150 kbit/s.
   */
  videoBitrates?: Partial<BitrateRange>;
  /** The program to run, by name or path. @default {"ffmpeg"} */
  ffmpeg?: string;
  /** The program to run, by name or path. @default {"ffprobe"} */
  ffprobe?: string;
  /**
   * Time to look at the file, and again for its first packet. @default {20_000}
   * milliseconds
   */
  timeoutMs?: number;
  /** Is told of pictures that can't be sent. @default {nobody} */
  log?: Pick<Logger, "warn">;
  /** Closes the media, as disposing of it does. */
  signal?: AbortSignal;
}

/**
 * Prepares to stream a media file: looks at what it has.
 *
 * @example
 * ```ts
 * import { openFileMedia } from "@pointwire/pointwire/publish";
 *
 * await using media = await openFileMedia("tests/data/test.mp4");
 * const first = Promise.withResolvers<Uint8Array>();
 * media.start({ onRtp: (_track, packet) => first.resolve(packet) });
 * console.log(`${(await first.promise).length} bytes`);
 * ```
 *
 * @throws {FfmpegError} without ffprobe, or with a file that can't be streamed.
 * @throws the signal's reason when it is aborted.
 */
export function openFileMedia(
  path: string,
  options: FileMediaOptions = {},
): Promise<FileMedia> {
  return FileMedia.open(path, options);
}

/**
 * A media file as live RTP: ffmpeg decodes it in real time, over and over, and
 * encodes it to Opus and VP8 or H.264, video at a bitrate that can be changed.
 *
 * Packets of both kinds come out at the pace of their timestamps, aligned to
 * one clock, also where the file starts again. Where the machine is too slow
 * for the video, frames are left out, and what comes is on time.
 */
export class FileMedia extends WorkerMedia {
  /** Does what {@linkcode openFileMedia} says. */
  static async open(
    path: string,
    options: FileMediaOptions,
  ): Promise<FileMedia> {
    const { ffmpeg = "ffmpeg", videoCodec = "vp8", signal } = options;
    const { timeoutMs: startMs = OPEN_TIMEOUT_MS } = options;
    const info = decodableOf(await probeMedia(path, options), path, options);
    const tracks = planTracks({
      video: info.video && codecName(videoCodec),
      hasAudio: info.audio !== undefined,
    });
    const videoBitrates = info.video &&
      planBitrates(pictureFormat(info.video), options.videoBitrates);
    const plan = {
      ...{ path, ffmpeg, startMs, info, tracks },
      ...{ videoCodec, videoEncoder: options.videoEncoder, videoBitrates },
    };
    return new FileMedia({
      ...{ tracks, videoBitrates, signal },
      launch: (onMessage) => new MediaWorker({ type: "file", plan }, onMessage),
    });
  }
}

/**
 * Leaves out pictures of which the size isn't known: there is no keyframe that
 * decoding could begin with.
 *
 * @throws {FfmpegError} where there is nothing else.
 */
function decodableOf(
  info: MediaInfo,
  path: string,
  { log }: FileMediaOptions,
): MediaInfo {
  const { video, ...others } = info;
  if (video === undefined || video.width > 0) return info;
  const why = `The pictures of ${path} can't be decoded: it was cut before a ` +
    `keyframe, and has none where ffprobe looks`;
  if (info.audio === undefined) {
    throw new FfmpegError("unreadable", `${why}; give another file`);
  }
  log?.warn(`${why}; its sound is sent alone`);
  return others;
}
