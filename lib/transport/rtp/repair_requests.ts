import type { MissingPacket } from "../../media/packet_order.ts";

/** What a packet that is missing has been asked for. */
interface Request {
  /** Since when it is missing, milliseconds. */
  since: number;
  asked: number;
  /** When it was asked for last, milliseconds. */
  at: number;
}

/** Time that a packet may be late without being lost, milliseconds. */
const LEAST_REORDERING_MS = 5;
const MOST_REORDERING_MS = 50;
/** What comes in less than this share of a round trip was on its way. */
const REORDERED_SHARE = 0.8;
/** What is left of the time that is known after each packet that was late. */
const FORGETTING = 0.98;
/** Time beyond a round trip that the other side may take to answer. */
const ANSWER_MS = 10;
/** Packets that are asked for at once: more are lost with their frames. */
const MAX_AT_ONCE = 256;
/** Shortest and longest time that a stream waits for a packet. */
const LEAST_PATIENCE_MS = 400;
const MOST_PATIENCE_MS = 1_000;
/** Round trips in which a packet may be asked for several times. */
const PATIENCE_ROUND_TRIPS = 4;

/** How long a missing packet is worth waiting for, milliseconds. */
export function patienceFor(roundTripMs: number): number {
  const patience = 100 + PATIENCE_ROUND_TRIPS * (roundTripMs + ANSWER_MS);
  return Math.min(Math.max(patience, LEAST_PATIENCE_MS), MOST_PATIENCE_MS);
}

/**
 * Decides which missing packets are asked for, and when (RFC 4585 section
 * 6.2.1): once it is clear that they aren't only late, and then once a round
 * trip. It has no clock.
 */
export class RepairRequests {
  #requests = new Map<number, Request>();
  #reorderingMs = LEAST_REORDERING_MS;
  /** When something is due next, milliseconds; Infinity where nothing is. */
  wakeAt = Infinity;

  /** Whether nothing that is missing is known. */
  get isEmpty(): boolean {
    return this.#requests.size === 0;
  }

  /**
   * Takes the packets that are missing now.
   *
   * @returns the sequence numbers to ask for now, uint16, in order.
   */
  due(
    missing: Iterable<MissingPacket>,
    now: number,
    roundTripMs: number,
  ): number[] {
    const requests = new Map<number, Request>();
    const again = roundTripMs + ANSWER_MS;
    const numbers: number[] = [];
    this.wakeAt = Infinity;
    for (const { number, since } of missing) {
      const request = this.#requests.get(number) ??
        { since, asked: 0, at: since };
      this.#requests.delete(number);
      requests.set(number, request);
      const wait = request.asked === 0 ? this.#reorderingMs : again;
      if (now >= request.at + wait && numbers.length < MAX_AT_ONCE) {
        numbers.push(number & 0xffff);
        request.asked++;
        request.at = now;
      }
      const next = request.asked === 0 ? this.#reorderingMs : again;
      this.wakeAt = Math.min(this.wakeAt, request.at + next);
    }
    for (const request of this.#requests.values()) {
      this.#arrived(request, now, roundTripMs);
    }
    this.#requests = requests;
    return numbers;
  }

  /** Learns how late packets are that came before what was asked for could. */
  #arrived({ since, asked, at }: Request, now: number, rtt: number): void {
    if (asked > 0 && now - at > REORDERED_SHARE * rtt) return;
    const late = Math.min(1.2 * (now - since), MOST_REORDERING_MS);
    this.#reorderingMs = Math.max(
      LEAST_REORDERING_MS,
      late,
      FORGETTING * this.#reorderingMs,
    );
  }
}
