import type { RtpPacketView } from "../../media/rtp.ts";

/** A packet that was sent, and may be asked for again. */
export interface SentPacket extends RtpPacketView {
  /** As it went out. */
  readonly datagram: Uint8Array;
  /** When it went out last, milliseconds, and how often. */
  sentAt: number;
  sent: number;
}

/** What is kept: a second or two of rich video, longer than anyone waits. */
const MAX_PACKETS = 2048;
const MAX_BYTES = 2 * 1024 * 1024;
/** Times that one packet is sent again: who misses it then is gone. */
const MAX_SENT = 12;

/** The last packets of one stream, for those who miss one (RFC 4585). */
export class PacketCache {
  readonly #packets: (SentPacket | undefined)[] = [];
  #oldest = 0;
  #newest = -1;
  #bytes = 0;

  /** Keeps a packet; sequence numbers go up, with or without holes. */
  add(number: number, packet: SentPacket): void {
    if (this.#newest < 0) this.#oldest = number;
    while (number - this.#oldest >= MAX_PACKETS) this.#drop(this.#oldest++);
    this.#newest = number;
    this.#packets[number % MAX_PACKETS] = packet;
    this.#bytes += packet.datagram.length;
    while (this.#bytes > MAX_BYTES) this.#drop(this.#oldest++);
  }

  /** The newest sequence number, extended. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * Finds a packet that is worth sending again.
   *
   * @param number extended.
   * @param before it is not, where it went out again later than this.
   */
  find(number: number, before: number): SentPacket | undefined {
    if (number < this.#oldest || number > this.#newest) return undefined;
    const packet = this.#packets[number % MAX_PACKETS];
    if (packet === undefined || packet.sent >= MAX_SENT) return undefined;
    const isUnderWay = packet.sent > 1 && packet.sentAt > before;
    return isUnderWay ? undefined : packet;
  }

  #drop(number: number): void {
    const slot = number % MAX_PACKETS;
    this.#bytes -= this.#packets[slot]?.datagram.length ?? 0;
    this.#packets[slot] = undefined;
  }
}
