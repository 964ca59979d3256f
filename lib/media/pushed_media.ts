import type { CopiedCodec } from "./copied_video.ts";
import type { VideoCodec } from "./ffmpeg_arguments.ts";
import type { PushedFormat } from "./matroska_writer.ts";
import { codecName, planBitrates, planTracks } from "./media_plan.ts";
import { MediaWorker } from "./media_worker.ts";
import type { PushedPicture, PushedPipelinePlan } from "./pushed_pipeline.ts";
import type { BitrateRange } from "./rendition.ts";
import { WorkerMedia } from "./worker_media.ts";

export type { PushedFormat, PushedPicture };

/** Options of {@linkcode PushedMedia.open}. */
export interface PushedMediaOptions {
  /** What video is encoded to. @default {"vp8"} */
  videoCodec?: VideoCodec;
  /**
   * What encodes video, by ffmpeg's name, such as `h264_vaapi`; it must be of
   * `videoCodec`. @default {libvpx, libx264}
   */
  videoEncoder?: string;
  /**
   * Hands pictures on as they are: each must be of this codec, without
   * B-frames. They can't follow the bitrate then. @default {they are encoded}
   */
  copied?: CopiedCodec;
  /** Bits a second that video is encoded to; as a file's. */
  videoBitrates?: Partial<BitrateRange>;
  /** About how the pictures come, which bitrates are planned for. */
  likely?: { width: number; height: number; frameRate: number };
  /** Pixels that pictures are scaled to. @default {theirs, at most 1080p} */
  size?: { width: number; height: number };
  /** Most frames a second that are sent. @default {60} */
  maxFrameRate?: number;
  /** The program to run, by name or path. @default {"ffmpeg"} */
  ffmpeg?: string;
  /** Closes the media, as disposing of it does. */
  signal?: AbortSignal;
}

/** What pictures are taken to be like of which nothing is known. */
const LIKELY = { width: 1280, height: 720, frameRate: 30 };
/** Largest picture that is taken, bytes. */
const MAX_PUSHED_BYTES = 32 * 1024 * 1024;

/**
 * Video of a program's own pictures, such as those of a ROS topic or of a bag.
 * Each keeps its time: what the points say of the same moment is in step.
 *
 * @example
 * ```ts
 * import { PushedMedia } from "@pointwire/pointwire/publish";
 *
 * await using media = PushedMedia.open({ videoCodec: "h264" });
 * const bytes = await Deno.readFile("docs/page.png");
 * media.start({ onRtp: () => {} });
 * media.push({ format: "png", bytes, captureTime: Date.now() });
 * ```
 */
export class PushedMedia extends WorkerMedia {
  #worker?: MediaWorker;

  /** Prepares for pictures; what is pushed before `start` is dropped. */
  static open(options: PushedMediaOptions = {}): PushedMedia {
    const { videoCodec = "vp8", ffmpeg = "ffmpeg", copied } = options;
    const { likely = LIKELY, size, maxFrameRate, signal } = options;
    const tracks = planTracks({
      video: copied ?? codecName(videoCodec),
      hasAudio: false,
    });
    const videoBitrates = copied !== undefined
      ? undefined
      : planBitrates({ ...likely, ...size }, options.videoBitrates);
    const plan: PushedPipelinePlan = {
      ...{ ffmpeg, videoCodec, videoEncoder: options.videoEncoder },
      ...{ maxFrameRate, pictures: { size } },
      delivery: { tracks, videoBitrates },
    };
    const media: PushedMedia = new PushedMedia({
      ...{ tracks, videoBitrates, signal },
      launch: (onMessage) =>
        media.#worker = new MediaWorker({ type: "pushed", plan }, onMessage),
    });
    return media;
  }

  /**
   * Takes the next picture, whose bytes are no more the caller's. One that is
   * older than the one before is dropped, as are those in between where the
   * machine is too slow for all.
   *
   * @throws {TypeError} for a picture without bytes, or of more than 32 MiB.
   */
  push({ format, bytes, captureTime }: PushedPicture): void {
    if (bytes.length === 0 || bytes.length > MAX_PUSHED_BYTES) {
      throw new TypeError(`A picture of ${bytes.length} bytes can't be pushed`);
    }
    const own = bytes.length === bytes.buffer.byteLength
      ? bytes
      : bytes.slice();
    const picture = { format, bytes: own, captureTime };
    this.#worker?.tell({ type: "push", picture }, [own.buffer as ArrayBuffer]);
  }
}
