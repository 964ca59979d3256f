import { countBytes } from "../points/join_bytes.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import { MAX_PICTURE_BYTES } from "./file_pipeline.ts";
import { liveArguments, type LivePictures } from "./live_arguments.ts";
import { LiveBitrates } from "./live_bitrates.ts";
import { LiveClock } from "./live_clock.ts";
import { type Copying, LiveCopy } from "./live_copy.ts";
import { LiveReader, type LiveReaderOptions } from "./live_reader.ts";
import { encoderOf } from "./media_plan.ts";
import { LiveVideo } from "./live_video.ts";
import type { MediaCodec, MediaKind } from "./frame.ts";
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
  /** What encodes video, by ffmpeg's name. @default {libvpx, libx264} */
  videoEncoder?: string;
  /** Which video goes on as it comes, and isn't encoded. */
  copying: Copying;
  pictures: Pick<LivePictures, "size">;
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
  readonly #copy: LiveCopy;
  /** Whether pictures are read as they were encoded. */
  #isCopying: boolean;
  /** Whether they aren't, only as the path was too narrow for them. */
  #isNarrow = false;
  /** What is read alone, as nothing came of both kinds together. */
  #alone?: MediaKind;
  /** Whether it was opened since it was missed. */
  #isOpen = false;
  /** Whether the input is read in another way soon. */
  #isLeaving = false;
  #bitrates?: LiveBitrates;
  #outputs?: RtpOutputs;
  /** What the track of pictures is of, once there is one. */
  #sent?: MediaCodec;
  #video?: LiveVideo;
  /** Of the pictures of the input that is open now. */
  #pictureBytes?: number;
  /** Read once: all tracks' reports are of one clock, which doesn't jump. */
  readonly #epochMs = Date.now() - performance.now();
  #isOver = false;

  constructor(plan: LivePipelinePlan, events: MediaPipelineEvents) {
    this.#plan = plan;
    this.#events = events;
    const { input, ffmpeg, startMs, copying } = plan;
    this.#copy = new LiveCopy(copying);
    this.#isCopying = copying !== "none";
    if (input.isPaced) {
      this.#pacer = new SourcePacer({
        holdMs: PIECE_HOLD_MS,
        deliver: (packet) => this.#take(packet),
      });
    }
    this.#reader = new LiveReader({
      ...{ ffmpeg, startMs, comesBack: comesBack(input) },
      args: () =>
        liveArguments(input, {
          ...plan.pictures,
          ...{ copies: this.#isCopying, alone: this.#alone },
        }),
      input: input.isStdin ? "inherit" : false,
      task: `read ${input.name}`,
      limits: { packetBytes: MAX_PICTURE_BYTES },
      stallMs: input.isPaced ? PIECE_STALL_MS : STALL_MS,
      onPacket: (packet) => {
        if (this.#isLeaving) return;
        return this.#pacer?.push(packet) ?? this.#take(packet);
      },
      onOpened: (streams) => this.#open(streams),
      onOutage: (error) => this.#miss(error),
      onFailed: (error) => this.#fail(error),
    });
  }

  deliver({ tracks, videoBitrates }: Delivery): void {
    const { ffmpeg, videoEncoder: encoder, maxFrameRate } = this.#plan;
    const outputs = this.#outputs = new RtpOutputs(
      tracks,
      this.#events,
      (seconds) => this.#epochMs + this.#clock.capturedAt(seconds),
    );
    this.#sent = tracks.find(({ kind }) => kind === "video")?.codec;
    if (videoBitrates === undefined || this.#sent === undefined) return;
    this.#bitrates = new LiveBitrates(videoBitrates, this.#events.onBitrates);
    const codec = encoderOf(this.#sent);
    if (codec === undefined) return;
    this.#video = new LiveVideo({
      ...{ ffmpeg, codec, encoder, maxFrameRate, bitrates: videoBitrates },
      onFrame: (frame) => !this.#isOver && outputs.give("video", frame),
      onFailed: (error) => this.#fail(error),
    });
  }

  setVideoBitrate(bitsPerSecond: number): void {
    this.#video?.setBitrate(bitsPerSecond);
    const isAll = this.#bitrates?.isAll(bitsPerSecond);
    this.#copy.setBitrate(isAll ? Infinity : bitsPerSecond);
    const now = performance.now();
    if (!this.#isNarrow || !this.#copy.isWideAgain(now)) return;
    this.#isNarrow = false;
    this.#read({ isCopying: true });
  }

  requestKeyframe(): void {
    // A camera that is copied can't be asked for one.
    if (!this.#isCopying) this.#video?.requestKeyframe();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#pacer?.stop();
    await Promise.all([this.#reader.close(), this.#video?.close()]);
  }

  #open(streams: readonly NutStreamInfo[]): void {
    this.#isLeaving = false;
    this.#isOpen = true;
    const video = streams.find(({ size }) => size.width > 0);
    if (video && this.#isCopying) {
      this.#copy.open(video);
      if (this.#leaveCopying()) return;
    }
    this.#clock.restart();
    this.#pacer?.restart();
    this.#pictureBytes = video && video.size.width * video.size.height * 3 / 2;
    const copied = this.#isCopying ? this.#copy.codec : undefined;
    this.#events.onOpened({
      ...video && { video: { ...video.size, tag: video.tag, copied } },
      hasAudio: streams.some(({ size }) => size.width === 0),
    });
  }

  #take(packet: NutPacket): void {
    if (this.#isOver) return;
    const { size, parts } = packet;
    const now = performance.now();
    const seconds = this.#clock.timeOf(packet.seconds, now);
    if (size.width === 0) {
      return this.#outputs?.give("audio", { seconds, parts });
    }
    if (this.#isCopying) return this.#pass(packet, seconds, now);
    const bytes = countBytes(parts);
    // The header told of another size: with the next one it is known.
    if (bytes !== this.#pictureBytes) return this.#reader.reopen();
    this.#video?.encode({ seconds, parts, size });
  }

  #pass(packet: NutPacket, seconds: number, now: number): void {
    const parts = this.#copy.take(packet, now);
    if (this.#leaveCopying()) return;
    this.#bitrates?.follow(this.#copy.rate);
    if (parts) this.#outputs?.give("video", { seconds, parts });
  }

  /** Has pictures encoded that can't be copied any more; whether that is so. */
  #leaveCopying(): boolean {
    const refusal = this.#copy.refusal(this.#sent, performance.now());
    if (refusal === undefined) return false;
    this.#isNarrow = refusal.isNarrow;
    this.#refuseCopying(refusal.why);
    return true;
  }

  #refuseCopying(why: string): void {
    if (this.#plan.copying === "fitting") {
      return this.#read({ isCopying: false, why });
    }
    const text = notCopied(this.#plan.input, why);
    if (this.#sent === undefined) return this.#fail(new Error(text));
    // The camera may be set right, or another may come.
    this.#isLeaving = true;
    this.#events.onOutage(text);
    this.#reader.reopen();
  }

  /** Reads the input in another way. */
  #read({ isCopying, why }: { isCopying: boolean; why?: string }): void {
    this.#isCopying = isCopying;
    this.#isLeaving = true;
    this.#pacer?.clear();
    this.#events.onEncoding({ why });
    this.#reader.reopen({ soon: true });
  }

  #miss(error: Error): void {
    if (this.#isCopying && hasNoTimes(error)) {
      return this.#refuseCopying(NO_TIMES);
    }
    let message = this.#named(error.message);
    if (this.#isOpen) this.#alone = undefined;
    else if (error instanceof FfmpegError && error.reason === "timeout") {
      this.#alone = nextAlone(this.#alone);
      if (this.#alone) message += `; its ${this.#alone} is tried alone`;
    }
    this.#isOpen = false;
    this.#events.onOutage(message);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isCopying && hasNoTimes(error)) {
      error = new Error(notCopied(this.#plan.input, NO_TIMES));
    } else if (error instanceof FfmpegError) {
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

/** Both together, then each alone. */
function nextAlone(alone: MediaKind | undefined): MediaKind | undefined {
  if (alone === undefined) return "video";
  return alone === "video" ? "audio" : undefined;
}

const NO_TIMES = "its pictures have no times of their own";

/** Whether it is what ffmpeg says of packets that nobody knows the time of. */
function hasNoTimes(error: unknown): boolean {
  return error instanceof FfmpegError &&
    error.message.includes("av_interleaved_write_frame(): Invalid argument");
}

function notCopied({ name }: LiveInput, why: string): string {
  return `The video of ${name} can't be copied: ${why}. Set the camera to ` +
    "H.264 without B-frames, or leave --video-codec copy out, and it is encoded";
}

function comesBack(
  { isRemote, isStdin }: LiveInput,
): LiveReaderOptions["comesBack"] {
  return isRemote ? "always" : isStdin ? "never" : "once-opened";
}
