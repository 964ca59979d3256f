import type { MediaStreamTrack, RTCRtpReceiver, RtpPacket } from "werift";
import type { MediaCodec, MediaFrame, MediaKind } from "../media/frame.ts";
import { FrameAssembler } from "../media/frame_assembler.ts";
import type { Logger } from "../log.ts";
import type { TrackCounters } from "./track_counters.ts";

export interface MediaReceiverOptions {
  track: MediaStreamTrack;
  receiver: RTCRtpReceiver;
  log: Logger;
  onFrame?(frame: MediaFrame): void;
}

/** werift's codec names (RFC 4855 media subtypes, in any case) to ours. */
const CODECS: Record<string, MediaCodec> = {
  vp8: "VP8",
  h264: "H264",
  opus: "opus",
};

/** Least time between two requests for a keyframe, milliseconds. */
const KEYFRAME_REQUEST_INTERVAL_MS = 500;

/** Puts the packets of one received track together into frames. */
export class MediaReceiver implements Disposable {
  readonly kind: MediaKind;
  readonly #options: MediaReceiverOptions;
  readonly #unsubscribe: () => void;
  #assembler: FrameAssembler | undefined;
  #codec: MediaCodec | undefined;
  #keyframeRequestedAt = -Infinity;

  constructor(options: MediaReceiverOptions) {
    this.#options = options;
    this.kind = options.track.kind as MediaKind;
    const { unSubscribe } = options.track.onReceiveRtp.subscribe(
      (packet) => this.#receive(packet),
    );
    this.#unsubscribe = unSubscribe;
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

  [Symbol.dispose](): void {
    this.#unsubscribe();
    for (const frame of this.#assembler?.flush() ?? []) this.#deliver(frame);
  }

  #receive({ header, payload }: RtpPacket): void {
    const assembler = this.#assembler ??= this.#makeAssembler();
    if (assembler === undefined) return;
    const lost = assembler.counters.packetsLost;
    const frames = assembler.push({
      sequenceNumber: header.sequenceNumber,
      timestamp: header.timestamp,
      marker: header.marker,
      payload,
    });
    for (const frame of frames) this.#deliver(frame);
    if (assembler.counters.packetsLost > lost) this.#requestKeyframe();
  }

  #makeAssembler(): FrameAssembler | undefined {
    const name = this.#options.track.codec?.name.toLowerCase() ?? "";
    this.#codec = CODECS[name];
    if (this.#codec === undefined) return undefined;
    this.#options.log.info("track started", {
      kind: this.kind,
      codec: this.#codec,
    });
    return new FrameAssembler({ codec: this.#codec });
  }

  #deliver(frame: MediaFrame): void {
    const { log, onFrame } = this.#options;
    if (log.enabled("debug")) {
      const { kind, codec, timestamp, keyframe, width, height } = frame;
      const bytes = frame.data.length;
      log.debug("media frame", {
        ...{ kind, codec, timestamp, bytes, keyframe },
        ...(kind === "video" ? { width, height } : {}),
      });
    }
    onFrame?.(frame);
  }

  /** After a loss the picture is broken until a keyframe (RFC 4585 PLI). */
  #requestKeyframe(): void {
    if (this.kind !== "video") return;
    const now = performance.now();
    if (now - this.#keyframeRequestedAt < KEYFRAME_REQUEST_INTERVAL_MS) return;
    this.#keyframeRequestedAt = now;
    const { ssrc } = this.#options.track;
    if (ssrc !== undefined) void this.#options.receiver.sendRtcpPLI(ssrc);
  }
}
