import type { Logger } from "../log.ts";
import { OPEN_TIMEOUT_MS } from "./ffmpeg.ts";
import type { VideoCodec } from "./ffmpeg_arguments.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import type { Copying } from "./live_copy.ts";
import { LiveOutages } from "./live_outages.ts";
import type { LiveInput } from "./media_input.ts";
import type { OpenedInput } from "./media_pipeline.ts";
import { codecName, planBitrates, planTracks } from "./media_plan.ts";
import { MediaWorker } from "./media_worker.ts";
import type { FromMediaWorker } from "./media_worker_messages.ts";
import type { BitrateRange } from "./rendition.ts";
import { WorkerMedia } from "./worker_media.ts";

/** Options of {@linkcode openLiveMedia}. */
export interface LiveMediaOptions {
  /** What video is encoded to. @default {"vp8"} */
  videoCodec?: VideoCodec;
  /**
   * What encodes video, by ffmpeg's name, such as `h264_vaapi`; it must be of
   * `videoCodec`. @default {libvpx, libx264}
   */
  videoEncoder?: string;
  /**
   * Which video is handed on as it comes: `fitting` is H.264 and VP8 without
   * B-frames, which are encoded only while the path is too narrow for them;
   * `all` is also H.265, VP9 and AV1, and an error where it can't be.
   * @default {"none"}
   */
  copying?: Copying;
  /** Bits a second that video is encoded to; as a file's. */
  videoBitrates?: Partial<BitrateRange>;
  /** Pixels that pictures are scaled to. @default {theirs, at most 1080p} */
  size?: { width: number; height: number };
  /** Most frames a second that are sent. @default {60} */
  maxFrameRate?: number;
  /** The program to run, by name or path. @default {"ffmpeg"} */
  ffmpeg?: string;
  /**
   * Time for what is remote to be there; after it, it is taken to have video
   * and sound, and waited for. @default {5_000} milliseconds
   */
  patienceMs?: number;
  /** Closes the media, as disposing of it does. */
  signal?: AbortSignal;
  /** Is told when the input is gone, and when it is back. */
  log: Logger;
}

const PATIENCE_MS = 5_000;
/** Bits a second that a camera is taken to send, before that was measured. */
const COPIED_BITRATE = 20_000_000;
/** What an input is taken to have that isn't there yet. */
const UNKNOWN = {
  video: { width: 1280, height: 720, tag: "" },
  hasAudio: true,
};
/** Frames a second that bitrates are planned for, before any came. */
const LIKELY_FRAME_RATE = 30;

/**
 * Opens a live input: a camera, a microphone, an address, standard input.
 *
 * What is remote and isn't there is waited for, as are inputs that end; its
 * tracks are there all the while. Nothing is kept for later: what comes before
 * `start` is dropped.
 *
 * @throws {FfmpegError} without ffmpeg, with a device that can't be opened, and
 * with what is no media.
 * @throws the signal's reason when it is aborted.
 */
export async function openLiveMedia(
  input: LiveInput,
  options: LiveMediaOptions,
): Promise<WorkerMedia> {
  const { ffmpeg = "ffmpeg", videoCodec = "vp8", signal, log } = options;
  const { size, maxFrameRate, videoEncoder } = options;
  const copying = copyingOf(input, options);
  signal?.throwIfAborted();
  const outages = new LiveOutages(log.child({ media: input.name }));
  const opened = Promise.withResolvers<OpenedInput>();
  let onMessage = (_message: FromMediaWorker) => {};
  const plan = {
    ...{ input, ffmpeg, startMs: startTime(input), copying, maxFrameRate },
    videoEncoder,
    pictures: { size },
  };
  const worker = new MediaWorker({ type: "live", plan }, (message) => {
    outages.take(message);
    if (message.type === "opened") opened.resolve(message.input);
    if (message.type === "failed") {
      opened.reject(new FfmpegError(message.reason, message.message));
    }
    onMessage(message);
  });
  try {
    const found = await whatItHas(input, opened.promise, options);
    const { video, hasAudio } = found;
    const range = video?.copied
      ? { most: COPIED_BITRATE, ...options.videoBitrates }
      : options.videoBitrates;
    const tracks = planTracks({
      video: video && (video.copied ?? codecName(videoCodec)),
      hasAudio,
    });
    const videoBitrates = video && planBitrates({
      ...size ?? video,
      frameRate: maxFrameRate ?? LIKELY_FRAME_RATE,
    }, range);
    return new WorkerMedia({
      ...{ tracks, videoBitrates, signal },
      launch(listener) {
        onMessage = listener;
        worker.tell({ type: "deliver", delivery: { tracks, videoBitrates } });
        return worker;
      },
      discard: () => worker.close(),
    });
  } catch (error) {
    await worker.close();
    throw error;
  }
}

/** Time for the first packet of an address that doesn't wait, milliseconds. */
const START_MS = 8_000;

/** Who listens waits for others, and the first piece of HLS may be long. */
function startTime({ isRemote, listens, isPaced }: LiveInput): number {
  return isRemote && !listens && !isPaced ? START_MS : OPEN_TIMEOUT_MS;
}

/**
 * What fits is known once it is read; then it is read anew, which what comes
 * but once can't be.
 */
function copyingOf(
  { isRemote, listens }: LiveInput,
  { copying = "none" }: LiveMediaOptions,
): Copying {
  return copying === "fitting" && (!isRemote || listens) ? "none" : copying;
}

/** Waits for the input, and for one that is remote not for ever. */
async function whatItHas(
  { name, isRemote }: LiveInput,
  opened: Promise<OpenedInput>,
  { patienceMs = PATIENCE_MS, copying, signal, log }: LiveMediaOptions,
): Promise<OpenedInput> {
  const over = new AbortController();
  const aborted = Promise.withResolvers<never>();
  const listening = { signal: over.signal };
  const abort = () => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", abort, listening);
  const late = Promise.withResolvers<OpenedInput>();
  const timer = isRemote
    ? setTimeout(() => {
      log.warn(
        "the media isn't there; it is taken to have video and sound, and " +
          "waited for",
        { media: name },
      );
      // What is copied has to be of one codec already: that of most cameras.
      const copied = copying === "all" ? "H264" : undefined;
      late.resolve({ ...UNKNOWN, video: { ...UNKNOWN.video, copied } });
    }, patienceMs)
    : undefined;
  try {
    return await Promise.race([opened, late.promise, aborted.promise]);
  } finally {
    clearTimeout(timer);
    over.abort();
    // One that comes too late is told of by the media's end.
    opened.catch(() => {});
  }
}
