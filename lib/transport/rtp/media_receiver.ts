import type {
  MediaCodec,
  MediaFrame,
  MediaKind,
  VideoProfile,
} from "../../media/frame.ts";
import type { HeldShare } from "../../limits/held_bytes.ts";
import { FrameAssembler } from "../../media/frame_assembler.ts";
import type { RtpPacket, RtpPacketView } from "../../media/rtp.ts";
import type { ClockPair } from "../../media/rtp_clock.ts";
import type { Logger } from "../../log.ts";
import { PlayoutDelay, repairMsFor } from "./playout_delay.ts";
import { Reception } from "./reception.ts";
import { patienceFor, RepairRequests } from "./repair_requests.ts";
import type { ReportBlock, SenderReport } from "./rtcp.ts";
import type { Section } from "./section.ts";
import type { TrackCounters } from "./track_counters.ts";

/** What a receiver asks its sender over. */
export interface ReceiveLink {
  readonly roundTripMs: number;
  /** Asks for packets, by their sequence numbers. */
  requestPackets(ssrc: number, sequenceNumbers: readonly number[]): void;
  requestKeyframe(ssrc: number): void;
}

export interface MediaReceiverOptions {
  section: Section;
  link: ReceiveLink;
  log: Logger;
  /** Is told what is held. @default {nobody} */
  held?: HeldShare;
  onFrame?(frame: MediaFrame): void;
  /**
   * Called for each packet in order, without those that never came; it must not
   * be changed.
   */
  onPacket?(packet: RtpPacketView): void;
  /** Called with the codec that comes, before its first packet is handed on. */
  onCodec?(codec: MediaCodec): void;
  /** Called with the profile of what comes, once known, and if it changes. */
  onProfile?(profile: VideoProfile): void;
  /** Called with the pair of clocks of each sender report. */
  onClock?(clock: ClockPair): void;
}

/** Least time between two requests for a keyframe, beside a round trip. */
const KEYFRAME_REQUEST_INTERVAL_MS = 500;
/** Least time between two looks at what is missing. */
const REPAIR_INTERVAL_MS = 1;
/** Times that a log tells of a track that starts. */
const MAX_STARTS = 8;
/** How long a packet is waited for that can't be asked for, milliseconds. */
const REORDERING_MS = 80;
/** Packets that may wait for one that is missing: seconds of rich video. */
const MAX_HELD: Record<MediaKind, number> = { video: 2048, audio: 128 };

/**
 * Takes the packets of one track: has those that are missing sent again, waits
 * for them as long as it is worth it, and puts frames together.
 */
export class MediaReceiver implements Disposable {
  readonly kind: MediaKind;
  readonly section: Section;
  readonly #options: MediaReceiverOptions;
  readonly #repairs = new RepairRequests();
  readonly #reception: Reception;
  #assembler: FrameAssembler | undefined;
  #codec: MediaCodec | undefined;
  #profile: VideoProfile | undefined;
  #ssrc: number | undefined;
  #keyframeRequestedAt = -Infinity;
  #repairedAt = -Infinity;
  readonly #playoutDelay = new PlayoutDelay();
  #starts = 0;
  #packetsRequested = 0;
  #keyframesRequested = 0;
  /** Whether the picture is broken until a keyframe comes. */
  #isBroken = false;
  #isOver = false;
  /** When `wake` is to be called, milliseconds; Infinity for not at all. */
  wakeAt = Infinity;

  constructor(options: MediaReceiverOptions) {
    this.#options = options;
    this.section = options.section;
    this.kind = options.section.kind;
    this.#reception = new Reception(options.section.clockRate);
  }

  get counters(): TrackCounters {
    const counters = this.#assembler?.counters;
    return {
      kind: this.kind,
      name: this.section.name ?? null,
      codec: this.#codec ?? null,
      frames: counters?.frames ?? 0,
      keyframes: counters?.keyframes ?? 0,
      bytes: counters?.bytes ?? 0,
      packets: (counters?.packets ?? 0) - (counters?.duplicates ?? 0),
      packetsLost: counters?.packetsLost ?? 0,
      packetsRequested: this.#packetsRequested,
      keyframesRequested: this.#keyframesRequested,
      invalid: counters?.invalid ?? 0,
      width: counters?.width ?? null,
      height: counters?.height ?? null,
    };
  }

  /**
   * Asks the sender for a keyframe (RFC 4585 PLI), if one that it was asked for
   * just now can't be on its way.
   */
  requestKeyframe(now: number = performance.now()): void {
    const { section, link } = this.#options;
    if (this.kind !== "video" || !section.hasPli) return;
    const interval = KEYFRAME_REQUEST_INTERVAL_MS + link.roundTripMs;
    if (now - this.#keyframeRequestedAt < interval) return;
    const ssrc = this.#ssrc ?? section.remoteSsrcs[0];
    if (ssrc === undefined) return;
    this.#keyframeRequestedAt = now;
    this.#keyframesRequested++;
    link.requestKeyframe(ssrc);
  }

  /** Takes a packet of the stream, as it came or was sent again. */
  receive(packet: RtpPacket, now: number, isRepeated: boolean): void {
    if (this.#isOver) return;
    const { payloadType, ssrc, sequenceNumber, timestamp } = packet;
    const codec = this.section.codecs.get(payloadType);
    if (codec === undefined) return;
    if (!isRepeated) {
      this.#ssrc = ssrc;
      this.#reception.packet(sequenceNumber, timestamp, now);
    }
    const assembler = this.#assemblerOf(codec);
    const { roundTripMs } = this.#options.link;
    const playoutDelayMs = this.#playoutDelay.at(now, roundTripMs);
    const taken = playoutDelayMs > 0 ? { ...packet, playoutDelayMs } : packet;
    this.#follow(now, () => assembler.push(taken, now));
  }

  /** Takes the sender's report. */
  receiveReport(report: SenderReport, now: number): void {
    if (this.#isOver) return;
    this.#reception.senderReport(report, now);
    const { ntpTimestamp, rtpTimestamp } = report;
    this.#options.onClock?.({ ntpTimestamp, rtpTimestamp });
  }

  /** The block of a receiver report; undefined before something came. */
  report(now: number): ReportBlock | undefined {
    if (this.#ssrc === undefined) return undefined;
    return this.#reception.block(this.#ssrc, now);
  }

  /** Does what is due: asks again, or gives a packet up. */
  wake(now: number): void {
    const assembler = this.#assembler;
    if (assembler === undefined || this.#isOver) return;
    this.#follow(now, () => assembler.expire(now - this.#waitMs(patienceFor)));
  }

  /**
   * Hands on what can be of the packets that wait, and takes no more: while a
   * connection closes some still come.
   */
  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#flush();
  }

  #flush(): void {
    for (const frame of this.#assembler?.flush() ?? []) this.#deliver(frame);
  }

  /**
   * How long a packet is waited for, milliseconds.
   *
   * @param timeFor how long where it can be asked for, by the round trip.
   */
  #waitMs(timeFor: (roundTripMs: number) => number): number {
    const { section, link } = this.#options;
    return section.hasNack ? timeFor(link.roundTripMs) : REORDERING_MS;
  }

  /** Hands on frames that a change makes whole, and asks for the missing. */
  #follow(now: number, change: () => MediaFrame[]): void {
    const assembler = this.#assembler!;
    const lost = assembler.counters.packetsLost;
    const frames = change();
    if (assembler.missingSince < Infinity) {
      frames.push(...assembler.resume(now - this.#waitMs(repairMsFor)));
    }
    // After a loss the picture is broken until a keyframe.
    if (assembler.counters.packetsLost > lost) this.#isBroken = true;
    this.#options.held?.set(assembler.heldBytes);
    for (const frame of frames) this.#deliver(frame);
    if (this.#isBroken) this.requestKeyframe(now);
    this.#repair(assembler, now);
  }

  #repair(assembler: FrameAssembler, now: number): void {
    const { section, link } = this.#options;
    const { missingSince } = assembler;
    this.wakeAt = missingSince + this.#waitMs(patienceFor);
    if (!section.hasNack || this.#ssrc === undefined) return;
    if (missingSince === Infinity && this.#repairs.isEmpty) return;
    // Where much is missing, not each packet is worth looking through it.
    if (now - this.#repairedAt < REPAIR_INTERVAL_MS) {
      const next = this.#repairedAt + REPAIR_INTERVAL_MS;
      this.wakeAt = Math.min(this.wakeAt, next);
      return;
    }
    this.#repairedAt = now;
    const { roundTripMs } = link;
    const numbers = this.#repairs.due(assembler.missing(), now, roundTripMs);
    this.wakeAt = Math.min(this.wakeAt, this.#repairs.wakeAt);
    if (numbers.length === 0) return;
    this.#packetsRequested += numbers.length;
    this.#playoutDelay.repaired(now);
    link.requestPackets(this.#ssrc, numbers);
  }

  #assemblerOf(codec: MediaCodec): FrameAssembler {
    if (this.#assembler !== undefined && codec === this.#codec) {
      return this.#assembler;
    }
    this.#flush();
    this.#codec = codec;
    this.#profile = undefined;
    const { onPacket, onCodec, log } = this.#options;
    if (this.#starts++ < MAX_STARTS) {
      log.info("track started", { kind: this.kind, codec });
    }
    onCodec?.(codec);
    return this.#assembler = new FrameAssembler({
      codec,
      maxReorder: MAX_HELD[this.kind],
      onPacket,
    });
  }

  #tellProfile(): void {
    const { profile } = this.#assembler!;
    if (profile === undefined || isSame(profile, this.#profile)) return;
    this.#profile = profile;
    this.#options.onProfile?.(profile);
  }

  #deliver(frame: MediaFrame): void {
    const { log, onFrame } = this.#options;
    if (frame.keyframe) {
      this.#isBroken = false;
      this.#tellProfile();
    } else if (frame.discontinuity) this.#isBroken = true;
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

function isSame(a: VideoProfile, b: VideoProfile | undefined): boolean {
  return a.profile === b?.profile && a.level === b.level && a.tier === b.tier;
}
