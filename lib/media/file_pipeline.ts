import { countBytes } from "../points/join_bytes.ts";
import type { MediaInfo } from "./ffmpeg.ts";
import {
  AUDIO_PACKET_S,
  decoderArguments,
  isDecodedOnce,
  pictureFormat,
  type VideoCodec,
} from "./ffmpeg_arguments.ts";
import { FileRounds } from "./file_rounds.ts";
import { FollowingEncoder } from "./following_encoder.ts";
import { MAX_HOLD_MS, SourcePacer } from "./source_pacer.ts";
import type { MediaTrack } from "./media_track.ts";
import type { NutPacket } from "./nut.ts";
import type { BitrateRange } from "./rendition.ts";
import type { MediaPipeline } from "./media_pipeline.ts";
import { type PipelineEvents, RtpOutputs } from "./rtp_output.ts";
import type { TimedFrame } from "./video_encoder.ts";

/** What a {@linkcode FilePipeline} is made of; plain data. */
export interface FilePipelinePlan {
  /** The media file. */
  path: string;
  /** The program, by name or path. */
  ffmpeg: string;
  /** Time for the first packet, milliseconds. */
  startMs: number;
  info: MediaInfo;
  /** The video's, if there is any, before the audio's. */
  tracks: readonly MediaTrack[];
  videoCodec: VideoCodec;
  /** What encodes it, by ffmpeg's name. @default {libvpx, libx264} */
  videoEncoder?: string;
  /** None where there is no video. */
  videoBitrates?: BitrateRange;
}

/** Largest picture that is taken, bytes: 7680 x 4320 in 4:2:0. */
export const MAX_PICTURE_BYTES = 7680 * 4320 * 3 / 2;

/**
 * A file's way to RTP: one ffmpeg decodes it in real time, over and over, and
 * another encodes the pictures, so that it can be replaced without a gap.
 */
export class FilePipeline implements MediaPipeline {
  readonly #plan: FilePipelinePlan;
  readonly #events: PipelineEvents;
  readonly #outputs: RtpOutputs;
  readonly #pacer: SourcePacer<NutPacket>;
  readonly #decoder: FileRounds;
  #encoder?: FollowingEncoder;
  /** As asked for last. */
  #bitrate?: number;
  #pictureBytes = 0;
  /** Read once: all tracks' reports are of one clock, which doesn't jump. */
  readonly #epochMs = Date.now() - performance.now();
  #isOver = false;

  /** @throws {FfmpegError} where ffmpeg can't be run. */
  constructor(plan: FilePipelinePlan, events: PipelineEvents) {
    this.#plan = plan;
    this.#events = events;
    this.#outputs = new RtpOutputs(
      plan.tracks,
      events,
      (seconds) => this.#epochMs + this.#pacer.dueTime(seconds),
    );
    this.#pacer = new SourcePacer({
      holdMs: holdTime(plan.info),
      deliver: (packet) => this.#deliver(packet),
    });
    this.#decoder = new FileRounds({
      process: {
        ffmpeg: plan.ffmpeg,
        args: decoderArguments(plan.path, plan.info, plan.videoBitrates),
        input: false,
        task: `streamed ${plan.path}`,
        limits: { packetBytes: MAX_PICTURE_BYTES },
        startMs: plan.startMs,
      },
      isOnce: isDecodedOnce(plan.info),
      durationOf: ({ size }) =>
        size.width > 0
          ? 1 / pictureFormat(plan.info.video!).frameRate
          : AUDIO_PACKET_S,
      onPacket: (packet) => this.#take(packet),
      onFailed: (error) => this.#fail(error),
    });
  }

  /** Asks for video of about so many bits a second. */
  setVideoBitrate(bitsPerSecond: number): void {
    this.#bitrate = bitsPerSecond;
    this.#encoder?.setBitrate(bitsPerSecond);
  }

  /** Asks for a keyframe soon. */
  requestKeyframe(): void {
    this.#encoder?.requestKeyframe();
  }

  /** Ends all; resolves when it is gone. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#pacer.stop();
    await Promise.all([this.#decoder.close(), this.#encoder?.close()]);
  }

  #take(packet: NutPacket): Promise<void> {
    const kind = this.#plan.tracks[packet.stream].kind;
    if (kind === "video") {
      this.#encoder ??= this.#createEncoder(packet);
      this.#encoder.prepare(packet.parts);
    }
    return this.#pacer.push(packet);
  }

  #createEncoder({ size }: NutPacket): FollowingEncoder {
    this.#pictureBytes = size.width * size.height * 3 / 2;
    const { ffmpeg, info, videoBitrates } = this.#plan;
    const { videoCodec: codec, videoEncoder: encoder } = this.#plan;
    return new FollowingEncoder({
      ...{ ffmpeg, codec, encoder },
      format: { ...pictureFormat(info.video!), ...size },
      bitrates: videoBitrates!,
      bitrate: this.#bitrate,
      onFrame: (frame) => this.#give("video", frame),
      onFailed: (error) => this.#fail(error),
    });
  }

  #deliver(packet: NutPacket): void {
    if (this.#plan.tracks[packet.stream].kind === "audio") {
      return this.#give("audio", packet);
    }
    const bytes = countBytes(packet.parts);
    if (bytes !== this.#pictureBytes) {
      const { path } = this.#plan;
      const why = `The pictures of ${path} change their size midway: ` +
        `give a file whose pictures are all of one size`;
      return this.#fail(new Error(why));
    }
    this.#encoder!.encode(packet);
  }

  #give(kind: MediaTrack["kind"], frame: TimedFrame): void {
    if (!this.#isOver) this.#outputs.give(kind, frame);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onFailed(error);
  }
}

/** Time for which all waits at least, for what is of another track. */
const MIN_HOLD_MS = 300;
/**
 * Frames that wait for others, in a decoder that reorders and in the filter
 * that makes their rate constant.
 */
const HELD_FRAMES = 4;

function holdTime({ video }: MediaInfo): number {
  const framesMs = video ? 1000 * HELD_FRAMES / video.frameRate : 0;
  return Math.min(MIN_HOLD_MS + framesMs, MAX_HOLD_MS);
}
