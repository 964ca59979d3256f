import { seededRandom } from "./random.ts";

/** The harm that one direction of a link does to packets. */
export interface Impairments {
  /** One-way delay, milliseconds. */
  delay: number;
  /** Uniform addition to it, milliseconds; no packet overtakes another. */
  jitter: number;
  /** Percent of packets that are lost. */
  loss: number;
  /** Mean length of a run of lost packets; 1 loses each by itself. */
  burst: number;
  /**
   * Percent of packets that are held back, so that later ones overtake them.
   */
  reorder: number;
  /** How long they are held back, milliseconds. */
  reorderBy: number;
  /** Percent of packets that come twice. */
  duplicate: number;
  /**
   * Rate of the bottleneck, Mbit/s, on UDP payload and 28 bytes; 0 has none.
   */
  rate: number;
  /** Room of its queue, milliseconds at that rate. */
  queue: number;
  /** Whether every packet is lost: an outage. */
  down: boolean;
}

export const NO_IMPAIRMENTS: Impairments = {
  delay: 0,
  jitter: 0,
  loss: 0,
  burst: 1,
  reorder: 0,
  reorderBy: 5,
  duplicate: 0,
  rate: 0,
  queue: 50,
  down: false,
};

/** Counts since the start. */
export interface LinkCounters {
  received: number;
  bytesReceived: number;
  /** Packets that left, each copy of one that came twice. */
  delivered: number;
  bytesDelivered: number;
  /** Lost at random, or in an outage. */
  lost: number;
  /** Lost because the queue was full. */
  queueDropped: number;
  reordered: number;
  duplicated: number;
  /** Longest wait in the queue, milliseconds. */
  maxQueueMs: number;
}

/** Below this, a difference of two numbers is their rounding. */
const ROUNDING = 1e-9;

/** Bytes of an IPv4 and a UDP header. */
const HEADERS_BYTES = 28;

/**
 * One direction of a link: decides what becomes of each packet. It has no clock
 * and sends nothing; the same packets at the same times with the same seed have
 * the same fate.
 */
export class ImpairedLink {
  impairments: Impairments;
  readonly counters: LinkCounters = {
    received: 0,
    bytesReceived: 0,
    delivered: 0,
    bytesDelivered: 0,
    lost: 0,
    queueDropped: 0,
    reordered: 0,
    duplicated: 0,
    maxQueueMs: 0,
  };
  readonly #random: () => number;
  #isLosing = false;
  /** When the bottleneck has sent what it has. */
  #freeAt = -Infinity;
  #lastDue = -Infinity;

  constructor(impairments: Partial<Impairments> = {}, seed = 1) {
    this.impairments = { ...NO_IMPAIRMENTS, ...impairments };
    this.#random = seededRandom(seed);
  }

  /**
   * Takes a packet of `bytes` of UDP payload at `now`, milliseconds.
   *
   * @returns when it is to leave: once, twice, or not at all.
   */
  take(now: number, bytes: number): number[] {
    const { counters, impairments } = this;
    counters.received++;
    counters.bytesReceived += bytes;
    if (this.#isLost()) {
      counters.lost++;
      return [];
    }
    const sentAt = this.#passBottleneck(now, bytes);
    if (sentAt === undefined) {
      counters.queueDropped++;
      return [];
    }
    const late = impairments.jitter * this.#random();
    // Later packets are due no earlier, unless this one is held back.
    let due = Math.max(sentAt + impairments.delay + late, this.#lastDue);
    this.#lastDue = due;
    if (this.#happens(impairments.reorder)) {
      counters.reordered++;
      due += impairments.reorderBy;
    }
    const times = [due];
    if (this.#happens(impairments.duplicate)) {
      counters.duplicated++;
      times.push(due);
    }
    counters.delivered += times.length;
    counters.bytesDelivered += times.length * bytes;
    return times;
  }

  #happens(percent: number): boolean {
    return percent > 0 && this.#random() * 100 < percent;
  }

  /** A Gilbert model: runs of loss, as long and as many as they should be. */
  #isLost(): boolean {
    const { loss, burst, down } = this.impairments;
    if (down) return true;
    if (loss <= 0) return false;
    if (burst <= 1) return this.#happens(loss);
    const ends = 1 / burst;
    const begins = ends * loss / Math.max(100 - loss, ROUNDING);
    const change = this.#isLosing ? ends : begins;
    if (this.#random() < change) this.#isLosing = !this.#isLosing;
    return this.#isLosing;
  }

  /** Returns when the packet has passed; nothing where the queue is full. */
  #passBottleneck(now: number, bytes: number): number | undefined {
    const { rate, queue } = this.impairments;
    if (rate <= 0) return now;
    const wait = Math.max(0, this.#freeAt - now);
    const takes = (bytes + HEADERS_BYTES) * 8 / (rate * 1000);
    if (wait + takes > queue + takes * ROUNDING && wait > 0) return undefined;
    this.counters.maxQueueMs = Math.max(this.counters.maxQueueMs, wait);
    return this.#freeAt = now + wait + takes;
  }
}
