/** What putting frames together needs of an RTP packet. */
export interface RtpPacketView {
  /** uint16, wraps. */
  sequenceNumber: number;
  /** Ticks of the codec's clock; uint32, wraps. */
  timestamp: number;
  marker: boolean;
  /** Without header and padding; empty for a packet that only probes. */
  payload: Uint8Array;
}

/**
 * An RTP packet, RFC 3550 §5.1, without what its contributors and extensions
 * say.
 */
export interface RtpPacket extends RtpPacketView {
  version: 2;
  payloadType: number;
  /** uint32. */
  ssrc: number;
}

const FIXED_HEADER_BYTES = 12;

/**
 * Parses an RTP packet (RFC 3550 §5.1, big-endian).
 *
 * @param bytes One datagram. The payload that is returned is a view of it.
 * @returns undefined if it is no RTP of version 2, or its CSRC list, header
 * extension or padding doesn't fit into it.
 *
 * @example
 * ```ts
 * import { parseRtp } from "./rtp.ts";
 *
 * const packet = parseRtp(
 *   Uint8Array.of(0x80, 0xe0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 42),
 * );
 * console.assert(packet?.sequenceNumber === 7 && packet.marker);
 * ```
 */
export function parseRtp(bytes: Uint8Array): RtpPacket | undefined {
  if (bytes.length < FIXED_HEADER_BYTES || bytes[0] >> 6 !== 2) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = payloadStart(view);
  const padding = bytes[0] & 0x20 ? bytes[bytes.length - 1] : 0;
  const end = bytes.length - padding;
  // The padding's last byte counts itself, so it can't be 0.
  if ((bytes[0] & 0x20 && padding === 0) || start > end) return;
  return {
    version: 2,
    marker: bytes[1] >= 0x80,
    payloadType: bytes[1] & 0x7f,
    sequenceNumber: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: bytes.subarray(start, end),
  };
}

/**
 * Where the payload starts; Infinity if the packet ends before that is known.
 */
function payloadStart(view: DataView): number {
  const first = view.getUint8(0);
  const start = FIXED_HEADER_BYTES + 4 * (first & 0x0f);
  if (!(first & 0x10)) return start;
  if (start + 4 > view.byteLength) return Infinity;
  return start + 4 + 4 * view.getUint16(start + 2);
}

/** Takes what a {@linkcode PacketOrder} makes of the packets of a stream. */
export interface PacketSink {
  /** Takes the next packet in order. */
  packet(packet: RtpPacketView): void;
  /** Called where `count` packets are missing before the next one. */
  hole(count: number): void;
  /**
   * Called where the sender started again: what follows has no relation to what
   * came before.
   */
  restart(): void;
  /** Called for a packet that was there already. */
  duplicate(): void;
  /** Called for a packet whose sequence number fits to nothing. */
  stray(): void;
}

/** Packets that can be missing before it must be a restart: RFC 3550 A.1. */
const MAX_DROPOUT = 3_000;
/** How old a packet can be and still be known as a duplicate, packets. */
const HISTORY = 1_024;
/**
 * How far a late packet can be from the newest: 11 s of video, 21 s of audio.
 */
const LATE_TICKS = 2 ** 20;

/**
 * The signed distance between two sequence numbers, of which either may be
 * extended.
 */
function distance(from: number, to: number): number {
  return (to - from) << 16 >> 16;
}

/**
 * Puts the packets of one RTP stream in order, without copying them.
 *
 * Sequence numbers are extended as in RFC 3550 A.1: one that jumps far is
 * believed only when a second packet confirms it.
 */
export class PacketOrder {
  readonly #sink: PacketSink;
  readonly #canStart: (packet: RtpPacketView) => boolean;
  /**
   * Packets that wait for an older one, each at its extended sequence number
   * modulo the length.
   */
  readonly #held: (RtpPacketView | undefined)[];
  #heldCount = 0;
  /**
   * The extended sequence numbers that came lately, each at itself modulo the
   * length.
   */
  readonly #received = new Float64Array(HISTORY).fill(-1);
  /**
   * The extended sequence number that is due; negative before the first packet.
   */
  #next = -1;
  /** Whether nothing was handed on yet, so that nothing can be missing. */
  #joining = true;
  #newestTimestamp = 0;
  #stray: RtpPacketView | undefined;

  /**
   * @param window Packets that are held back while an older one is missing.
   * @param canStart Whether the stream can be started with this packet at
   * once; other packets first wait for older ones.
   */
  constructor(
    window: number,
    canStart: (packet: RtpPacketView) => boolean,
    sink: PacketSink,
  ) {
    this.#held = Array.from({ length: window + 1 });
    this.#canStart = canStart;
    this.#sink = sink;
  }

  /** Takes a packet; it must stay unchanged until the sink got it. */
  push(packet: RtpPacketView): void {
    if (this.#next < 0) this.#next = this.#join(packet, 2 ** 16);
    const ahead = distance(this.#next, packet.sequenceNumber);
    if (ahead === 0 && this.#heldCount === 0) this.#release(packet);
    else if (ahead >= 0 && ahead < MAX_DROPOUT) {
      this.#hold(packet, this.#next + ahead);
    } else if (this.#isLate(ahead, packet.timestamp)) {
      const at = this.#next + ahead;
      if (this.#received[at % HISTORY] === at) this.#sink.duplicate();
    } else return this.#jump(packet);
    this.#forgetStray();
  }

  /** Hands on all that is held: what is missing before it is given up. */
  flush(): void {
    this.#forgetStray();
    while (this.#heldCount > 0) this.#advance(this.#oldest());
  }

  /** Tells which packet is due when the stream starts with this one. */
  #join(packet: RtpPacketView, epoch: number): number {
    this.#joining = true;
    this.#newestTimestamp = packet.timestamp;
    const first = epoch + (packet.sequenceNumber & 0xffff);
    return this.#canStart(packet) ? first : first - this.#held.length + 1;
  }

  #release(packet: RtpPacketView): void {
    this.#received[this.#next % HISTORY] = this.#next;
    this.#next++;
    this.#joining = false;
    this.#newestTimestamp = packet.timestamp;
    this.#sink.packet(packet);
  }

  #hold(packet: RtpPacketView, at: number): void {
    if (this.#isHeld(at)) return this.#sink.duplicate();
    if (this.#joining && this.#canStart(packet)) this.#startAt(at);
    this.#advance(at - this.#held.length + 1);
    this.#held[at % this.#held.length] = packet;
    this.#heldCount++;
    this.#drain();
  }

  #isHeld(at: number): boolean {
    const length = this.#held.length;
    return at - this.#next < length && this.#held[at % length] !== undefined;
  }

  /** Hands on what is due and there. */
  #drain(): void {
    while (this.#heldCount > 0) {
      const packet = this.#take(this.#next);
      if (packet === undefined) return;
      this.#release(packet);
    }
  }

  #take(at: number): RtpPacketView | undefined {
    const slot = at % this.#held.length;
    const packet = this.#held[slot];
    if (packet === undefined) return;
    this.#held[slot] = undefined;
    this.#heldCount--;
    return packet;
  }

  /** Gives up what is missing before `to`, and hands on the rest. */
  #advance(to: number): void {
    while (this.#next < to) {
      const at = this.#heldCount > 0 ? Math.min(this.#oldest(), to) : to;
      this.#skip(at - this.#next);
      this.#drain();
    }
  }

  /** The oldest packet that is held; there must be one. */
  #oldest(): number {
    let at = this.#next;
    while (this.#held[at % this.#held.length] === undefined) at++;
    return at;
  }

  #skip(count: number): void {
    this.#next += count;
    if (!this.#joining) this.#sink.hole(count);
  }

  /** Forgets what came before the packet that the stream can start with. */
  #startAt(at: number): void {
    const end = Math.min(at, this.#next + this.#held.length);
    for (let older = this.#next; older < end; older++) this.#take(older);
    this.#next = at;
  }

  /**
   * Whether it is a duplicate or came too late, rather than from a sender that
   * started again.
   */
  #isLate(ahead: number, timestamp: number): boolean {
    const age = (this.#newestTimestamp - timestamp) | 0;
    return ahead < 0 && ahead >= -HISTORY && Math.abs(age) < LATE_TICKS;
  }

  #jump(packet: RtpPacketView): void {
    const stray = this.#stray;
    const apart = stray &&
      distance(stray.sequenceNumber, packet.sequenceNumber);
    if (stray === undefined || apart === undefined) {
      this.#stray = packet;
    } else if (apart === 0) {
      this.#sink.duplicate();
    } else if (Math.abs(apart) > this.#held.length) {
      this.#forgetStray();
      this.#stray = packet;
    } else this.#restart(apart > 0 ? [stray, packet] : [packet, stray]);
  }

  #restart(packets: [RtpPacketView, RtpPacketView]): void {
    this.#stray = undefined;
    this.flush();
    // An epoch of its own: nothing of before is taken for a duplicate.
    const epoch = (Math.floor(this.#next / 2 ** 16) + 2) * 2 ** 16;
    this.#sink.restart();
    this.#next = this.#join(packets[0], epoch);
    for (const packet of packets) this.push(packet);
  }

  #forgetStray(): void {
    if (this.#stray === undefined) return;
    this.#stray = undefined;
    this.#sink.stray();
  }
}
