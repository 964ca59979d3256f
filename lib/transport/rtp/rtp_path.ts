import { ownBytes } from "../../limits/held_bytes.ts";
import type { Intake } from "../../limits/intake.ts";
import { parseRtp, type RtpPacket } from "../../media/rtp.ts";
import { joinBytes } from "../../points/join_bytes.ts";
import { RateMeter } from "../../rate_meter.ts";
import { TIMER_SLACK_MS, WakeTimer } from "../../wake_timer.ts";
import type { Precedence } from "../sctp/outbound.ts";
import type { SrtpTransport } from "../werift/srtp.ts";
import { Arrivals } from "./arrivals.ts";
import { BandwidthEstimate, type DataFlow } from "./bandwidth.ts";
import { MediaPacer, type PacedPacket, type Priority } from "./media_pacer.ts";
import type { MediaReceiver, ReceiveLink } from "./media_receiver.ts";
import {
  nack,
  pictureLoss,
  readRtcp,
  receiverReport,
  sourceDescription,
  transportWideFeedback,
} from "./rtcp.ts";
import { extensionOf, hasExtension } from "./rtp_header.ts";
import type { Section } from "./section.ts";
import { type SendLink, SendStream } from "./send_stream.ts";
import { SentPackets } from "./sent_packets.ts";

/** What a path of RTP needs of the rest of its connection. */
export interface RtpPathOptions {
  srtp: SrtpTransport;
  /** Is told what the peer sends, and has us hold. */
  intake: Intake;
  /** The round-trip time as the data channels know it, milliseconds. */
  dataRoundTripMs(): number | undefined;
  /** That of the last connectivity check, milliseconds. */
  roundTripMs(): number | undefined;
  /** What the data channels have seen of the path. */
  dataFlow(): DataFlow | undefined;
  /** Identifies this side in its reports. */
  cname: string;
}

/** Round-trip time before one is known, milliseconds. */
const INITIAL_RTT_MS = 100;
/** Time between two reports, and before the first, milliseconds. */
const REPORT_MS = 1_000;
const FIRST_REPORT_MS = 100;
/** Time between two feedbacks on what came. */
const FEEDBACK_MS = 50;
/** Feedbacks read of one datagram: each may take thousands of steps. */
const MAX_FEEDBACKS = 4;
/** SSRCs that a peer may use. */
const MAX_SSRCS = 64;
/** What the pacer adds to the rate of the media, as libwebrtc's does. */
const PACING = 2.5;
/** Time constant of that rate, milliseconds. */
const SEND_RATE_MS = 500;
/** The pace until the peer tells of the first packets: 3 Mbit/s. */
const FIRST_PACE = 375;
/** Least pace, bytes a millisecond: 10 Mbit/s; and that of a narrow path. */
const LEAST_PACE = 1250;
const LEAST_NARROW_PACE = 25;
/** The pace on a path whose limit is known, of what it takes. */
const NARROW_PACING = 1.1;
/** Headers that an RTP packet has on its way: IP, UDP, RTP, SRTP. */
const OVERHEAD_BYTES = 64;
/** What waits no longer doesn't wait for room, milliseconds. */
const FREE_MS = 20;
/** Share of the pace that data has while media waits. */
const DATA_SHARE = 0.2;
/** Longest time that data waits for the media. */
const MAX_DATA_WAIT_MS = 100;

/**
 * RTP and RTCP of one connection, past werift: which packet belongs to which
 * section, reports, feedback, and the pace at which packets leave.
 */
export class RtpPath implements SendLink, ReceiveLink, Precedence {
  readonly #options: RtpPathOptions;
  readonly #receivers: MediaReceiver[] = [];
  readonly #streams: SendStream[] = [];
  readonly #bySsrc = new Map<number, MediaReceiver>();
  readonly #arrivals = new Arrivals();
  readonly #sent = new SentPackets();
  readonly #pacer = new MediaPacer();
  readonly #estimate = new BandwidthEstimate();
  #reportedRtt: number | undefined;
  readonly #sendRate = new RateMeter(SEND_RATE_MS);
  /** When data may go next, while media waits. */
  #dataAt = 0;
  /** The same, while there is a queue of too much. */
  #tightDataAt = 0;
  #feedbackAt = Infinity;
  #reportAt = Infinity;
  readonly #timer = new WakeTimer(() => this.#wake());
  #isClosed = false;

  constructor(options: RtpPathOptions) {
    this.#options = options;
    options.srtp.receiveWith({
      rtp: (packet) => this.#receiveRtp(packet),
      rtcp: (compound) => this.#receiveRtcp(compound),
    });
  }

  /** What the path takes. */
  get estimate(): BandwidthEstimate {
    return this.#estimate;
  }

  get roundTripMs(): number {
    // ICE checks it every few seconds alone.
    const { dataRoundTripMs, roundTripMs } = this.#options;
    return dataRoundTripMs() ?? this.#reportedRtt ?? roundTripMs() ??
      INITIAL_RTT_MS;
  }

  /**
   * Milliseconds that data is to wait: while media waits, of which it is left a
   * share, and while there is a queue of too much.
   */
  wait(now: number): number {
    const beside = Math.min(this.waitMs, this.#dataAt - now);
    if (!this.#estimate.isTightAt(now)) return Math.max(0, beside);
    return Math.max(0, beside, this.#tightDataAt - now);
  }

  /** Notes data that was sent. */
  onSent(bytes: number, now: number): void {
    const pace = this.#paceAt(now);
    const least = DATA_SHARE * pace;
    const next = Math.max(this.#dataAt, now) + bytes / least;
    this.#dataAt = Math.min(next, now + MAX_DATA_WAIT_MS);
    const { capacity, mediaRate } = this.#estimate;
    if (capacity === undefined) return;
    const rate = Math.max(least, capacity - mediaRate);
    const tight = Math.max(this.#tightDataAt, now) + bytes / rate;
    this.#tightDataAt = Math.min(tight, now + MAX_DATA_WAIT_MS);
    this.#pacer.charge(bytes, now, pace);
    this.#setTimer(now);
  }

  /** Begins to send a section. */
  addStream(section: Section): SendStream {
    const stream = new SendStream(section, this);
    this.#streams.push(stream);
    this.#startReports();
    return stream;
  }

  /** Begins to receive a section, with `receiver`. */
  addReceiver(receiver: MediaReceiver): void {
    this.#receivers.push(receiver);
    for (const ssrc of receiver.section.remoteSsrcs) {
      this.#bind(ssrc, receiver);
    }
    this.#startReports();
  }

  /** Ends it: nothing is sent any more, and no timer runs. */
  close(): void {
    this.#isClosed = true;
    this.#timer.clear();
  }

  pace(packet: PacedPacket, priority: Priority): void {
    if (this.#isClosed || !this.#options.srtp.isReady) return;
    const now = performance.now();
    const bytes = packet.bytes + OVERHEAD_BYTES;
    this.#sendRate.add(bytes, now);
    this.#pacer.push({ ...packet, bytes }, priority, now, this.#paceAt(now));
    this.#setTimer(now);
  }

  transmit(
    make: (transportWide: number) => Uint8Array,
    payload: Uint8Array,
    now: number,
  ): Uint8Array | undefined {
    const number = this.#sent.add(payload.length + OVERHEAD_BYTES, now);
    const { srtp } = this.#options;
    const header = make(number);
    const datagram = srtp.protect(header, payload);
    if (datagram === undefined) return undefined;
    srtp.send(datagram);
    // Of what has no such number nobody tells: its silence means nothing.
    if (hasExtension(header)) this.#estimate.sent(now);
    return datagram;
  }

  repeat(datagram: Uint8Array): void {
    this.#options.srtp.send(datagram);
  }

  requestPackets(ssrc: number, sequenceNumbers: readonly number[]): void {
    this.#options.srtp.sendRtcp(nack(this.#ssrc, ssrc, sequenceNumbers));
  }

  requestKeyframe(ssrc: number): void {
    this.#options.srtp.sendRtcp(pictureLoss(this.#ssrc, ssrc));
  }

  /** Forgets what waits of a stream; returns how many packets. */
  drop(stream: object): number {
    return this.#pacer.drop((packet) => packet.stream === stream);
  }

  /** How long a packet that is handed over now waits, milliseconds. */
  get waitMs(): number {
    const { bytes } = this.#pacer;
    return bytes === 0 ? 0 : bytes / this.#paceAt(performance.now());
  }

  get isFree(): boolean {
    return this.#estimate.queueMs < FREE_MS && this.waitMs < FREE_MS;
  }

  /** Our SSRC in feedback: that of a stream of ours, where there is one. */
  get #ssrc(): number {
    return (this.#streams[0] ?? this.#receivers[0])?.section.ssrc ?? 1;
  }

  #paceAt(now: number): number {
    const { capacity } = this.#estimate;
    const pace = Math.max(PACING * this.#sendRate.rate, LEAST_PACE);
    if (capacity === undefined) {
      const isBlind = this.#estimate.isBlindAt(now);
      return isBlind ? Math.min(FIRST_PACE, pace) : pace;
    }
    const narrow = Math.max(NARROW_PACING * capacity, LEAST_NARROW_PACE);
    return Math.min(pace, narrow);
  }

  #receiveRtp(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#options.intake.arrived(bytes.length);
    const now = performance.now();
    const packet = parseRtp(bytes);
    if (packet === undefined) return;
    packet.payload = ownBytes(packet.payload);
    const receiver = this.#receiverOf(packet, bytes);
    if (receiver === undefined) return;
    this.#noteArrival(bytes, receiver.section, now);
    const { section } = receiver;
    const repeats = section.repeats.get(packet.payloadType);
    if (repeats === undefined) receiver.receive(packet, now, false);
    else if (packet.payload.length >= 2) {
      receiver.receive(unwrapRepeated(packet, repeats), now, true);
    }
    this.#setTimer(now);
  }

  #noteArrival(bytes: Uint8Array, section: Section, now: number): void {
    const { transportWideId } = section;
    if (transportWideId === undefined) return;
    const value = extensionOf(bytes, transportWideId);
    if (value === undefined || value.length < 2) return;
    this.#arrivals.add(value[0] << 8 | value[1], now);
    this.#feedbackAt = Math.min(this.#feedbackAt, now + FEEDBACK_MS);
  }

  /** RFC 9143 section 9.2, without the section that a packet changes to. */
  #receiverOf(
    packet: RtpPacket,
    bytes: Uint8Array,
  ): MediaReceiver | undefined {
    const bound = this.#bySsrc.get(packet.ssrc);
    if (bound !== undefined) return bound;
    const found = this.#receiverByMid(bytes) ??
      this.#receiverByPayloadType(packet.payloadType);
    if (found !== undefined) this.#bind(packet.ssrc, found);
    return found;
  }

  #receiverByMid(bytes: Uint8Array): MediaReceiver | undefined {
    for (const receiver of this.#receivers) {
      const { midId, mid } = receiver.section;
      const value = midId === undefined ? undefined : extensionOf(bytes, midId);
      if (value === undefined) continue;
      if (new TextDecoder().decode(value) === mid) return receiver;
    }
    return undefined;
  }

  #receiverByPayloadType(payloadType: number): MediaReceiver | undefined {
    const found = this.#receivers.filter(({ section }) =>
      section.codecs.has(payloadType) || section.repeats.has(payloadType)
    );
    return found.length === 1 ? found[0] : undefined;
  }

  #bind(ssrc: number, receiver: MediaReceiver): void {
    if (this.#bySsrc.size < MAX_SSRCS) this.#bySsrc.set(ssrc, receiver);
  }

  #receiveRtcp(compound: Uint8Array): void {
    if (this.#isClosed) return;
    this.#options.intake.arrived(compound.length);
    const now = performance.now();
    let feedbacks = 0;
    readRtcp(compound, {
      senderReport: (report) =>
        this.#bySsrc.get(report.ssrc)?.receiveReport(report, now),
      reportBlock: (block) => {
        const rtt = this.#streamOf(block.ssrc)?.takeBlock(block, now);
        if (rtt !== undefined) this.#reportedRtt = rtt;
      },
      nack: (ssrc, numbers) => this.#streamOf(ssrc)?.repeat(numbers, now),
      keyframeRequest: (ssrc) => {
        const stream = this.#streamOf(ssrc);
        if (stream === undefined) return;
        stream.counters.keyframeRequests++;
        stream.onKeyframeRequest();
      },
      transportFeedback: (body) => {
        if (feedbacks++ < MAX_FEEDBACKS) this.#receiveFeedback(body, now);
      },
    });
    this.#setTimer(now);
  }

  #streamOf(ssrc: number): SendStream | undefined {
    return this.#streams.find(({ section }) => section.ssrc === ssrc);
  }

  #receiveFeedback(body: Uint8Array, now: number): void {
    const delivery = this.#sent.acknowledge(body);
    // One that tells nothing new shows nothing either.
    if (delivery === undefined) return;
    if (delivery.delivered.length === 0 && delivery.lost === 0) return;
    const data = this.#options.dataFlow();
    this.#estimate.update(now, delivery, this.roundTripMs, data);
  }

  #startReports(): void {
    const now = performance.now();
    this.#reportAt = Math.min(this.#reportAt, now + FIRST_REPORT_MS);
    this.#setTimer(now);
  }

  #setTimer(now: number): void {
    if (this.#isClosed) return;
    let at = Math.min(this.#pacer.wakeAt, this.#feedbackAt, this.#reportAt);
    for (const { wakeAt } of this.#receivers) at = Math.min(at, wakeAt);
    this.#timer.set(at, now);
  }

  #wake(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    this.#pacer.wake(now, this.#paceAt(now));
    for (const receiver of this.#receivers) {
      if (receiver.wakeAt <= now + TIMER_SLACK_MS) receiver.wake(now);
    }
    if (now >= this.#feedbackAt - TIMER_SLACK_MS) this.#tell();
    if (now >= this.#reportAt - TIMER_SLACK_MS) this.#report(now);
    this.#setTimer(now);
  }

  /** Tells the peer what came. */
  #tell(): void {
    this.#feedbackAt = Infinity;
    const media = this.#receivers[0]?.section.remoteSsrcs[0] ?? 0;
    for (const body of this.#arrivals.take()) {
      this.#options.srtp.sendRtcp(
        transportWideFeedback(this.#ssrc, media, body),
      );
    }
  }

  #report(now: number): void {
    this.#reportAt = now + REPORT_MS;
    this.#estimate.tick(now, this.roundTripMs, this.#options.dataFlow());
    const { srtp, cname } = this.#options;
    if (!srtp.isReady) return;
    for (const stream of this.#streams) {
      const report = stream.report(now);
      if (report === undefined) continue;
      const description = sourceDescription(stream.section.ssrc, cname);
      srtp.sendRtcp(joinBytes([report, description]));
    }
    const blocks = this.#receivers.map((receiver) => receiver.report(now))
      .filter((block) => block !== undefined);
    if (blocks.length === 0) return;
    srtp.sendRtcp(
      joinBytes([
        receiverReport(this.#ssrc, blocks.slice(0, 31)),
        sourceDescription(this.#ssrc, cname),
      ]),
    );
  }
}

/** The packet that a retransmission has in it (RFC 4588 section 4). */
function unwrapRepeated(packet: RtpPacket, payloadType: number): RtpPacket {
  const { payload } = packet;
  return {
    ...packet,
    payloadType,
    sequenceNumber: payload[0] << 8 | payload[1],
    payload: payload.subarray(2),
  };
}
