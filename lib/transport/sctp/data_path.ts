import { Buffer } from "node:buffer";
import {
  DtlsRecords,
  MAX_RECORD_CONTENT_BYTES,
  RECORD_OVERHEAD_BYTES,
} from "../dtls/records.ts";
import { Bbr } from "./bbr.ts";
import { Inbound, RECEIVE_WINDOW_BYTES, ReceiveLimitError } from "./inbound.ts";
import type { ReceivedMessage } from "./message_reassembler.ts";
import { Outbound } from "./outbound.ts";
import {
  CHUNK,
  COMMON_HEADER_BYTES,
  DATA_HEADER_BYTES,
  isSoundPacket,
  PacketWriter,
  paddedLength,
  readSack,
  SACK_HEADER_BYTES,
  viewOf,
} from "./packet.ts";
import { packetChecksum } from "./crc32c.ts";
import type { SentChunk } from "./sent_chunks.ts";
import { hasSoundChunks } from "./sound_chunks.ts";
import { wrapTsn } from "./tsn.ts";
import { StreamResets } from "./stream_resets.ts";
import { UdpSocket } from "../ice/udp_socket.ts";
import type {
  WeriftAssociation,
  WeriftDtlsTransport,
} from "../werift/shapes.ts";

/** Bytes of an IPv6 and a UDP header. */
export const IP_UDP_BYTES = 40 + 8;
/** Bytes that each packet has besides the user data of one chunk. */
const OVERHEAD_BYTES = IP_UDP_BYTES + RECORD_OVERHEAD_BYTES +
  COMMON_HEADER_BYTES + DATA_HEADER_BYTES;
/** Most gap blocks in one SACK: with duplicates it fits the smallest packet. */
const MAX_GAP_BLOCKS = 256;
/** Packets of the path's size that 212,992 bytes of receive buffer hold, and room. */
const CAUTIOUS_PACKETS = 64;
/** What is sent before the round trips that were seen are believed, bytes. */
const TELLING_BYTES = 256 * 1024;
/** A wake-up that comes so much early is not worth another timer. */
const TIMER_SLACK_MS = 0.5;

/** werift's number for the state of an association that has ended. */
const SCTP_CLOSED = 1;

/** What the packets of a path may be. */
export interface PathLimits {
  /** Largest IP packet, bytes. */
  mtu: number;
  /** Most bytes in flight. @default {Infinity} */
  maxWindow?: number;
}

/**
 * The data path of one association: DATA and SACK chunks are ours, from the
 * datagram to the message and back; set-up, heartbeats, resets and the end are
 * left to werift, on whose association it is put.
 */
export class DataPath {
  readonly #sctp: WeriftAssociation;
  readonly #transport: WeriftDtlsTransport;
  readonly #onError: (error: unknown) => void;
  readonly #handOn: (packet: Buffer) => void;
  readonly #resets: StreamResets;
  readonly #writer = new PacketWriter(MAX_RECORD_CONTENT_BYTES);
  #received: ReceivedMessage[] = [];
  #records: DtlsRecords | undefined;
  #inbound: Inbound | undefined;
  #outbound: Outbound | undefined;
  #limits: PathLimits;
  #nearby:
    | { limits: PathLimits; roundTripMs: number; elsewhere: PathLimits }
    | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
  #isClosed = false;

  /**
   * Takes over from werift's association, before its first packet.
   *
   * @param onError is told of what the peer sent and nobody can read.
   */
  constructor(
    sctp: WeriftAssociation,
    transport: WeriftDtlsTransport,
    limits: PathLimits,
    onError: (error: unknown) => void,
  ) {
    this.#sctp = sctp;
    this.#transport = transport;
    this.#limits = limits;
    this.#onError = onError;
    const handleData = sctp.handleData.bind(sctp);
    this.#handOn = (packet) => {
      if (hasSoundChunks(packet, viewOf(packet))) {
        handleData(packet).catch(onError);
      } else onError(new Error("An SCTP packet has chunks without an end"));
    };
    this.#resets = new StreamResets(sctp, this, onError);
    sctp.advertisedRwnd = RECEIVE_WINDOW_BYTES;
    sctp.handleData = (packet) => Promise.resolve(this.#take(packet));
    sctp.send = (...message) => this.#send(...message);
    sctp.transmit = () => Promise.resolve();
    sctp.stateChanged.closed.subscribe(() => this.#close());
  }

  /** Bytes of user data that the peer is not known to have. */
  get undeliveredBytes(): number {
    return this.#outbound?.undeliveredBytes ?? 0;
  }

  /** The receiving side, from when the peer's first TSN is known. */
  get inbound(): Inbound | undefined {
    const { lastReceivedTsn } = this.#sctp;
    if (lastReceivedTsn === undefined || this.#isClosed) return undefined;
    return this.#inbound ??= new Inbound(
      wrapTsn(lastReceivedTsn + 1),
      (message) => this.#received.push(message),
    );
  }

  /** The sending side, once something was sent. */
  get outbound(): Outbound | undefined {
    return this.#outbound;
  }

  /**
   * Changes what packets may be, as soon as a round trip was seen that took no
   * longer than `roundTripMs`. Until it is seen or there were enough to tell, what
   * is in flight fits a kernel's default receive buffer.
   */
  setLimitsNearby(limits: PathLimits, roundTripMs: number): void {
    this.#nearby = { limits, roundTripMs, elsewhere: this.#limits };
    const maxWindow = CAUTIOUS_PACKETS * this.#limits.mtu;
    this.#setLimits({ ...this.#limits, maxWindow });
    this.#checkNearby();
  }

  #checkNearby(): void {
    const outbound = this.#outbound;
    if (outbound === undefined || this.#nearby === undefined) return;
    const { limits, roundTripMs, elsewhere } = this.#nearby;
    const isNear = outbound.rtt.min <= roundTripMs;
    if (!isNear && outbound.counters.bytesSent < TELLING_BYTES) return;
    this.#nearby = undefined;
    this.#setLimits(isNear ? limits : elsewhere);
  }

  #setLimits(limits: PathLimits): void {
    this.#limits = limits;
    this.#outbound?.setPath(
      this.#maxPayload,
      OVERHEAD_BYTES,
      this.#makeController(this.#outbound.rtt.smoothed),
    );
  }

  /**
   * Takes a datagram of the transport, which may be overwritten afterwards.
   *
   * @returns whether it was application data, and so was taken.
   */
  intercept(datagram: Uint8Array): boolean {
    const { dtls, iceTransport: { connection } } = this.#transport;
    if (this.#isClosed || dtls === undefined) return false;
    if (this.#records?.isOf(dtls) !== true) {
      this.#records = DtlsRecords.of(dtls);
    }
    const isOurs = this.#records?.open(
      datagram,
      (content) => this.#take(content),
    );
    const pair = connection.nominated;
    if (!isOurs) return false;
    if (pair !== undefined) {
      pair.packetsReceived++;
      pair.bytesReceived += datagram.length;
    }
    return true;
  }

  #take(packet: Buffer): void {
    try {
      this.#receive(packet);
    } catch (error) {
      this.#onError(error);
      if (!(error instanceof ReceiveLimitError)) return;
      void this.#sctp.abort().finally(() => this.#sctp.setState(SCTP_CLOSED));
    }
  }

  #receive(packet: Buffer): void {
    if (this.#isClosed || this.#sctp.isStopped) return;
    const view = viewOf(packet);
    if (!isSoundPacket(packet, view)) return;
    const tag = view.getUint32(4);
    if (tag !== this.#sctp.localVerificationTag) {
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
      } else if (at === COMMON_HEADER_BYTES && at + length === packet.length) {
        this.#handOn(packet);
      } else this.#handOn(alone(packet, at, length));
      at += paddedLength(length);
    }
    this.#checkNearby();
    if (hasData) this.#inbound!.endPacket(now);
    this.#acknowledge(now);
    this.#setTimer(now);
    this.#deliver();
    this.#resets.onAcknowledged();
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

  /** Gives the messages out last: what a listener does takes its time. */
  #deliver(): void {
    if (this.#received.length === 0) return;
    const received = this.#received;
    this.#received = [];
    for (const { streamId, protocol, data } of received) {
      const { buffer, byteOffset, length } = data;
      this.#sctp.receive(
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
    const { outboundStreamSeq } = this.#sctp;
    const streamSequence = ordered ? outboundStreamSeq[streamId] ?? 0 : 0;
    if (ordered) outboundStreamSeq[streamId] = streamSequence + 1 & 0xffff;
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
    const { nominated } = this.#transport.iceTransport.connection;
    const initialRtt = nominated?.rtt ? nominated.rtt * 1000 : undefined;
    return this.#outbound = new Outbound({
      initialTsn: this.#sctp.localTsn,
      peerWindow: this.#sctp.peerAdvertisedRwnd,
      maxPayload: this.#maxPayload,
      overhead: OVERHEAD_BYTES,
      congestion: this.#makeController(initialRtt),
      initialRtt,
      transmit: (chunk) => this.#transmit(chunk),
    });
  }

  #makeController(initialRtt: number | undefined): Bbr {
    const { maxWindow } = this.#limits;
    const packetBytes = this.#maxPayload + OVERHEAD_BYTES;
    return new Bbr({
      packetBytes,
      initialRtt,
      maxWindow,
      initialWindow: Math.max(32 * 1200, 4 * packetBytes),
    });
  }

  /** Most user data in a chunk; a record takes no more than 2^14 bytes. */
  get #maxPayload(): number {
    const content = Math.min(
      this.#limits.mtu - IP_UDP_BYTES - RECORD_OVERHEAD_BYTES,
      MAX_RECORD_CONTENT_BYTES,
    );
    return content - COMMON_HEADER_BYTES - DATA_HEADER_BYTES & ~3;
  }

  #transmit(chunk: SentChunk): void {
    const writer = this.#writer;
    writer.begin(this.#address);
    // A small chunk has room for an acknowledgement that would go alone later.
    const room = this.#maxPayload - chunk.userData.length - SACK_HEADER_BYTES;
    if (this.#inbound !== undefined && room >= 0) {
      if (this.#inbound.sackAt < Infinity) {
        writer.sack(this.#inbound.takeSack(Math.min(room >> 2, 16)));
      }
    }
    writer.data({ ...chunk, tsn: wrapTsn(chunk.tsn) });
    this.#sctp.localTsn = this.#outbound!.nextTsn;
    this.#put(writer.finish());
  }

  #acknowledge(now: number): void {
    const inbound = this.#inbound;
    if (inbound === undefined || inbound.sackAt > now) return;
    const writer = this.#writer;
    writer.begin(this.#address);
    writer.sack(inbound.takeSack(MAX_GAP_BLOCKS));
    this.#put(writer.finish());
  }

  get #address() {
    const { localPort, remotePort, remoteVerificationTag } = this.#sctp;
    return {
      sourcePort: localPort,
      destinationPort: remotePort ?? localPort,
      verificationTag: remoteVerificationTag,
    };
  }

  /** Sends a packet, whose bytes are used again afterwards. */
  #put(packet: Uint8Array): void {
    const { dtls, iceTransport: { connection } } = this.#transport;
    if (this.#records?.isOf(dtls) !== true) {
      this.#records = DtlsRecords.of(dtls);
    }
    if (this.#records === undefined) {
      this.#sctp.transport.send(Buffer.from(packet)).catch(this.#onError);
      return;
    }
    if (!connection.canSendApplicationData()) return;
    const record = this.#records.seal(packet);
    const pair = connection.nominated;
    const socket = pair?.protocol.transport;
    if (pair === undefined || !(socket instanceof UdpSocket)) {
      connection.send(record).catch(this.#onError);
      return;
    }
    socket.sendTo(record, pair.remoteAddr[0], pair.remoteAddr[1]);
    pair.packetsSent++;
    pair.bytesSent += record.length;
  }

  #setTimer(now: number): void {
    const at = Math.min(
      this.#outbound?.wakeAt ?? Infinity,
      this.#inbound?.sackAt ?? Infinity,
    );
    if (at === Infinity || this.#timerAt <= at + TIMER_SLACK_MS) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, at - now));
  }

  #wake(): void {
    this.#timerAt = Infinity;
    if (this.#isClosed) return;
    const now = performance.now();
    this.#outbound?.wake(now);
    this.#acknowledge(now);
    this.#setTimer(now);
  }

  #close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#outbound = undefined;
    this.#inbound = undefined;
  }
}

/** A packet with one chunk of another. */
function alone(packet: Buffer, at: number, length: number): Buffer {
  const end = at + paddedLength(length);
  const single = Buffer.alloc(COMMON_HEADER_BYTES + paddedLength(length));
  packet.copy(single, 0, 0, COMMON_HEADER_BYTES);
  packet.copy(single, COMMON_HEADER_BYTES, at, end);
  viewOf(single).setUint32(8, packetChecksum(single), true);
  return single;
}
