import { beginsDecoding } from "./encoded_picture.ts";
import type { VideoCodec } from "./ffmpeg_arguments.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { MAX_PICTURE_BYTES } from "./file_pipeline.ts";
import { type LivePictures, pushedArguments } from "./live_arguments.ts";
import { LiveVideo } from "./live_video.ts";
import {
  MATROSKA_TICKS_PER_S,
  matroskaHeader,
  matroskaPicture,
  type PushedFormat,
} from "./matroska_writer.ts";
import type { Delivery, MediaPipeline } from "./media_pipeline.ts";
import type { NutPacket } from "./nut.ts";
import { PushedClock } from "./pushed_clock.ts";
import { type PipelineEvents, RtpOutputs } from "./rtp_output.ts";

/** What a {@linkcode PushedPipeline} is made of; plain data. */
export interface PushedPipelinePlan {
  /** The program, by name or path. */
  ffmpeg: string;
  videoCodec: VideoCodec;
  /** What encodes it, by ffmpeg's name. @default {libvpx, libx264} */
  videoEncoder?: string;
  pictures: LivePictures;
  maxFrameRate?: number;
  delivery: Delivery;
}

/** A picture that a program has. */
export interface PushedPicture {
  /** How `bytes` is encoded. */
  format: PushedFormat;
  /** All of one picture: a JPEG file, an access unit with start codes, …. */
  bytes: Uint8Array;
  /** When it was captured, milliseconds since 1970. */
  captureTime: number;
}

/** Pictures that may be inside the decoder; the newest waits outside. */
const MOST_INSIDE = 2;
/** The same of video, none of which may be left out. */
const MOST_VIDEO_INSIDE = 30;
/** What is inside for so long doesn't come: it was broken, milliseconds. */
const BROKEN_MS = 1_000;

/** One decoder: for pictures of one format. */
interface Decoder {
  format: PushedFormat;
  process: FfmpegProcess;
  /** Ticks of the first picture, which its times count from. */
  zero: number;
  /** Pictures that went in and didn't come out, by their ticks. */
  inside: { ticks: number; seconds: number; since: number }[];
}

/**
 * A program's pictures on their way to RTP: decoded by one ffmpeg, encoded by
 * another, with the times that they came with. Where the machine is too slow,
 * the newest goes on and the ones before it are left out.
 */
export class PushedPipeline implements MediaPipeline {
  readonly #plan: PushedPipelinePlan;
  readonly #outputs: RtpOutputs;
  readonly #clock = new PushedClock();
  readonly #video?: LiveVideo;
  readonly #onFailed: (error: unknown) => void;
  readonly #closing = new Set<Promise<void>>();
  #decoder?: Decoder;
  #waiting?: { picture: PushedPicture; seconds: number };
  /** Whether video was left out, so that what follows can't be decoded. */
  #lacksVideo = false;
  #isOver = false;

  constructor(plan: PushedPipelinePlan, events: PipelineEvents) {
    this.#plan = plan;
    const { ffmpeg, maxFrameRate, delivery } = plan;
    const { videoCodec: codec, videoEncoder: encoder } = plan;
    this.#onFailed = (error) => {
      if (!this.#isOver) events.onFailed(error);
      this.#isOver = true;
    };
    const outputs = this.#outputs = new RtpOutputs(
      delivery.tracks,
      events,
      (seconds) => this.#clock.capturedAt(seconds),
    );
    if (delivery.videoBitrates === undefined) return;
    this.#video = new LiveVideo({
      ...{ ffmpeg, codec, encoder, maxFrameRate },
      bitrates: delivery.videoBitrates,
      onFrame: (frame) => !this.#isOver && outputs.give("video", frame),
      onFailed: this.#onFailed,
    });
  }

  push(picture: PushedPicture): void {
    if (this.#isOver) return;
    const seconds = this.#clock.timeOf(picture.captureTime);
    if (seconds === undefined) return;
    const parts = [picture.bytes];
    if (this.#video === undefined) {
      return this.#outputs.give("video", { seconds, parts });
    }
    if (!this.#mayFollow(picture)) return;
    this.#waiting = { picture, seconds };
    this.#feed();
  }

  /** Of video all is left out from what there is no room for to a keyframe. */
  #mayFollow({ format, bytes }: PushedPicture): boolean {
    const isMissed = this.#lacksVideo || this.#waiting !== undefined;
    this.#lacksVideo = isMissed && !isPicture(format) &&
      !beginsDecoding(format, bytes);
    return !this.#lacksVideo;
  }

  setVideoBitrate(bitsPerSecond: number): void {
    this.#video?.setBitrate(bitsPerSecond);
  }

  requestKeyframe(): void {
    this.#video?.requestKeyframe();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#leave();
    await Promise.all([...this.#closing, this.#video?.close()]);
  }

  /** Hands the decoder what waits, where there is room for it. */
  #feed(): void {
    if (this.#waiting === undefined || this.#isOver) return;
    const { picture: { format, bytes }, seconds } = this.#waiting;
    const ticks = Math.round(seconds * MATROSKA_TICKS_PER_S);
    if (this.#decoder?.format !== format) this.#leave();
    const decoder = this.#decoder ??= this.#open(format, ticks);
    if (decoder === undefined) return;
    const now = performance.now();
    const { inside } = decoder;
    while (inside[0] && now - inside[0].since > BROKEN_MS) inside.shift();
    const most = isPicture(format) ? MOST_INSIDE : MOST_VIDEO_INSIDE;
    if (inside.length >= most) return;
    this.#waiting = undefined;
    inside.push({ ticks: ticks - decoder.zero, seconds, since: now });
    decoder.process.write(matroskaPicture(bytes, ticks - decoder.zero));
  }

  #open(format: PushedFormat, zero: number): Decoder | undefined {
    try {
      const process = new FfmpegProcess({
        ffmpeg: this.#plan.ffmpeg,
        args: pushedArguments(this.#plan.pictures),
        input: true,
        task: `decoded ${format} pictures`,
        limits: { packetBytes: MAX_PICTURE_BYTES },
        onPacket: (packet) => this.#take(decoder, packet),
      });
      const decoder: Decoder = { format, process, zero, inside: [] };
      process.write([matroskaHeader(format)]);
      process.ended.catch((error) => {
        if (this.#decoder === decoder) this.#onFailed(error);
      });
      return decoder;
    } catch (error) {
      this.#onFailed(error);
      return undefined;
    }
  }

  #leave(): void {
    const closing = this.#decoder?.process.close();
    this.#decoder = undefined;
    if (closing === undefined) return;
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }

  #take(decoder: Decoder, { seconds, parts, size }: NutPacket): void {
    if (this.#decoder !== decoder) return;
    // Times begin at 1 with the first picture that went in.
    const at = this.#indexOf(decoder, seconds - 1);
    const [of] = decoder.inside.splice(0, at + 1).slice(-1);
    if (of) this.#video?.encode({ seconds: of.seconds, parts, size });
    this.#feed();
  }

  #indexOf({ inside }: Decoder, seconds: number): number {
    const ticks = seconds * MATROSKA_TICKS_PER_S;
    const past = inside.findIndex((one) => one.ticks > ticks + 1);
    return (past < 0 ? inside.length : past) - 1;
  }
}

/** Whether each can be decoded alone. */
function isPicture(format: PushedFormat): boolean {
  return format === "jpeg" || format === "png";
}
