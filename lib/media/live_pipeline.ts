import type { VideoCodec } from "./ffmpeg_arguments.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import { MAX_PICTURE_BYTES } from "./file_pipeline.ts";
import { liveArguments, type LivePictures } from "./live_arguments.ts";
import { LiveClock } from "./live_clock.ts";
import { LiveReader, type LiveReaderOptions } from "./live_reader.ts";
import { LiveVideo } from "./live_video.ts";
import type { LiveInput } from "./media_input.ts";
import type {
  Delivery,
  MediaPipeline,
  MediaPipelineEvents,
} from "./media_pipeline.ts";
import type { NutPacket, NutStreamInfo } from "./nut.ts";
import { RtpOutputs } from "./rtp_output.ts";
import { SourcePacer } from "./source_pacer.ts";

/** What a {@linkcode LivePipeline} is made of; plain data. */
export interface LivePipelinePlan {
  input: LiveInput;
  /** The program, by name or path. */
  ffmpeg: string;
  /** Time for the first packet after it was opened, milliseconds. */
  startMs: number;
  videoCodec: VideoCodec;
  pictures: LivePictures;
  /** Most frames a second that are encoded. */
  maxFrameRate?: number;
}

/** Time without anything, after which an input is opened again. */
const STALL_MS = 5_000;
/** What comes in pieces may wait for the next for longer. */
const PIECE_STALL_MS = 30_000;
/** What comes in pieces waits as long for what is late. */
const PIECE_HOLD_MS = 500;

/**
 * A live input's way to RTP, which nothing waits on: what came is encoded and
 * sent at once. When the input ends it is opened again, and its times go on.
 */
export class LivePipeline implements MediaPipeline {
  readonly #plan: LivePipelinePlan;
  readonly #events: MediaPipelineEvents;
  readonly #clock = new LiveClock();
  readonly #reader: LiveReader;
  readonly #pacer?: SourcePacer<NutPacket>;
  #outputs?: RtpOutputs;
  #video?: LiveVideo;
  /** Of the pictures of the input that is open now. */
  #pictureBytes?: number;
  /** Read once: all tracks' reports are of one clock, which doesn't jump. */
  readonly #epochMs = Date.now() - performance.now();
  #isOver = false;

  constructor(plan: LivePipelinePlan, events: MediaPipelineEvents) {
    this.#plan = plan;
    this.#events = events;
    const { input, ffmpeg, startMs } = plan;
    if (input.isPaced) {
      this.#pacer = new SourcePacer({
        holdMs: PIECE_HOLD_MS,
        deliver: (packet) => this.#take(packet),
      });
    }
    this.#reader = new LiveReader({
      ...{ ffmpeg, startMs, comesBack: comesBack(input) },
      args: liveArguments(input, plan.pictures),
      input: input.isStdin ? "inherit" : false,
      task: `read ${input.name}`,
      limits: { packetBytes: MAX_PICTURE_BYTES },
      stallMs: input.isPaced ? PIECE_STALL_MS : STALL_MS,
      onPacket: (packet) => this.#pacer?.push(packet) ?? this.#take(packet),
      onOpened: (streams) => this.#open(streams),
      onOutage: ({ message }) => events.onOutage(this.#named(message)),
      onFailed: (error) => this.#fail(error),
    });
  }

  deliver({ tracks, videoBitrates }: Delivery): void {
    const { ffmpeg, videoCodec: codec, maxFrameRate } = this.#plan;
    const outputs = this.#outputs = new RtpOutputs(
      tracks,
      this.#events,
      (seconds) => this.#epochMs + this.#clock.capturedAt(seconds),
    );
    if (videoBitrates === undefined) return;
    this.#video = new LiveVideo({
      ...{ ffmpeg, codec, maxFrameRate, bitrates: videoBitrates },
      onFrame: (frame) => !this.#isOver && outputs.give("video", frame),
      onFailed: (error) => this.#fail(error),
    });
  }

  setVideoBitrate(bitsPerSecond: number): void {
    this.#video?.setBitrate(bitsPerSecond);
  }

  requestKeyframe(): void {
    this.#video?.requestKeyframe();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#pacer?.stop();
    await Promise.all([this.#reader.close(), this.#video?.close()]);
  }

  #open(streams: readonly NutStreamInfo[]): void {
    this.#clock.restart();
    this.#pacer?.restart();
    const video = streams.find(({ size }) => size.width > 0);
    this.#pictureBytes = video && video.size.width * video.size.height * 3 / 2;
    this.#events.onOpened({
      ...video && { video: { ...video.size, tag: video.tag } },
      hasAudio: streams.some(({ size }) => size.width === 0),
    });
  }

  #take(packet: NutPacket): void {
    if (this.#isOver) return;
    const { size, parts } = packet;
    const seconds = this.#clock.timeOf(packet.seconds, performance.now());
    if (size.width === 0) {
      return this.#outputs?.give("audio", { seconds, parts });
    }
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    // The header told of another size: with the next one it is known.
    if (bytes !== this.#pictureBytes) return this.#reader.reopen();
    this.#video?.encode({ seconds, parts, size });
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (error instanceof FfmpegError) {
      error = new FfmpegError(error.reason, this.#named(error.message));
    }
    this.#events.onFailed(error);
  }

  /** Without what an address has of secrets. */
  #named(message: string): string {
    const { url, name } = this.#plan.input;
    return message.replaceAll(url, name);
  }
}

function comesBack(
  { isRemote, isStdin }: LiveInput,
): LiveReaderOptions["comesBack"] {
  return isRemote ? "always" : isStdin ? "never" : "once-opened";
}
