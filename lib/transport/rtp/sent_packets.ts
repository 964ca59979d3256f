import { ArrivalClock, readTransportFeedback } from "./transport_feedback.ts";

/** A packet that the peer has, by its feedback. */
export interface DeliveredPacket {
  /** Milliseconds, our clock. */
  sentAt: number;
  /** Milliseconds of the peer's clock. */
  arrival: number;
  bytes: number;
}

/** What a feedback says of packets that nothing was known of. */
export interface Delivery {
  delivered: DeliveredPacket[];
  /** Packets that didn't come. */
  lost: number;
}

/** Packets that are remembered until the peer tells of them. */
const MAX_SENT = 8192;

/** The packets that were sent, by their transport-wide sequence numbers. */
export class SentPackets {
  readonly #sent: ({ sentAt: number; bytes: number } | undefined)[] = [];
  readonly #clock = new ArrivalClock();
  /** Extended; the wire has its lower 16 bits. */
  #next = 2 ** 16;

  /** Notes a packet that is being sent; returns its number, uint16. */
  add(bytes: number, sentAt: number): number {
    const number = this.#next++;
    this.#sent[number % MAX_SENT] = { sentAt, bytes };
    return number & 0xffff;
  }

  /** Takes a feedback's body; undefined where it isn't well-formed. */
  acknowledge(body: Uint8Array): Delivery | undefined {
    const feedback = readTransportFeedback(body, this.#next);
    if (feedback === undefined) return undefined;
    const delivery: Delivery = { delivered: [], lost: 0 };
    for (const { number, arrival } of feedback.statuses) {
      if (number >= this.#next || number <= this.#next - MAX_SENT) continue;
      const slot = number % MAX_SENT;
      const packet = this.#sent[slot];
      if (packet === undefined) continue;
      if (arrival === undefined) {
        delivery.lost++;
        continue;
      }
      this.#sent[slot] = undefined;
      delivery.delivered.push({
        ...packet,
        arrival: this.#clock.unwrap(arrival),
      });
    }
    return delivery;
  }
}
