import { Buffer } from "node:buffer";
import type { Intake } from "../../limits/intake.ts";
import type { HeldShare } from "../../limits/held_bytes.ts";
import { WakeTimer } from "../../wake_timer.ts";
import { RecordLink } from "../dtls/record_link.ts";
import { MAX_RECORD_CONTENT_BYTES } from "../dtls/records.ts";
import type { Fragments } from "../ice/fragments.ts";
import type { Association } from "../werift/association.ts";
import type { DtlsTransport } from "../werift/dtls_transport.ts";
import type { NewAssociation } from "../werift/factories.ts";
import { Inbound, RECEIVE_WINDOW_BYTES } from "./inbound.ts";
import type { ReceivedMessage } from "./message_reassembler.ts";
import { Outbound, type Precedence } from "./outbound.ts";
import {
  CHUNK,
  COMMON_HEADER_BYTES,
  DATA_HEADER_BYTES,
  isSoundPacket,
  packetOfChunk,
  PacketWriter,
  paddedLength,
  readSack,
  SACK_HEADER_BYTES,
  viewOf,
} from "./packet.ts";
import { MtuSearch } from "./mtu_search.ts";
import {
  createController,
  foreignLimits,
  maxPayloadOf,
  NearbyChoice,
  OVERHEAD_BYTES,
  type PathLimits,
} from "./path_limits.ts";
import type { SentChunk } from "./sent_chunks.ts";
import { hasSoundChunks } from "./sound_chunks.ts";
import { StreamResets } from "./stream_resets.ts";
import { wrapTsn } from "./tsn.ts";

/** Most gap blocks in one SACK: with duplicates it fits the smallest packet. */
const MAX_GAP_BLOCKS = 256;
/** Most gap blocks in a SACK that goes along with data. */
const MAX_BUNDLED_GAP_BLOCKS = 16;

/** What a data path asks of the rest of its connection. */
export interface DataPathContext {
  /** Called with what the peer sent and nobody can read. */
  onError(error: unknown): void;
  /** Is told what the peer sends, and has us hold of it. */
  intake: Intake;
  /** Is told what the peer doesn't take. @default {nobody} */
  untaken?: HeldShare;
  /** What goes first on the same path. @default {nothing} */
  precedence?: Precedence;
  /** Called with the largest packet to send, where another one was found. */
  onMtu?(mtu: number): void;
  /** Called, again and again, where what was sent can't be brought over. */
  onStuck?(error: Error): void;
}

/**
 * The data path of one association: DATA and SACK chunks are ours, from the
 * datagram to the message and back; set-up, heartbeats, resets and the end are
 * left to werift, on whose association it is.
 */
export class DataPath {
  readonly #association: Association;
  readonly #transport: DtlsTransport;
  readonly #context: DataPathContext;
  readonly #held: HeldShare;
  readonly #link: RecordLink;
  readonly #resets: StreamResets;
  readonly #base: PathLimits;
  #search: MtuSearch | undefined;
  readonly #writer = new PacketWriter(MAX_RECORD_CONTENT_BYTES);
  #received: ReceivedMessage[] = [];
  readonly #onContent = (content: Buffer) => this.#take(content);
  #inbound: Inbound | undefined;
  #outbound: Outbound | undefined;
  #limits: PathLimits;
  #maxPayload: number;
  #nearby: NearbyChoice | undefined;
  readonly #timer = new WakeTimer(() => this.#wake());
  #isClosed = false;

  /** Takes over from werift's association, before its first packet. */
  constructor(
    { association, transport }: NewAssociation,
    limits: PathLimits,
    context: DataPathContext,
  ) {
    const { onError } = context;
    this.#context = context;
    this.#held = context.intake.held.share();
    this.#association = association;
    this.#transport = transport;
    this.#base = this.#limits = limits;
    this.#maxPayload = maxPayloadOf(limits);
    this.#link = new RecordLink(transport, onError);
    this.#resets = new StreamResets(association, this, onError);
    association.receiveWindow = RECEIVE_WINDOW_BYTES;
    association.announcePad();
    association.transferWith({
      receive: (packet) => this.#take(packet),
      send: (...message) => this.#send(...message),
    });
    association.onClosed(() => this.#close());
  }

  /** Bytes of user data that the peer is not known to have. */
  get undeliveredBytes(): number {
    return this.#outbound?.undeliveredBytes ?? 0;
  }

  /** The receiving side, from when the peer's first TSN is known. */
  get inbound(): Inbound | undefined {
    const { lastReceivedTsn } = this.#association;
    if (lastReceivedTsn === undefined || this.#isClosed) return undefined;
    return this.#inbound ??= new Inbound(
      wrapTsn(lastReceivedTsn + 1),
      (message) => this.#received.push(message),
      this.#held,
    );
  }

  /** The sending side, once something was sent. */
  get outbound(): Outbound | undefined {
    return this.#outbound;
  }

  /**
   * Changes what packets may be, as soon as a round trip was seen that took no
   * longer than `roundTripMs`. Until then, or until enough was sent to say that
   * there is none, what is in flight fits a kernel's default receive buffer.
   */
  setLimitsNearby(limits: PathLimits, roundTripMs: number): void {
    this.#nearby = new NearbyChoice(limits, this.#limits, roundTripMs);
    this.#setLimits(this.#nearby.meanwhile);
    this.#checkNearby();
  }

  #checkNearby(): void {
    const outbound = this.#outbound;
    if (outbound === undefined || this.#nearby === undefined) return;
    const { rtt, counters } = outbound;
    const limits = this.#nearby.decide(rtt.min, counters.bytesSent);
    if (limits === undefined) return;
    this.#nearby = undefined;
    this.#setLimits(limits);
  }

  #setLimits(limits: PathLimits): void {
    this.#limits = limits;
    this.#maxPayload = maxPayloadOf(limits);
    this.#outbound?.setPath(
      this.#maxPayload,
      OVERHEAD_BYTES,
      createController(limits, this.#outbound.rtt.smoothed),
    );
  }

  /** Goes on looking for what packets the path takes. */
  #searchMtu(now: number): void {
    if (this.#outbound === undefined || !this.#limits.searchesMtu) return;
    this.#search?.step(this.#outbound, now);
  }

  #resize(mtu: number): void {
    this.#limits = { ...this.#limits, mtu };
    this.#maxPayload = maxPayloadOf(this.#limits);
    this.#outbound?.resize(this.#maxPayload);
    this.#context.onMtu?.(mtu);
  }

  /**
   * Takes a datagram of the transport, which may be overwritten afterwards.
   *
   * @returns whether it was application data, and so was taken.
   */
  intercept(datagram: Uint8Array): boolean {
    return !this.#isClosed && this.#link.open(datagram, this.#onContent);
  }

  #take(packet: Buffer): void {
    try {
      this.#receive(packet);
    } catch (error) {
      this.#context.onError(error);
    }
  }

  /** Has werift read a packet. */
  #handOn(packet: Buffer): void {
    if (hasSoundChunks(packet, viewOf(packet))) {
      this.#association.handle(packet);
    } else {
      const error = new Error("An SCTP packet has chunks without an end");
      this.#context.onError(error);
    }
  }

  #receive(packet: Buffer): void {
    if (this.#isClosed || this.#association.isStopped) return;
    this.#context.intake.arrived(packet.length);
    const view = viewOf(packet);
    if (!isSoundPacket(packet, view)) return;
    const tag = view.getUint32(4);
    if (tag !== this.#association.localVerificationTag) {
      // An INIT has none, and an ABORT may have the peer's.
      return this.#handOn(packet);
    }
    const now = performance.now();
    let hasData = false;
    for (let at = COMMON_HEADER_BYTES; at + 4 <= packet.length;) {
      const type = packet[at];
      const length = view.getUint16(at + 2);
      if (length < 4 || at + length > packet.length) break;
      if (type === CHUNK.data) {
        hasData = this.#receiveData(packet, view, at, length) || hasData;
      } else if (type === CHUNK.sack) {
        const sack = readSack(view, at, length);
        if (sack !== undefined) this.#outbound?.acknowledge(sack, now);
      } else if (type === CHUNK.forwardTsn) {
        hasData = this.#receiveForward(view, at, length) || hasData;
      } else if (type === CHUNK.pad || this.#isProbed(view, at, length, now)) {
        // There is no more to it.
      } else if (at === COMMON_HEADER_BYTES && at + length === packet.length) {
        this.#handOn(packet);
      } else {
        // The peer may end it behind its last data.
        this.#deliver();
        this.#handOn(packetOfChunk(packet, at, length));
      }
      at += paddedLength(length);
    }
    if (this.#isClosed) return;
    this.#checkNearby();
    if (hasData) this.#inbound!.endPacket(now);
    this.#acknowledge(now);
    this.#searchMtu(now);
    this.#setTimer(now);
    this.#deliver();
    this.#resets.onAcknowledged();
  }

  /** Takes a chunk that answers a probe of ours. */
  #isProbed(
    view: DataView,
    at: number,
    length: number,
    now: number,
  ): boolean {
    return view.getUint8(at) === CHUNK.heartbeatAck &&
      (this.#search?.acknowledge(view, at, length, now) ?? false);
  }

  #receiveData(
    packet: Buffer,
    view: DataView,
    at: number,
    length: number,
  ): boolean {
    const { inbound } = this;
    // RFC 9260 section 6.2: a DATA chunk without user data is a violation.
    if (inbound === undefined || length <= DATA_HEADER_BYTES) return false;
    inbound.data({
      tsn: view.getUint32(at + 4),
      flags: packet[at + 1],
      streamId: view.getUint16(at + 8),
      streamSequence: view.getUint16(at + 10),
      protocol: view.getUint32(at + 12),
      userData: packet.subarray(at + DATA_HEADER_BYTES, at + length),
    });
    return true;
  }

  #receiveForward(view: DataView, at: number, length: number): boolean {
    const { inbound } = this;
    if (inbound === undefined || length < 8) return false;
    const streams: [number, number][] = [];
    for (let i = at + 8; i + 4 <= at + length; i += 4) {
      streams.push([view.getUint16(i), view.getUint16(i + 2)]);
    }
    inbound.forward(view.getUint32(at + 4), streams);
    return true;
  }

  /** Delivers the messages last: what a listener does takes its time. */
  #deliver(): void {
    if (this.#received.length === 0) return;
    const received = this.#received;
    this.#received = [];
    this.#context.intake.delivered(received.length);
    for (const { streamId, protocol, data } of received) {
      const { buffer, byteOffset, length } = data;
      this.#association.deliver(
        streamId,
        protocol,
        Buffer.from(buffer as ArrayBuffer, byteOffset, length),
      );
    }
    this.#resets.onReceived();
  }

  async #send(
    streamId: number,
    protocol: number,
    data: Uint8Array,
    { ordered = true }: { ordered?: boolean } = {},
  ): Promise<void> {
    if (this.#isClosed || data.length === 0) return;
    const streamSequence = ordered
      ? this.#association.takeStreamSequence(streamId)
      : 0;
    const outbound = this.#openOutbound();
    const now = performance.now();
    await new Promise<void>((onSent) => {
      const message = { streamId, streamSequence, protocol, ordered };
      outbound.send({ ...message, data, onSent }, now);
      this.#setTimer(now);
    });
  }

  #openOutbound(): Outbound {
    if (this.#outbound !== undefined) return this.#outbound;
    if (!this.#association.announcesPad) {
      this.#limits = foreignLimits(this.#limits);
      this.#maxPayload = maxPayloadOf(this.#limits);
    }
    if (this.#base.searchesMtu) {
      this.#search = new MtuSearch({
        ...{ association: this.#association, link: this.#link },
        base: this.#base.mtu,
        onChange: (mtu) => this.#resize(mtu),
        onStuck: (error) => this.#context.onStuck?.(error),
      });
    }
    const initialRtt = this.#transport.ice.roundTripMs;
    return this.#outbound = new Outbound({
      initialTsn: this.#association.nextTsn,
      peerWindow: this.#association.peerWindow,
      maxPayload: this.#maxPayload,
      overhead: OVERHEAD_BYTES,
      congestion: createController(this.#limits, initialRtt),
      initialRtt,
      transmit: (chunk) => this.#transmit(chunk),
      precedence: this.#context.precedence,
      fates: this.#search?.path,
    });
  }

  #transmit(chunk: SentChunk): void {
    const writer = this.#writer;
    writer.begin(this.#association.address);
    // A small chunk has room for an acknowledgement that would go alone later.
    const room = this.#maxPayload - chunk.userData.length - SACK_HEADER_BYTES;
    if (this.#inbound !== undefined && room >= 0) {
      if (this.#inbound.sackAt < Infinity) {
        writer.sack(
          this.#inbound.takeSack(Math.min(room >> 2, MAX_BUNDLED_GAP_BLOCKS)),
        );
      }
    }
    writer.data({ ...chunk, tsn: wrapTsn(chunk.tsn) });
    this.#association.nextTsn = this.#outbound!.nextTsn;
    const { size, sentAt } = chunk;
    const fragments = this.#limits.searchesMtu
      ? this.#search?.fragmentsOf(size, sentAt)
      : undefined;
    this.#put(writer.finish(), fragments);
  }

  #acknowledge(now: number): void {
    const inbound = this.#inbound;
    if (inbound === undefined || inbound.sackAt > now) return;
    const writer = this.#writer;
    writer.begin(this.#association.address);
    writer.sack(inbound.takeSack(MAX_GAP_BLOCKS));
    this.#put(writer.finish());
  }

  /** Sends a packet, whose bytes are used again afterwards. */
  #put(packet: Uint8Array, fragments?: Fragments): void {
    if (this.#link.send(packet, { fragments })) return;
    this.#association.sendPacket(Buffer.from(packet)).catch(
      this.#context.onError,
    );
  }

  #setTimer(now: number): void {
    this.#context.untaken?.set(this.#outbound?.heldBytes ?? 0);
    const at = Math.min(
      this.#outbound?.wakeAt ?? Infinity,
      this.#inbound?.sackAt ?? Infinity,
    );
    this.#timer.set(at, now);
  }

  #wake(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    this.#outbound?.wake(now);
    this.#searchMtu(now);
    this.#acknowledge(now);
    this.#setTimer(now);
  }

  #close(): void {
    this.#isClosed = true;
    this.#timer.clear();
    this.#outbound = undefined;
    this.#inbound = undefined;
    this.#held.set(0);
    this.#context.untaken?.set(0);
  }
}
