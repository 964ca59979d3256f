import { WindowedMax } from "../sctp/windowed_filter.ts";
import type { Delivery } from "./sent_packets.ts";

/** What the data channels of the same path have seen of it. */
export interface DataFlow {
  /** Bytes that were delivered so far, with all headers. */
  readonly delivered: number;
  /** Bytes a millisecond that were delivered at the best of late. */
  readonly bandwidth: number;
}

/** Span over which a rate is taken, milliseconds. */
const RATE_MS = 500;
/** The same while there is a queue: the path may take much less than before. */
const QUEUED_RATE_MS = 250;
/** Shortest span that a rate is taken over. */
const LEAST_RATE_MS = 100;
/** How long the least delay is believed to be that of an empty queue. */
const BASE_DELAY_MS = 20_000;
/**
 * A queue that is longer than this is one that grows: a bit more than half a
 * round trip, which is what the data channels' BBR fills at the most.
 */
const LEAST_QUEUE_MS = 40;
const QUEUE_ROUND_TRIPS = 0.6;
/** How long there has to be such a queue: processes stand still for less. */
const STANDING_MS = 160;
/**
 * Loss that tells of a queue that is full, where there is one at all, and
 * packets that say so: the radio loses a few in a row.
 */
const HEAVY_LOSS = 0.1;
const HEAVY_LOSS_PACKETS = 6;
const HEAVY_LOSS_QUEUE_MS = 15;
/** What is left of what was delivered, after too much was sent. */
const BACK_OFF = 0.85;
/** Time for less to show its effect, milliseconds, beside two round trips. */
const SETTLING_MS = 300;
/** The same, beside one, where clearly less arrives than was believed. */
const QUICK_SETTLING_MS = 100;
const QUICK_SHARE = 0.8;
/** Share of what was believed that is a collapse. */
const COLLAPSE_SHARE = 0.6;
/** Time after which nothing is held back for it any more. */
const TIGHT_MS = 1_000;
/** Growth in a second while there is no queue. */
const GROWTH = 0.25;
/** How long a limit that was met is believed, and what is tried beyond it. */
const BELIEF_MS = 5_000;
const MOST_BEYOND = 1.05;
/** Most that is hoped for beyond what was delivered. */
const MOST_HOPE = 1.5;
const LEAST_HOPE = 12.5; // 100 kbit/s
/**
 * Share of the data channels' bandwidth that is believed. It has media beside
 * it or not: a round trip between two frames of video shows all of the path.
 */
const DATA_SHARE = 0.95;
/** Time after a back-off in which that isn't heard: it remembers longer. */
const DEAF_MS = 2_000;
/** No feedback for so long means that nothing gets through, milliseconds. */
const SILENCE_MS = 1_000;

/**
 * How much a path takes of media and data together, in bytes a millisecond.
 *
 * Media packets tell by transport-wide feedback how long the queue on the path
 * is; what is delivered while there is one is what the path takes. That is
 * GCC's delay-based controller (draft-ietf-rmcat-gcc) with the queue itself in
 * the place of its gradient: BBR, which sends the data, fills short queues all
 * the time, and knows how much arrives. It has no clock.
 */
export class BandwidthEstimate {
  /** By the peer's clock, and when each was told of by ours. */
  readonly #arrivals: { at: number; toldAt: number; bytes: number }[] = [];
  readonly #data: { at: number; delivered: number }[] = [];
  /** Of the delays' negatives: the largest is the least delay. */
  readonly #base = new WindowedMax(BASE_DELAY_MS);
  #mediaRate = 0;
  #hasBase = false;
  #capacity: number | undefined;
  #queueMs = 0;
  #queuedSince: number | undefined;
  #recent: { at: number; lost: number; delivered: number }[] = [];
  #updatedAt = 0;
  #backedOffAt = -Infinity;
  #collapsedAt = -Infinity;
  /** What was delivered as there was too much. */
  #limit = Infinity;
  #sentAt: number | undefined;
  #startedAt = -Infinity;

  /**
   * Bytes a millisecond; undefined while nothing has shown that there is a
   * limit.
   */
  get capacity(): number | undefined {
    return this.#capacity;
  }

  /** How long packets wait on the way, milliseconds. */
  get queueMs(): number {
    return this.#queueMs;
  }

  /** Media that is delivered now, bytes a millisecond. */
  get mediaRate(): number {
    return this.#mediaRate;
  }

  /** Whether the path has just collapsed, and there may still be a queue. */
  isTightAt(now: number): boolean {
    return now - this.#collapsedAt < TIGHT_MS;
  }

  /** Begins with what was measured otherwise, bytes a millisecond. */
  suppose(capacity: number): void {
    this.#capacity ??= Math.max(LEAST_HOPE, capacity);
  }

  /** Whether media is sent, and nothing was told of it so far. */
  isBlindAt(now: number): boolean {
    return !this.#hasBase && now - this.#startedAt < SILENCE_MS;
  }

  /** Notes that media is sent, of which the peer has to tell. */
  sent(now: number): void {
    if (this.#startedAt === -Infinity) this.#startedAt = now;
    this.#sentAt ??= now;
  }

  /** Takes what the peer tells of media, and what is known of data. */
  update(
    now: number,
    delivery: Delivery,
    roundTripMs: number,
    data: DataFlow | undefined,
  ): void {
    this.#sentAt = undefined;
    this.#noteDelivery(now, delivery);
    this.#noteData(now, data);
    const seconds = Math.min(now - this.#updatedAt, 1_000) / 1_000;
    this.#updatedAt = now;
    const total = this.mediaRate + dataRateOf(this.#data);
    if (this.#isTooMuch(now, roundTripMs)) {
      const arrives = this.#rateNow(now);
      const isQuick = arrives < QUICK_SHARE * (this.#capacity ?? 0);
      const settled = isQuick
        ? roundTripMs + QUICK_SETTLING_MS
        : 2 * roundTripMs + SETTLING_MS;
      if (now - this.#backedOffAt < settled) return;
      const delivered = Math.min(arrives, total);
      this.#limit = delivered;
      const before = this.#capacity ?? Infinity;
      this.#backOff(now, BACK_OFF * delivered);
      if (this.#capacity! < COLLAPSE_SHARE * before) this.#collapsedAt = now;
    } else if (this.#capacity !== undefined) {
      this.#grow(now, seconds, total, data);
    }
  }

  /** Notes that the peer may have stopped to tell; call now and then. */
  tick(now: number, roundTripMs: number, data: DataFlow | undefined): void {
    const before = this.#data.at(-1)?.delivered;
    this.#noteData(now, data);
    // Data that arrives shows that the path is there.
    const isAlive = data !== undefined && data.delivered !== before;
    if (isAlive || this.#sentAt === undefined) return;
    if (now - this.#sentAt < SILENCE_MS + 2 * roundTripMs) return;
    this.#sentAt = now;
    // After it the path may be another one.
    this.#limit = Infinity;
    if (this.#capacity !== undefined) this.#backOff(now, 0.5 * this.#capacity);
  }

  #backOff(now: number, capacity: number): void {
    const most = Math.min(capacity, this.#capacity ?? Infinity);
    this.#capacity = Math.max(LEAST_HOPE, most);
    this.#backedOffAt = now;
  }

  #noteDelivery(now: number, { delivered, lost }: Delivery): void {
    let delay = Infinity;
    for (const { sentAt, arrival, bytes, isLate } of delivered) {
      this.#arrivals.push({ at: arrival, toldAt: now, bytes });
      if (!isLate) delay = Math.min(delay, arrival - sentAt);
    }
    const newest = this.#arrivals.at(-1)?.at ?? 0;
    // The peer's clock may stand still, or go back.
    forgetWhile(
      this.#arrivals,
      ({ at, toldAt }) =>
        Math.abs(newest - at) > RATE_MS || now - toldAt > 2 * RATE_MS,
    );
    this.#mediaRate = rateOf(this.#arrivals);
    this.#recent.push({ at: now, lost, delivered: delivered.length });
    forget(this.#recent, now - RATE_MS);
    if (delay === Infinity) return;
    if (!this.#hasBase) this.#base.reset(now, -delay);
    this.#hasBase = true;
    this.#base.update(now, -delay);
    this.#queueMs = delay + this.#base.value;
  }

  #noteData(now: number, data: DataFlow | undefined): void {
    if (data === undefined) return;
    this.#data.push({ at: now, delivered: data.delivered });
    forget(this.#data, now - RATE_MS);
  }

  /** All that is delivered, over a shorter time. */
  #rateNow(now: number): number {
    const newest = this.#arrivals.at(-1)?.at ?? 0;
    const media = this.#arrivals.filter(({ at }) =>
      newest - at <= QUEUED_RATE_MS
    );
    const data = this.#data.filter(({ at }) => now - at <= QUEUED_RATE_MS);
    return rateOf(media) + dataRateOf(data);
  }

  #isTooMuch(now: number, roundTripMs: number): boolean {
    const limit = Math.max(
      LEAST_QUEUE_MS,
      QUEUE_ROUND_TRIPS * (roundTripMs - this.#queueMs),
    );
    if (this.#queueMs <= limit) this.#queuedSince = undefined;
    else this.#queuedSince ??= now;
    if (now - (this.#queuedSince ?? now) >= STANDING_MS) return true;
    return this.#queueMs > HEAVY_LOSS_QUEUE_MS && this.#loss > HEAVY_LOSS;
  }

  get #loss(): number {
    let [lost, delivered] = [0, 0];
    for (const recent of this.#recent) {
      lost += recent.lost;
      delivered += recent.delivered;
    }
    return lost < HEAVY_LOSS_PACKETS ? 0 : lost / (lost + delivered);
  }

  #grow(
    now: number,
    seconds: number,
    total: number,
    data: DataFlow | undefined,
  ): void {
    const capacity = this.#capacity!;
    const hope = Math.max(capacity, MOST_HOPE * total + LEAST_HOPE);
    let grown = Math.min(capacity * (1 + GROWTH * seconds), hope);
    // What is delivered past a queue is what the path takes, for a time.
    this.#limit = Math.max(this.#limit, total);
    const isBelieved = now - this.#backedOffAt < BELIEF_MS;
    const most = MOST_BEYOND * this.#limit;
    if (isBelieved && grown > most) grown = Math.max(most, capacity);
    grown = Math.max(grown, total);
    if (data !== undefined && now - this.#backedOffAt > DEAF_MS) {
      const known = DATA_SHARE * data.bandwidth;
      if (known > grown) grown = Math.min(known, 2 * capacity);
    }
    this.#capacity = grown;
  }
}

/** Bytes a millisecond. */
function dataRateOf(entries: { at: number; delivered: number }[]): number {
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return 0;
  return (last.delivered - first.delivered) /
    Math.max(last.at - first.at, LEAST_RATE_MS);
}

function forget(entries: { at: number }[], before: number): void {
  forgetWhile(entries, ({ at }) => at < before);
}

/** Removes the first entries that are old. */
function forgetWhile<T>(entries: T[], isOld: (entry: T) => boolean): void {
  let count = 0;
  while (count < entries.length && isOld(entries[count])) count++;
  if (count > 0) entries.splice(0, count);
}

/** Bytes a millisecond. */
function rateOf(arrivals: { at: number; bytes: number }[]): number {
  if (arrivals.length === 0) return 0;
  let bytes = 0;
  for (const arrival of arrivals) bytes += arrival.bytes;
  const span = arrivals[arrivals.length - 1].at - arrivals[0].at;
  return bytes / Math.max(span, LEAST_RATE_MS);
}
