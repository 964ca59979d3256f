import { beginsKeyframe } from "../../media/keyframe.ts";
import type { RtpPacketView } from "../../media/rtp.ts";
import { type ClockPair, ntpTimeAt } from "../../media/rtp_clock.ts";
import { Allowance } from "./allowance.ts";
import { PRIORITY, type Priority } from "./media_pacer.ts";
import { PacketCache, type SentPacket } from "./packet_cache.ts";
import { compactNtp, type ReportBlock, senderReport } from "./rtcp.ts";
import { PlayoutDelay, playoutDelayValue } from "./playout_delay.ts";
import { type HeaderExtension, writeHeader } from "./rtp_header.ts";
import { extendSequence, sequenceDistance } from "../../media/sequence.ts";
import type { Section } from "./section.ts";

/** What a stream sends with. */
export interface SendLink {
  /** Has a packet sent when it may leave. */
  pace(
    packet: { stream: object; bytes: number; send(now: number): void },
    priority: Priority,
  ): void;
  /**
   * Encrypts a packet and sends it.
   *
   * @param make makes the header, given the transport-wide sequence number.
   * @returns the datagram; undefined where there are no keys.
   */
  transmit(
    make: (transportWide: number) => Uint8Array,
    payload: Uint8Array,
    now: number,
  ): Uint8Array | undefined;
  /** Sends a datagram again as it is. */
  repeat(datagram: Uint8Array): void;
  /** Forgets what waits of a stream; returns how many packets. */
  drop(stream: object): number;
  /** How long a packet that is handed over now waits, milliseconds. */
  readonly waitMs: number;
  /** Whether there is no queue: what is lost wasn't too much. */
  readonly isFree: boolean;
  readonly roundTripMs: number;
}

/** Counts of one stream that is sent. */
export interface SendCounters {
  /** Packets and bytes of payload sent, each once. */
  packets: number;
  bytes: number;
  /** Packets that were sent again, and their bytes. */
  repeated: number;
  bytesRepeated: number;
  /** Packets that were not sent, as the path takes less. */
  dropped: number;
  /** Requests for packets, and for keyframes, that came. */
  nacks: number;
  keyframeRequests: number;
}

/** How long packets wait: then newer ones have to do, milliseconds. */
const MAX_WAIT_MS = 500;
/**
 * How much longer it may be as a keyframe takes time, of which the next one
 * would take the same.
 */
const MAX_KEYFRAME_MS = 2_000;
/** Share of what is sent that may be sent again. */
const MAX_REPEATED_SHARE = 0.5;
/** Bytes that may be sent again at once. */
const REPEAT_BURST_BYTES = 64 * 1024;
/**
 * Share of what is sent up to which all that is sent again is sent twice: one
 * that is lost once more costs another round trip.
 */
const COPIES_SHARE = 0.085;
const COPIES_BURST_BYTES = 16 * 1024;
/** What is found missing is asked for within this of a round trip. */
const RESEND_SHARE = 0.8;
const LEAST_RESEND_MS = 5;

/**
 * One RTP stream that is sent: packets get sequence numbers of its own, with
 * the holes of their source, and are kept for those who miss one (RFC 4585, RFC
 * 4588).
 */
export class SendStream {
  readonly section: Section;
  readonly counters: SendCounters = {
    packets: 0,
    bytes: 0,
    repeated: 0,
    bytesRepeated: 0,
    dropped: 0,
    nacks: 0,
    keyframeRequests: 0,
  };
  /** Called when the peer can't go on without a keyframe. */
  onKeyframeRequest: () => void = () => {};
  readonly #link: SendLink;
  readonly #cache = new PacketCache();
  #clock: ClockPair | undefined;
  /** The last packet's numbers, of the source and extended of our own. */
  #from: number | undefined;
  #number = 2 ** 16 + Math.floor(Math.random() * 2 ** 15);
  /** The number of the last packet that has left. */
  #sentNumber = this.#number;
  #rtxNumber = Math.floor(Math.random() * 2 ** 15);
  #newestTimestamp = 0;
  /** Whether packets are left out until a keyframe begins. */
  #isSkipping: boolean;
  /** Whether a keyframe is to be asked for, as the path takes it. */
  #isOwed = false;
  /** The newest keyframe: its last packet, and how long that waits. */
  #keyframe = { timestamp: -1, end: -1, waitMs: 0 };
  readonly #repeats = new Allowance(MAX_REPEATED_SHARE, REPEAT_BURST_BYTES);
  /** Up to which each repetition is sent twice. */
  readonly #copies = new Allowance(COPIES_SHARE, COPIES_BURST_BYTES);
  readonly #playoutDelay = new PlayoutDelay();
  #hasDelay = false;
  /** What packets were held back for on their way here. */
  #playoutDelayMs = 0;
  /** The last report, as the peer names it, and when it went out. */
  #reported: { compact: number; at: number } | undefined;

  constructor(section: Section, link: SendLink) {
    this.section = section;
    this.#link = link;
    this.#isSkipping = section.kind === "video";
  }

  /** Keeps the reports on the clock that the packets' source reports. */
  synchronize(clock: ClockPair): void {
    this.#clock = clock;
  }

  /**
   * Sends a packet when the pacer lets it; it must stay unchanged. Video that
   * the path doesn't take is left out until a keyframe begins.
   */
  send(packet: RtpPacketView): void {
    const { kind } = this.section;
    if (kind === "video" && this.#isLeftOut(packet)) return;
    const number = this.#advance(packet.sequenceNumber);
    this.#link.pace(
      {
        stream: this,
        bytes: packet.payload.length,
        send: (now) => this.#transmit(packet, number, now),
      },
      PRIORITY[kind],
    );
    if (kind === "video") this.#noteKeyframe(packet, number);
  }

  /**
   * Notes a packet that is left out on purpose: what follows has no hole before
   * it, but those that its source has.
   */
  leaveOut({ sequenceNumber }: RtpPacketView): void {
    this.#advance(sequenceNumber);
    this.#number--;
    this.counters.dropped++;
  }

  /**
   * Takes what the peer says of the stream.
   *
   * @returns the round-trip time that shows (RFC 3550 section 6.4.1),
   * milliseconds, where it names the last report.
   */
  takeBlock(block: ReportBlock, now: number): number | undefined {
    if (block.lastReport !== this.#reported?.compact) return undefined;
    const held = block.sinceLastReport / 65_536 * 1000;
    return Math.max(0, now - this.#reported.at - held);
  }

  /** Sends what the peer misses again, where it is worth it. */
  repeat(sequenceNumbers: readonly number[], now: number): void {
    this.counters.nacks++;
    this.#playoutDelay.repaired(now);
    const { roundTripMs } = this.#link;
    const wait = Math.max(LEAST_RESEND_MS, RESEND_SHARE * roundTripMs);
    for (const sequenceNumber of sequenceNumbers) {
      const number = extendSequence(this.#sentNumber, sequenceNumber);
      const packet = this.#cache.find(number, now - wait);
      if (packet === undefined) continue;
      const bytes = packet.datagram.length;
      if (!this.#repeats.take(bytes)) return;
      packet.sentAt = now;
      packet.sent++;
      const again = {
        ...{ stream: this, bytes },
        send: (now: number) => this.#repeat(packet, now),
      };
      this.#link.pace(again, PRIORITY.repair);
      // Behind what waits: what is lost beside one another is lost together.
      if (this.#hasCopy(bytes)) this.#link.pace(again, PRIORITY.video);
    }
  }

  /** Whether what is sent again is sent twice. */
  #hasCopy(bytes: number): boolean {
    this.#copies.charge(bytes);
    // Without RTX it would look like a replay.
    const { rtxPayloadType } = this.section;
    if (rtxPayloadType === undefined || !this.#link.isFree) return false;
    return this.#copies.take(bytes);
  }

  /**
   * The sender's report of now; undefined before there is something to say.
   */
  report(now: number): Uint8Array | undefined {
    const { clockRate, ssrc } = this.section;
    const { packets, bytes } = this.counters;
    if (this.#clock === undefined || packets === 0) return undefined;
    const rtpTimestamp = this.#newestTimestamp;
    const ntpTimestamp = ntpTimeAt(this.#clock, rtpTimestamp, clockRate);
    this.#reported = { compact: compactNtp(ntpTimestamp), at: now };
    return senderReport({
      ssrc,
      ntpTimestamp,
      rtpTimestamp,
      packets,
      octets: bytes,
    });
  }

  #noteKeyframe({ timestamp, payload }: RtpPacketView, end: number): void {
    const { codec } = this.section;
    const isPart = timestamp === this.#keyframe.timestamp ||
      codec !== undefined && beginsKeyframe(codec, payload);
    if (!isPart) return;
    this.#keyframe = { timestamp, end, waitMs: this.#link.waitMs };
  }

  /** Whether packets wait for longer than they are worth it. */
  get #isCongested(): boolean {
    const { waitMs } = this.#keyframe;
    return this.#link.waitMs > MAX_WAIT_MS + Math.min(waitMs, MAX_KEYFRAME_MS);
  }

  #isLeftOut(packet: RtpPacketView): boolean {
    const { codec } = this.section;
    const isCongested = packet.timestamp !== this.#keyframe.timestamp &&
      this.#isCongested;
    if (isCongested) this.#makeRoom();
    if (!this.#isSkipping || codec === undefined) return false;
    const isFull = isCongested && this.#isCongested;
    this.#isSkipping = isFull || !beginsKeyframe(codec, packet.payload);
    if (!this.#isSkipping) {
      this.#isOwed = false;
      return false;
    }
    this.leaveOut(packet);
    if (this.#isOwed && packet.marker && !isFull) this.onKeyframeRequest();
    return true;
  }

  /** Has what waits be the last until a keyframe, or nothing wait. */
  #makeRoom(): void {
    this.#isSkipping = this.#isOwed = true;
    // The next keyframe would take no less time: this one is sent whole.
    if (this.#sentNumber < this.#keyframe.end) return;
    this.counters.dropped += this.#link.drop(this);
    // What follows has no hole before it: it goes on at a keyframe.
    this.#number = this.#sentNumber;
    this.#from = undefined;
    this.onKeyframeRequest();
  }

  /** The next number of our own, with the holes of the source. */
  #advance(sequenceNumber: number): number {
    const step = this.#from === undefined
      ? 1
      : sequenceDistance(this.#from, sequenceNumber);
    this.#from = sequenceNumber;
    // A source that starts again, or comes out of order, only goes on. SRTP's
    // index is lost where what is sent next is too far away (RFC 3711 3.3.1).
    const ahead = this.#number + step - this.#sentNumber;
    return this.#number += step > 0 && ahead < 2 ** 15 ? step : 1;
  }

  #transmit(packet: RtpPacketView, number: number, now: number): void {
    const { payload, timestamp, marker, playoutDelayMs = 0 } = packet;
    this.#sentNumber = number;
    this.#playoutDelayMs = playoutDelayMs;
    const { payloadType, ssrc } = this.section;
    const fields = { payloadType, timestamp, marker, ssrc };
    const datagram = this.#link.transmit(
      (transportWide) => this.#header(fields, number, transportWide, now),
      payload,
      now,
    );
    if (datagram === undefined) return;
    this.counters.packets++;
    this.counters.bytes += payload.length;
    this.#newestTimestamp = timestamp;
    this.#repeats.earn(datagram.length);
    this.#copies.earn(datagram.length);
    if (!this.section.hasNack) return;
    // Nobody misses what was before the first that came.
    const isFirst = this.counters.packets === 1 && this.#link.isFree;
    if (isFirst) {
      const bytes = datagram.length;
      const send = () => this.#link.repeat(datagram);
      this.#link.pace({ stream: this, bytes, send }, PRIORITY.video);
    }
    const sent = {
      ...{ payload, timestamp, marker, sequenceNumber: number & 0xffff },
      ...{ datagram, sentAt: now, sent: 1 },
    };
    this.#cache.add(number, sent);
  }

  #repeat(packet: SentPacket, now: number): void {
    const { rtxPayloadType, rtxSsrc } = this.section;
    this.counters.repeated++;
    this.counters.bytesRepeated += packet.datagram.length;
    packet.sentAt = now;
    if (rtxPayloadType === undefined) {
      // Byte for byte: a nonce must not be used for anything else.
      return this.#link.repeat(packet.datagram);
    }
    const { sequenceNumber, timestamp, marker, payload } = packet;
    const repeated = new Uint8Array(2 + payload.length);
    repeated[0] = sequenceNumber >> 8;
    repeated[1] = sequenceNumber;
    repeated.set(payload, 2);
    const number = ++this.#rtxNumber;
    const fields = {
      ...{ payloadType: rtxPayloadType, ssrc: rtxSsrc, timestamp, marker },
    };
    this.#link.transmit(
      (transportWide) => this.#header(fields, number, transportWide, now),
      repeated,
      now,
    );
  }

  #header(
    fields: {
      payloadType: number;
      ssrc: number;
      timestamp: number;
      marker: boolean;
    },
    number: number,
    transportWide: number,
    now: number,
  ): Uint8Array {
    const { transportWideId, playoutDelayId } = this.section;
    const extensions: HeaderExtension[] = [];
    if (transportWideId !== undefined) {
      const value = transportWide;
      extensions.push({ id: transportWideId, value, bytes: 2 });
    }
    if (playoutDelayId !== undefined) {
      const { roundTripMs } = this.#link;
      const ms = this.#playoutDelayMs + this.#playoutDelay.at(now, roundTripMs);
      // Once there was one, its end is to be told.
      this.#hasDelay ||= ms > 0;
      const value = playoutDelayValue(ms);
      if (this.#hasDelay) {
        extensions.push({ id: playoutDelayId, value, bytes: 3 });
      }
    }
    return writeHeader(
      { ...fields, sequenceNumber: number & 0xffff },
      extensions,
    );
  }
}
