import { ImpairedLink, type Impairments, type LinkCounters } from "./link.ts";
import { bindRelaySocket, type RelaySocket } from "./relay_socket.ts";
import { type RtpCounts, RtpTally } from "./rtp_tally.ts";
import { Schedule } from "./schedule.ts";
import { addressOf, type UdpAddress, withCandidate } from "./sdp.ts";

/** Time between two looks at the sockets, milliseconds. */
const TICK_MS = 1;
const IDLE_TICK_MS = 4;
/** Ticks without a packet after which the relay is idle. */
const IDLE_TICKS = 200;

/** Packets and bytes of a pair that were delivered in a direction. */
export interface FlowCounters {
  packets: number;
  bytes: number;
}

/** Two peers, and the sockets between them. */
interface Pair {
  links: Links;
  /** Each faces one of the peers. */
  offererSide: RelaySocket;
  answererSide: RelaySocket;
  offerer: UdpAddress | undefined;
  answerer: UdpAddress | undefined;
  toOfferer: FlowCounters;
  toAnswerer: FlowCounters;
  rtpToOfferer: RtpTally;
  rtpToAnswerer: RtpTally;
}

export interface RelayOptions {
  impairments?: Partial<Impairments>;
  /** The same seed and packets have the same fate. @default {1} */
  seed?: number;
  /** Whether each pair has a link of its own. @default {all share one} */
  apart?: boolean;
}

/** Both directions of a link. */
interface Links {
  toAnswerer: ImpairedLink;
  toOfferer: ImpairedLink;
}

/** The counters of both directions, and of each pair. */
export interface RelayCounters {
  toAnswerer: LinkCounters;
  toOfferer: LinkCounters;
  pairs: PairCounters[];
}

export interface PairCounters {
  toAnswerer: FlowCounters;
  toOfferer: FlowCounters;
  /** The RTP that came to the relay, before any of it was lost. */
  rtp: { toAnswerer: RtpCounts; toOfferer: RtpCounts };
}

/**
 * A UDP relay between peers of this machine that impairs what passes: it puts
 * sockets of its own into their session descriptions. All pairs share one link
 * of two directions, or each has one of its own.
 */
export class Relay implements Disposable {
  /** Without a pair too, there is one. */
  readonly #links: [Links, ...Links[]];
  readonly #seed: number;
  readonly #areApart: boolean;
  readonly #pairs: Pair[] = [];
  readonly #schedule = new Schedule<() => void>();
  #idleTicks = 0;
  #timer: ReturnType<typeof setTimeout>;

  constructor({ impairments, seed = 1, apart = false }: RelayOptions = {}) {
    this.#links = [createLinks(impairments, seed)];
    this.#seed = seed;
    this.#areApart = apart;
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  get impairments(): Impairments {
    return this.#links[0].toAnswerer.impairments;
  }

  get counters(): RelayCounters {
    return {
      toAnswerer: sumOf(this.#links.map((links) => links.toAnswerer.counters)),
      toOfferer: sumOf(this.#links.map((links) => links.toOfferer.counters)),
      pairs: this.#pairs.map((pair) => ({
        toAnswerer: pair.toAnswerer,
        toOfferer: pair.toOfferer,
        rtp: {
          toAnswerer: pair.rtpToAnswerer.counts,
          toOfferer: pair.rtpToOfferer.counts,
        },
      })),
    };
  }

  /** Changes some of the impairments from now on. */
  impair(changes: Partial<Impairments>): void {
    for (const { toAnswerer, toOfferer } of this.#links) {
      for (const link of [toAnswerer, toOfferer]) {
        link.impairments = { ...link.impairments, ...changes };
      }
    }
  }

  /**
   * Makes a pair for an offer.
   *
   * @returns its number, and the offer for the answerer.
   * @throws where the SDP has no candidate that can be relayed to.
   */
  offer(sdp: string): { pair: number; sdp: string } {
    const pair: Pair = {
      links: this.#linksOfNext(),
      offerer: addressOf(sdp),
      offererSide: bindRelaySocket(),
      answererSide: bindRelaySocket(),
      answerer: undefined,
      toOfferer: { packets: 0, bytes: 0 },
      toAnswerer: { packets: 0, bytes: 0 },
      rtpToOfferer: new RtpTally(),
      rtpToAnswerer: new RtpTally(),
    };
    learn(pair, sdp);
    this.#pairs.push(pair);
    const { port } = pair.answererSide;
    return { pair: this.#pairs.length - 1, sdp: withCandidate(sdp, port) };
  }

  /**
   * Completes a pair with its answer.
   *
   * @returns the answer for the offerer.
   * @throws {RangeError} where there is no such pair.
   */
  answer(number: number, sdp: string): string {
    const pair = this.#pair(number);
    pair.answerer = addressOf(sdp);
    learn(pair, sdp);
    return withCandidate(sdp, pair.offererSide.port);
  }

  /** Changes the offerer's address, as a NAT does that lost its binding. */
  rebind(number: number): void {
    const pair = this.#pair(number);
    pair.answererSide[Symbol.dispose]();
    pair.answererSide = bindRelaySocket();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const pair of this.#pairs) {
      pair.offererSide[Symbol.dispose]();
      pair.answererSide[Symbol.dispose]();
    }
  }

  #linksOfNext(): Links {
    const count = this.#pairs.length;
    if (count === 0 || !this.#areApart) return this.#links[0];
    const links = createLinks(this.impairments, this.#seed + 2 * count);
    this.#links.push(links);
    return links;
  }

  /** Packets that came to the relay. */
  get #received(): number {
    let count = 0;
    for (const { toAnswerer, toOfferer } of this.#links) {
      count += toAnswerer.counters.received + toOfferer.counters.received;
    }
    return count;
  }

  #pair(number: number): Pair {
    const pair = this.#pairs[number];
    if (pair === undefined) throw new RangeError(`There is no pair ${number}`);
    return pair;
  }

  #tick(): void {
    const before = this.#received;
    for (const pair of this.#pairs) this.#receive(pair);
    const now = performance.now();
    for (const send of this.#schedule.takeDue(now)) send();
    for (const { offererSide, answererSide } of this.#pairs) {
      offererSide.flush();
      answererSide.flush();
    }
    const isIdle = this.#received === before && this.#schedule.size === 0;
    this.#idleTicks = isIdle ? this.#idleTicks + 1 : 0;
    const wait = this.#idleTicks > IDLE_TICKS ? IDLE_TICK_MS : TICK_MS;
    this.#timer = setTimeout(() => this.#tick(), wait);
  }

  #receive(pair: Pair): void {
    pair.offererSide.receive((data, from) => {
      pair.offerer = learnt(pair.offerer, from);
      pair.rtpToAnswerer.take(data);
      this.#pass(pair.links.toAnswerer, data, () => {
        if (pair.answerer === undefined) return;
        pair.answererSide.send(data, pair.answerer);
        count(pair.toAnswerer, data);
      });
    });
    pair.answererSide.receive((data, from) => {
      pair.answerer = learnt(pair.answerer, from);
      pair.rtpToOfferer.take(data);
      this.#pass(pair.links.toOfferer, data, () => {
        if (pair.offerer === undefined) return;
        pair.offererSide.send(data, pair.offerer);
        count(pair.toOfferer, data);
      });
    });
  }

  #pass(link: ImpairedLink, data: Uint8Array, send: () => void): void {
    const now = performance.now();
    for (const due of link.take(now, data.length)) {
      if (due <= now) send();
      else this.#schedule.add(due, send);
    }
  }
}

function createLinks(
  impairments: Partial<Impairments> | undefined,
  seed: number,
): Links {
  return {
    toAnswerer: new ImpairedLink(impairments, seed),
    toOfferer: new ImpairedLink(impairments, seed + 1),
  };
}

/** Adds counters up; of queues the longest counts. */
function sumOf(counters: LinkCounters[]): LinkCounters {
  return counters.reduce((sum, each) => ({
    received: sum.received + each.received,
    bytesReceived: sum.bytesReceived + each.bytesReceived,
    delivered: sum.delivered + each.delivered,
    bytesDelivered: sum.bytesDelivered + each.bytesDelivered,
    lost: sum.lost + each.lost,
    queueDropped: sum.queueDropped + each.queueDropped,
    reordered: sum.reordered + each.reordered,
    duplicated: sum.duplicated + each.duplicated,
    maxQueueMs: Math.max(sum.maxQueueMs, each.maxQueueMs),
  }));
}

/** Payload types mean the same in both directions. */
function learn(pair: Pair, sdp: string): void {
  pair.rtpToOfferer.learn(sdp);
  pair.rtpToAnswerer.learn(sdp);
}

/**
 * Returns the address that a peer sends from: the known object, where equal.
 */
function learnt(known: UdpAddress | undefined, from: UdpAddress): UdpAddress {
  return known?.port === from.port && known.hostname === from.hostname
    ? known
    : from;
}

function count(counters: FlowCounters, data: Uint8Array): void {
  counters.packets++;
  counters.bytes += data.length;
}
