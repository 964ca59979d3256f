import { ITEM_BYTES } from "../../limits/held_bytes.ts";
import type { CongestionController } from "./congestion.ts";
import { DeliveryRate } from "./delivery_rate.ts";
import { LossDetector } from "./loss_detector.ts";
import { MessageQueue, type OutgoingMessage } from "./message_queue.ts";
import { Pacer } from "./pacer.ts";
import type { SackChunk } from "./packet.ts";
import { RttEstimator } from "./rtt.ts";
import { type PacketFates, type SentChunk, SentChunks } from "./sent_chunks.ts";
import { firstTsn, unwrapTsn, wrapTsn } from "./tsn.ts";

/** What goes before data on the same path: media. */
export interface Precedence {
  /** Milliseconds that data is to wait; 0 for none. */
  wait(now: number): number;
  /** Notes data that was sent. */
  onSent(bytes: number, now: number): void;
}

export interface OutboundOptions {
  /** Our first TSN, on the wire. */
  initialTsn: number;
  /** The peer's advertised window, bytes. */
  peerWindow: number;
  /** Most user data in one chunk, bytes, a multiple of four. */
  maxPayload: number;
  /** Bytes of a packet's headers, of all layers, with one chunk in it. */
  overhead: number;
  congestion: CongestionController;
  /** Round-trip time where one is known, milliseconds. */
  initialRtt?: number;
  /** Puts a chunk on the wire. */
  transmit(chunk: SentChunk): void;
  /** What goes first on the same path. @default {nothing} */
  precedence?: Precedence;
  /** Learns of the packets' fates. @default {nobody} */
  fates?: PacketFates;
}

/** Counts since the start. */
export interface OutboundCounters {
  chunksSent: number;
  chunksRetransmitted: number;
  bytesSent: number;
  bytesRetransmitted: number;
  timeouts: number;
  tailLossProbes: number;
}

/**
 * A timer that comes this late says that the process stood still, and what came
 * meanwhile is still to be read: the peer gets that much longer, milliseconds.
 */
const STALL_MS = 20;
/** What the peer may take to acknowledge a single packet, milliseconds. */
const DELAYED_ACK_MS = 20;
const LEAST_PROBE_MS = 10;
/** An application that is this late has nothing to send, milliseconds. */
const IDLE_MS = 1;

/**
 * The sending side of an association: messages in, chunks out, as fast as the
 * congestion controller and the peer's window allow. It has no clock and no
 * timer: `wakeAt` is when to call `wake`.
 *
 * Loss is found by RACK with tail loss probes (RFC 8985), the retransmission
 * timer is RFC 9260's (section 6.3) with a floor of 200 ms. All is sent
 * reliably.
 */
export class Outbound {
  readonly counters: OutboundCounters = {
    chunksSent: 0,
    chunksRetransmitted: 0,
    bytesSent: 0,
    bytesRetransmitted: 0,
    timeouts: 0,
    tailLossProbes: 0,
  };
  readonly #options: OutboundOptions;
  readonly #rtt: RttEstimator;
  readonly #rate = new DeliveryRate();
  readonly #losses: LossDetector;
  readonly #chunks = new SentChunks();
  readonly #queue: MessageQueue;
  readonly #pacer = new Pacer();
  #congestion: CongestionController;
  #overhead: number;
  /** Lost and not sent again, by TSN. */
  #lost: SentChunk[] = [];
  #peerWindow: number;
  #cumulative: number;
  #lostNow = 0;
  #lostInflight = 0;
  #idleSince: number | undefined;
  #detectAt = Infinity;
  #timerAt = Infinity;
  #timer: "probe" | "timeout" = "probe";
  #wakeAt = Infinity;

  constructor(options: OutboundOptions) {
    this.#options = options;
    this.#congestion = options.congestion;
    this.#overhead = options.overhead;
    this.#peerWindow = options.peerWindow;
    this.#rtt = new RttEstimator(options.initialRtt);
    this.#losses = new LossDetector(this.#rtt);
    const first = firstTsn(options.initialTsn);
    this.#cumulative = first - 1;
    this.#queue = new MessageQueue(first, options.maxPayload);
  }

  /** When `wake` is to be called, milliseconds; Infinity for not at all. */
  get wakeAt(): number {
    return this.#wakeAt;
  }

  /** The TSN of the next new chunk, on the wire. */
  get nextTsn(): number {
    return wrapTsn(this.#queue.nextTsn);
  }

  /** Bytes of user data that have not been sent. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** Bytes of user data that are not known to have arrived, queued ones too. */
  get undeliveredBytes(): number {
    return this.#queue.bytes + this.#chunks.userBytes;
  }

  /** What is held of that, with what each message and chunk takes besides. */
  get heldBytes(): number {
    const items = this.#queue.length + this.#chunks.inflight;
    return this.undeliveredBytes + ITEM_BYTES * items;
  }

  /** Bytes that were delivered so far, with all headers. */
  get delivered(): number {
    return this.#rate.delivered;
  }

  get rtt(): RttEstimator {
    return this.#rtt;
  }

  get congestion(): CongestionController {
    return this.#congestion;
  }

  /** Changes what a chunk carries from now on, and the controller with it. */
  setPath(
    maxPayload: number,
    overhead: number,
    congestion: CongestionController,
  ): void {
    this.#queue.maxPayload = maxPayload;
    this.#overhead = overhead;
    this.#congestion = congestion;
  }

  /**
   * Changes what a chunk carries from now on. The window stays as it is, in
   * bytes (RFC 8899 section 3).
   */
  resize(maxPayload: number): void {
    this.#queue.maxPayload = maxPayload;
    this.#congestion.packetBytes = maxPayload + this.#overhead;
  }

  /**
   * Notes a packet without data that was sent. The pace minds it; its loss says
   * nothing of congestion.
   */
  onSentBesides(bytes: number, now: number): void {
    this.#pacer.onSent(bytes, this.#congestion.pacingRate);
    this.#options.precedence?.onSent(bytes, now);
  }

  /** Takes a message to send. */
  send(message: OutgoingMessage, now: number): void {
    if (this.#idleSince !== undefined) {
      if (now - this.#idleSince > IDLE_MS) {
        this.#rate.onAppLimited(this.#chunks.inflightBytes);
      }
      this.#idleSince = undefined;
    }
    this.#queue.push(message);
    this.#sendAllowed(now);
  }

  /** Takes the peer's acknowledgement. */
  acknowledge(sack: SackChunk, now: number): void {
    const cumulative = unwrapTsn(sack.cumulativeTsn, this.#cumulative);
    // An older one that was overtaken, or one of what was never sent.
    if (cumulative < this.#cumulative || cumulative >= this.#queue.nextTsn) {
      return;
    }
    this.#cumulative = cumulative;
    this.#peerWindow = sack.window;
    const { delivered } = this.#rate;
    const priorInflight = this.#chunks.inflightBytes;
    let newest: SentChunk | undefined;
    this.#chunks.acknowledge(cumulative, ascending(sack.gaps), (chunk) => {
      this.#rate.onAcked(chunk, now);
      this.#losses.onAcked(chunk, now);
      this.#options.fates?.onDelivered(chunk.size, chunk.sentAt);
      // Of one sent twice nobody knows which arrived (Karn's algorithm).
      if (chunk.sent > 1) return;
      if (newest === undefined || chunk.sentAt >= newest.sentAt) newest = chunk;
    });
    if (sack.duplicates.length > 0) this.#losses.onDuplicates(now);
    if (sack.gaps.length === 0) this.#losses.onNoGaps();
    const rtt = newest && now - newest.sentAt;
    if (rtt !== undefined) this.#rtt.update(rtt);
    this.#detectLosses(now);
    const sample = this.#rate.takeSample(this.#rtt.min);
    if (sample !== undefined) {
      this.#rtt.relax();
      this.#congestion.onAck({
        ...sample,
        now,
        rtt,
        acked: this.#rate.delivered - delivered,
        lost: this.#lostNow,
        lostInflight: this.#lostInflight,
        priorInflight,
        inflight: this.#chunks.inflightBytes,
        delivered: this.#rate.delivered,
      });
      this.#lostNow = this.#lostInflight = 0;
      this.#setTimer(now);
    }
    this.#sendAllowed(now);
  }

  /** Does what is due: a pause between packets is over, or a timer ran out. */
  wake(now: number): void {
    if (now >= this.#detectAt) this.#detectLosses(now);
    if (now >= this.#timerAt) this.#onTimer(now);
    this.#sendAllowed(now);
  }

  #onTimer(now: number): void {
    if (now - this.#timerAt > STALL_MS) this.#timerAt = now + STALL_MS;
    else if (this.#timer === "probe") this.#probe(now);
    else this.#timeOut(now);
  }

  #detectLosses(now: number): void {
    this.#detectAt = this.#losses.detect(
      this.#chunks,
      now,
      (chunk) => this.#queueAgain(chunk),
    );
  }

  #queueAgain(chunk: SentChunk): void {
    this.#options.fates?.onLost(chunk.size, chunk.sentAt);
    this.#lostNow += chunk.size;
    this.#lostInflight = Math.max(this.#lostInflight, chunk.inflight);
    let at = this.#lost.length;
    while (at > 0 && this.#lost[at - 1].tsn > chunk.tsn) at--;
    if (at === this.#lost.length) this.#lost.push(chunk);
    else this.#lost.splice(at, 0, chunk);
  }

  /**
   * Sends a packet for the peer to answer: the last may be lost (section 7.3).
   */
  #probe(now: number): void {
    this.counters.tailLossProbes++;
    const last = this.#chunks.last;
    if (this.#queue.bytes > 0 && this.#windowLeft > 0) this.#sendNew(now);
    else if (last?.fate === "inflight") this.#resend(last, now);
    this.#timer = "timeout";
    this.#timerAt = now + this.#rtt.timeout;
  }

  #timeOut(now: number): void {
    if (this.#chunks.isEmpty) {
      this.#timerAt = Infinity;
      return;
    }
    this.counters.timeouts++;
    for (const chunk of [...this.#chunks]) {
      if (chunk.fate !== "inflight") continue;
      this.#chunks.lose(chunk);
      this.#queueAgain(chunk);
    }
    this.#lostNow = this.#lostInflight = 0;
    this.#options.fates?.onTimeout(now);
    this.#congestion.onTimeout(now);
    this.#rtt.backOff();
    this.#timerAt = now + this.#rtt.timeout;
    this.#detectAt = Infinity;
    const first = this.#takeLost();
    if (first !== undefined) this.#resend(first, now);
  }

  #setTimer(now: number): void {
    if (this.#chunks.isEmpty) {
      this.#timerAt = Infinity;
      return;
    }
    const { smoothed, timeout } = this.#rtt;
    const single = this.#chunks.inflight <= 1 ? DELAYED_ACK_MS : 0;
    const probe = smoothed === undefined
      ? timeout
      : Math.max(2 * smoothed + single, LEAST_PROBE_MS);
    this.#timer = probe < timeout ? "probe" : "timeout";
    this.#timerAt = now + Math.min(probe, timeout);
  }

  /** Sends all that window and pace allow, and sets when to go on. */
  #sendAllowed(now: number): void {
    const congestion = this.#congestion;
    const pacer = this.#pacer;
    const chunks = this.#chunks;
    let sent = false;
    let paused = Infinity;
    // What a busy machine is too late for says nothing of the path, and would
    // slow it down for good; but first it has to show how fast is too fast.
    const isBehind = pacer.resume(now, congestion.pacingRate);
    if (isBehind && !congestion.isStarting) {
      this.#rate.onAppLimited(chunks.inflightBytes);
    }
    while (true) {
      const isAgain = this.#hasLost();
      if (!isAgain && (this.#queue.bytes === 0 || this.#windowLeft <= 0)) break;
      if (chunks.inflightBytes >= congestion.window) break;
      if (chunks.inflight === 0) congestion.onRestart(now);
      const pace = pacer.wait(now);
      const precedence = this.#options.precedence?.wait(now) ?? 0;
      if (precedence > pace) pacer.hold();
      const wait = Math.max(pace, precedence);
      if (wait > 0) {
        paused = now + wait;
        break;
      }
      if (isAgain) this.#resend(this.#takeLost()!, now);
      else this.#sendNew(now);
      sent = true;
    }
    if (sent && this.#timer === "probe" || this.#timerAt === Infinity) {
      this.#setTimer(now);
    }
    if (this.#queue.bytes === 0) this.#idleSince ??= now;
    this.#wakeAt = Math.min(paused, this.#detectAt, this.#timerAt);
  }

  /** Bytes that the peer's window still takes; one packet may always go. */
  get #windowLeft(): number {
    const { userBytes } = this.#chunks;
    return userBytes === 0 ? 1 : this.#peerWindow - userBytes;
  }

  #sendNew(now: number): void {
    const fragment = this.#queue.shift();
    const chunk: SentChunk = {
      ...fragment,
      size: fragment.userData.length + this.#overhead,
      fate: "inflight",
      sent: 0,
      sentAt: now,
      delivered: 0,
      deliveredAt: 0,
      firstSentAt: 0,
      appLimited: false,
      inflight: 0,
      next: undefined,
      older: undefined,
      newer: undefined,
    };
    this.#rate.onSent(chunk, now, this.#chunks.inflightBytes);
    this.#chunks.add(chunk);
    this.#transmit(chunk);
  }

  #resend(chunk: SentChunk, now: number): void {
    this.#rate.onSent(chunk, now, this.#chunks.inflightBytes);
    chunk.sentAt = now;
    this.#chunks.resend(chunk);
    this.counters.chunksRetransmitted++;
    this.counters.bytesRetransmitted += chunk.size;
    this.#transmit(chunk);
  }

  #transmit(chunk: SentChunk): void {
    chunk.sent++;
    chunk.inflight = this.#chunks.inflightBytes;
    this.counters.chunksSent++;
    this.counters.bytesSent += chunk.size;
    this.#pacer.onSent(chunk.size, this.#congestion.pacingRate);
    this.#options.precedence?.onSent(chunk.size, chunk.sentAt);
    this.#options.transmit(chunk);
  }

  /** Whether something lost waits to be sent again. */
  #hasLost(): boolean {
    const lost = this.#lost;
    let count = 0;
    // Some were only late.
    while (count < lost.length && lost[count].fate !== "lost") count++;
    if (count > 0) lost.splice(0, count);
    return lost.length > 0;
  }

  #takeLost(): SentChunk | undefined {
    return this.#hasLost() ? this.#lost.shift() : undefined;
  }
}

/** Gap blocks in order: some peers sort them as text. */
function ascending(gaps: SackChunk["gaps"]): SackChunk["gaps"] {
  for (let i = 1; i < gaps.length; i++) {
    if (gaps[i][0] < gaps[i - 1][0]) {
      return gaps.toSorted((a, b) => a[0] - b[0]);
    }
  }
  return gaps;
}
