import type {
  MediaStreamTrack,
  RtcpPacket,
  RTCRtpReceiver,
  RtpPacket,
} from "werift";
import type { MediaCodec, MediaFrame, MediaKind } from "../../media/frame.ts";
import { FrameAssembler } from "../../media/frame_assembler.ts";
import type { RtpPacketView } from "../../media/rtp.ts";
import type { ClockPair } from "../../media/rtp_clock.ts";
import type { Logger } from "../../log.ts";
import type { TrackCounters } from "./track_counters.ts";

export interface MediaReceiverOptions {
  track: MediaStreamTrack;
  receiver: RTCRtpReceiver;
  log: Logger;
  onFrame?(frame: MediaFrame): void;
  /** Called for each packet in the order of arrival; it must not be changed. */
  onPacket?(packet: RtpPacketView): void;
  /** Called with the pair of clocks of each sender report. */
  onClock?(clock: ClockPair): void;
}

/** RFC 4855 media subtypes, in lower case, to ours. */
const CODECS: Record<string, MediaCodec> = {
  vp8: "VP8",
  h264: "H264",
  opus: "opus",
};

/** The codec of ours that one of werift's is, if any. */
export function mediaCodecOf(
  codec: { name: string } | undefined,
): MediaCodec | undefined {
  return CODECS[codec?.name.toLowerCase() ?? ""];
}

/** Least time between two requests for a keyframe, milliseconds. */
const KEYFRAME_REQUEST_INTERVAL_MS = 500;

/** Puts the packets of one received track together into frames. */
export class MediaReceiver implements Disposable {
  readonly kind: MediaKind;
  readonly #options: MediaReceiverOptions;
  readonly #subscriptions: { unSubscribe(): void }[];
  #assembler: FrameAssembler | undefined;
  #codec: MediaCodec | undefined;
  #keyframeRequestedAt = -Infinity;

  constructor(options: MediaReceiverOptions) {
    this.#options = options;
    this.kind = options.track.kind as MediaKind;
    const { track } = options;
    this.#subscriptions = [
      track.onReceiveRtp.subscribe((packet) => this.#receive(packet)),
      track.onReceiveRtcp.subscribe((packet) => this.#receiveReport(packet)),
    ];
  }

  get counters(): TrackCounters {
    const counters = this.#assembler?.counters;
    return {
      kind: this.kind,
      codec: this.#codec ?? null,
      frames: counters?.frames ?? 0,
      keyframes: counters?.keyframes ?? 0,
      bytes: counters?.bytes ?? 0,
      packets: counters?.packets ?? 0,
      packetsLost: counters?.packetsLost ?? 0,
      invalid: counters?.invalid ?? 0,
      width: counters?.width ?? null,
      height: counters?.height ?? null,
    };
  }

  /**
   * Asks the sender for a keyframe (RFC 4585 PLI), if it wasn't asked just now.
   */
  requestKeyframe(): void {
    if (this.kind !== "video") return;
    const now = performance.now();
    if (now - this.#keyframeRequestedAt < KEYFRAME_REQUEST_INTERVAL_MS) return;
    this.#keyframeRequestedAt = now;
    const { ssrc } = this.#options.track;
    if (ssrc !== undefined) void this.#options.receiver.sendRtcpPLI(ssrc);
  }

  [Symbol.dispose](): void {
    for (const { unSubscribe } of this.#subscriptions) unSubscribe();
    for (const frame of this.#assembler?.flush() ?? []) this.#deliver(frame);
  }

  #receive({ header, payload }: RtpPacket): void {
    const assembler = this.#assembler ??= this.#makeAssembler();
    if (assembler === undefined) return;
    const lost = assembler.counters.packetsLost;
    const { sequenceNumber, timestamp, marker } = header;
    const packet = { sequenceNumber, timestamp, marker, payload };
    this.#options.onPacket?.(packet);
    for (const frame of assembler.push(packet)) this.#deliver(frame);
    // After a loss the picture is broken until a keyframe.
    if (assembler.counters.packetsLost > lost) this.requestKeyframe();
  }

  #receiveReport(packet: RtcpPacket): void {
    if (!("senderInfo" in packet)) return;
    const { ntpTimestamp, rtpTimestamp } = packet.senderInfo;
    this.#options.onClock?.({ ntpTimestamp, rtpTimestamp });
  }

  #makeAssembler(): FrameAssembler | undefined {
    this.#codec = mediaCodecOf(this.#options.track.codec);
    if (this.#codec === undefined) return undefined;
    this.#options.log.info("track started", {
      kind: this.kind,
      codec: this.#codec,
    });
    return new FrameAssembler({ codec: this.#codec });
  }

  #deliver(frame: MediaFrame): void {
    const { log, onFrame } = this.#options;
    if (log.isEnabled("debug")) {
      const { kind, codec, timestamp, keyframe, width, height } = frame;
      const bytes = frame.data.length;
      log.debug("media frame", {
        ...{ kind, codec, timestamp, bytes, keyframe },
        ...(kind === "video" ? { width, height } : {}),
      });
    }
    onFrame?.(frame);
  }
}
