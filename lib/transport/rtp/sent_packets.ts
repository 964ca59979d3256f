import { ArrivalClock, readTransportFeedback } from "./transport_feedback.ts";

/** A packet that the peer has, by its feedback. */
export interface DeliveredPacket {
  /** Milliseconds, our clock. */
  sentAt: number;
  /** Milliseconds of the peer's clock. */
  arrival: number;
  bytes: number;
  /**
   * Whether it was missing before: it was overtaken or sent again, and how long
   * it took says nothing.
   */
  isLate: boolean;
}

/** What a feedback says of packets that nothing was known of. */
export interface Delivery {
  delivered: DeliveredPacket[];
  /** Packets that didn't come. */
  lost: number;
}

/** Packets that are remembered until the peer tells of them. */
const MAX_SENT = 8192;
/**
 * How often the peer may tell of each packet: 20 bytes can tell of thousands,
 * again and again.
 */
const TIMES_TOLD = 4;
const MAX_CREDIT = 2 * MAX_SENT;

interface Sent {
  sentAt: number;
  bytes: number;
  isLate: boolean;
}

/** The packets that were sent, by their transport-wide sequence numbers. */
export class SentPackets {
  readonly #sent: (Sent | undefined)[] = [];
  readonly #clock = new ArrivalClock();
  /** Extended; the wire has its lower 16 bits. */
  #next = 2 ** 16;
  /** Packets that the peer may tell of. */
  #credit = MAX_CREDIT;

  /** Notes a packet that is being sent; returns its number, uint16. */
  add(bytes: number, sentAt: number): number {
    const number = this.#next++;
    this.#credit = Math.min(MAX_CREDIT, this.#credit + TIMES_TOLD);
    this.#sent[number % MAX_SENT] = { sentAt, bytes, isLate: false };
    return number & 0xffff;
  }

  /**
   * Takes a feedback's body; undefined where it isn't well-formed, or of more
   * packets than anybody tells of.
   */
  acknowledge(body: Uint8Array): Delivery | undefined {
    const length = body[2] << 8 | body[3];
    if (length > this.#credit) return undefined;
    this.#credit -= length;
    const feedback = readTransportFeedback(body, this.#next);
    if (feedback === undefined) return undefined;
    const delivery: Delivery = { delivered: [], lost: 0 };
    const { base, arrivals } = feedback;
    const end = Math.min(base + arrivals.length, this.#next);
    const first = Math.max(base, this.#next - MAX_SENT);
    for (let number = first; number < end; number++) {
      const slot = number % MAX_SENT;
      const packet = this.#sent[slot];
      if (packet === undefined) continue;
      const arrival = arrivals[number - base];
      if (arrival !== undefined) {
        this.#sent[slot] = undefined;
        const at = this.#clock.unwrap(arrival);
        delivery.delivered.push({ ...packet, arrival: at });
      } else if (!packet.isLate) {
        packet.isLate = true;
        delivery.lost++;
      }
    }
    return delivery;
  }
}
