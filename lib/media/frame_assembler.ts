import { av1Format } from "./av1.ts";
import type {
  FramePart,
  MediaCodec,
  MediaFrame,
  PayloadFormat,
  PictureSize,
  VideoProfile,
} from "./frame.ts";
import { h264Format } from "./h264.ts";
import { h265Format } from "./h265.ts";
import { beginsKeyframe } from "./keyframe.ts";
import { ITEM_BYTES } from "../limits/held_bytes.ts";
import { joinBytes } from "../points/join_bytes.ts";
import { opusFormat } from "./opus.ts";
import {
  type MissingPacket,
  PacketOrder,
  type PacketSink,
} from "./packet_order.ts";
import type { RtpPacketView } from "./rtp.ts";
import { vp8Format } from "./vp8.ts";
import { vp9Format } from "./vp9.ts";

export type { RtpPacketView } from "./rtp.ts";

/** Options of a {@linkcode FrameAssembler}. */
export interface FrameAssemblerOptions {
  codec: MediaCodec;
  /** Larger frames are dropped. Bytes. @default {4194304} */
  maxFrameBytes?: number;
  /**
   * Packets to wait for one that is missing, before it is given up.
   *
   * @default {64} for video, 16 for audio
   */
  maxReorder?: number;
  /** Called for each packet in order. */
  onPacket?(packet: RtpPacketView): void;
}

/** What a {@linkcode FrameAssembler} has seen of its stream so far. */
export interface FrameCounters {
  /** Packets that were pushed, of every sort. */
  packets: number;
  /** Frames that were given out. */
  frames: number;
  /** Frames that were given out and can be decoded without another. */
  keyframes: number;
  /** Bytes of the frames that were given out. */
  bytes: number;
  /** Packets that didn't come, or not in time. */
  packetsLost: number;
  /** Packets that had come before; they are ignored. */
  duplicates: number;
  /**
   * Malformed payloads and frames, and packets with a sequence number that fits
   * to nothing.
   */
  invalid: number;
  /** Frames of which something came, but not all of it or too much. */
  framesDropped: number;
  /** Pixels, of the newest frame that told; video only. */
  width?: number;
  /** Pixels, of the newest frame that told; video only. */
  height?: number;
}

const FORMATS: Record<MediaCodec, PayloadFormat> = {
  VP8: vp8Format,
  VP9: vp9Format,
  H264: h264Format,
  H265: h265Format,
  AV1: av1Format,
  opus: opusFormat,
};

/**
 * What the packet before the next one was: the last of a frame, one within the
 * frame that is being built, one of a frame that is given up, or missing.
 */
type Position = "end" | "building" | "skipping" | "missing";

/**
 * Puts the frames of one RTP stream together from its packets, which may come
 * out of order, twice or not at all. Each frame is given out whole or not at
 * all: whatever arrives, it throws nothing and its memory is bounded by the
 * options.
 *
 * A frame ends with the marker bit, or with the first packet of another
 * timestamp. Payloads must stay unchanged until their frame was given out.
 *
 * @example
 * ```ts
 * import { FrameAssembler } from "./frame_assembler.ts";
 *
 * const assembler = new FrameAssembler({ codec: "opus" });
 * const frames = assembler.push({
 *   sequenceNumber: 1,
 *   timestamp: 960,
 *   marker: false,
 *   payload: Uint8Array.of(0xfc, 0xff, 0xfe),
 * });
 * console.assert(frames[0].data.length === 3);
 * ```
 */
export class FrameAssembler {
  readonly #builder: FrameBuilder;
  readonly #order: PacketOrder;
  /** Live: it goes on counting. */
  readonly counters: Readonly<FrameCounters>;

  constructor(options: FrameAssemblerOptions) {
    const format = FORMATS[options.codec];
    this.#builder = new FrameBuilder(options, format);
    this.counters = this.#builder.counters;
    const window = options.maxReorder ?? (format.kind === "video" ? 64 : 16);
    this.#order = new PacketOrder(
      window,
      ({ payload }) => canStart(format, payload),
      // Sound needs nothing of what was before, and yet each packet counts.
      ({ payload }) =>
        format.kind === "video" && beginsKeyframe(options.codec, payload),
      this.#builder,
    );
  }

  /**
   * Takes a packet; gives out the frames that it completes, in order.
   *
   * @param now when it came, milliseconds of any clock.
   */
  push(packet: RtpPacketView, now = 0): MediaFrame[] {
    this.#builder.counters.packets++;
    this.#order.push(packet, now);
    return this.#builder.takeFrames();
  }

  /** Gives up packets that are missing since before `time`. */
  expire(time: number): MediaFrame[] {
    this.#order.expire(time);
    return this.#builder.takeFrames();
  }

  /**
   * Goes on at a whole keyframe, if packets before it are missing since before
   * `time`; video only.
   */
  resume(time: number): MediaFrame[] {
    this.#order.resume(time);
    return this.#builder.takeFrames();
  }

  /** The profile of the newest frame that told. */
  get profile(): VideoProfile | undefined {
    return this.#builder.profile;
  }

  /** What is held, with what each packet takes besides, bytes. */
  get heldBytes(): number {
    const { heldCount, heldBytes } = this.#order;
    const { packets, bytes } = this.#builder;
    return heldBytes + bytes + ITEM_BYTES * (heldCount + packets);
  }

  /** Since when the oldest packet is missing; Infinity where none is. */
  get missingSince(): number {
    return this.#order.missingSince;
  }

  /** The packets that are missing, in order. */
  missing(): Iterable<MissingPacket> {
    return this.#order.missing();
  }

  /**
   * Gives out what can be of the packets that wait, for a stream that is over
   * or stands still. Packets that come later are still taken.
   */
  flush(): MediaFrame[] {
    this.#order.flush();
    this.#builder.flush();
    return this.#builder.takeFrames();
  }
}

function canStart(format: PayloadFormat, payload: Uint8Array): boolean {
  const part = payload.length > 0 ? format.read(payload) : undefined;
  return part?.begins === "certain" || part?.begins === "likely";
}

/** Builds frames from packets in order and the holes between them. */
class FrameBuilder implements PacketSink {
  readonly counters: FrameCounters = {
    packets: 0,
    frames: 0,
    keyframes: 0,
    bytes: 0,
    packetsLost: 0,
    duplicates: 0,
    invalid: 0,
    framesDropped: 0,
  };
  /** Of the newest frame that told. */
  profile: VideoProfile | undefined;
  readonly #codec: MediaCodec;
  readonly #format: PayloadFormat;
  readonly #maxFrameBytes: number;
  readonly #maxFramePackets: number;
  readonly #onPacket: FrameAssemblerOptions["onPacket"];
  #frames: MediaFrame[] = [];
  #position: Position = "missing";
  /** Of the newest packet that had a payload; undefined before the first. */
  #timestamp: number | undefined;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #packets = 0;
  #open = false;
  #coded = false;
  /** What the payloads of the frame tell of its size. */
  #size: PictureSize | undefined;
  #discontinuity = false;
  /** Whether the sender uses the marker bit. */
  #marks = false;
  /** Whether the stream's frames begin with what certainly begins one. */
  #delimited = false;

  constructor(options: FrameAssemblerOptions, format: PayloadFormat) {
    this.#codec = options.codec;
    this.#format = format;
    this.#maxFrameBytes = options.maxFrameBytes ?? 4 * 1024 * 1024;
    // Each part keeps its packet's buffer alive, however small the part is.
    this.#maxFramePackets = 64 + this.#maxFrameBytes / 256;
    this.#onPacket = options.onPacket;
  }

  /** Packets of the frame that is being built. */
  get packets(): number {
    return this.#packets;
  }

  /** Bytes of it so far. */
  get bytes(): number {
    return this.#bytes;
  }

  takeFrames(): MediaFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  packet(packet: RtpPacketView): void {
    this.#onPacket?.(packet);
    const { timestamp, marker, payload } = packet;
    if (payload.length === 0) return; // a probe
    const changed = timestamp !== this.#timestamp;
    if (changed && this.#position === "building") this.#end();
    const part = this.#format.read(payload);
    if (part === undefined) {
      this.counters.invalid++;
      this.#giveUp(timestamp);
    } else this.#add(part, timestamp);
    this.#timestamp = timestamp;
    if (marker && this.#format.kind === "video") this.#marks = true;
    if (!marker && !part?.ends) return;
    if (this.#position === "building") this.#end();
    else this.#position = "end";
  }

  hole(count: number): void {
    this.counters.packetsLost += count;
    this.#dropOpenFrame();
    this.#position = "missing";
    this.#discontinuity = true;
  }

  restart(): void {
    this.hole(0);
    this.#timestamp = undefined;
  }

  duplicate(): void {
    this.counters.duplicates++;
  }

  stray(): void {
    this.counters.invalid++;
  }

  /** Ends the newest frame, which has no packet after it to show its end. */
  flush(): void {
    if (this.#position !== "building") return;
    if (!this.#marks) this.#end();
    this.#dropOpenFrame();
    this.#position = "skipping";
  }

  #add(part: FramePart, timestamp: number): void {
    const building = this.#position === "building";
    if (building && part.begins === "certain") this.#end();
    if (this.#position !== "building" && !this.#begins(part, timestamp)) {
      return this.#giveUp(timestamp);
    }
    if (part.continues !== this.#open) {
      this.counters.invalid++;
      return this.#giveUp(timestamp);
    }
    this.#position = "building";
    this.#open = part.open;
    this.#coded ||= part.coded;
    this.#size = part.size ?? this.#size;
    this.#delimited ||= part.begins === "certain";
    for (const data of part.data) {
      this.#parts.push(data);
      this.#bytes += data.length;
    }
    const tooMany = ++this.#packets > this.#maxFramePackets;
    if (tooMany || this.#bytes > this.#maxFrameBytes) this.#giveUp(timestamp);
  }

  /** Whether a frame begins with this part, none being built. */
  #begins(part: FramePart, timestamp: number): boolean {
    if (part.begins === "never") return false;
    if (this.#position === "end") return true;
    if (timestamp === this.#timestamp) return false;
    if (this.#position === "skipping") return true;
    return part.begins === "certain" ||
      (part.begins === "likely" && !this.#delimited);
  }

  /**
   * Gives up the frame of this timestamp, whether some of it was kept or none.
   */
  #giveUp(timestamp: number): void {
    const joining = this.#timestamp === undefined;
    if (this.#position === "building") this.#dropOpenFrame();
    else if (timestamp !== this.#timestamp && !joining) {
      this.counters.framesDropped++;
    }
    this.#position = "skipping";
    if (!joining) this.#discontinuity = true;
  }

  #dropOpenFrame(): void {
    if (this.#position !== "building") return;
    this.counters.framesDropped++;
    this.#discontinuity = true;
    this.#clear();
  }

  #clear(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#packets = 0;
    this.#open = false;
    this.#coded = false;
    this.#size = undefined;
  }

  /** Gives out the frame that is being built, now that it is over. */
  #end(): void {
    // Parameter sets under a marker or timestamp of their own belong to the
    // picture that follows: without one it's no access unit (H.264 §7.4.1.2).
    if (!this.#coded && !this.#open) return;
    const frame = this.#open ? undefined : this.#makeFrame();
    if (frame === undefined) {
      this.counters.invalid++;
      this.counters.framesDropped++;
      this.#discontinuity = true;
    } else {
      this.counters.frames++;
      this.counters.bytes += frame.data.length;
      if (frame.keyframe) this.counters.keyframes++;
      this.#discontinuity = false;
      this.#frames.push(frame);
    }
    this.#clear();
    this.#position = "end";
  }

  #makeFrame(): MediaFrame | undefined {
    const { join = joinBytes } = this.#format;
    const data = join(this.#parts, this.#bytes);
    const traits = data && this.#format.describe(data);
    if (data === undefined || traits === undefined) return;
    const told = this.#size ?? traits;
    if (told.width !== undefined) {
      this.counters.width = told.width;
      this.counters.height = told.height;
    }
    this.profile = traits.profile ?? this.profile;
    const { width, height } = this.counters;
    return {
      kind: this.#format.kind,
      codec: this.#codec,
      timestamp: this.#timestamp!,
      data,
      keyframe: traits.keyframe,
      ...(width !== undefined && { width, height }),
      discontinuity: this.#discontinuity,
    };
  }
}
