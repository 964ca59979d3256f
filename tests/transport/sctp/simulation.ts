/**
 * Associations over simulated links, in simulated time: both sides are the real
 * state machines, and no socket, timer or clock has a part in it.
 */
import { Bbr } from "../../../lib/transport/sctp/bbr.ts";
import type { CongestionController } from "../../../lib/transport/sctp/congestion.ts";
import { Inbound } from "../../../lib/transport/sctp/inbound.ts";
import { Outbound } from "../../../lib/transport/sctp/outbound.ts";
import type { SackChunk } from "../../../lib/transport/sctp/packet.ts";
import type { PathMtu } from "../../../lib/transport/sctp/path_mtu.ts";
import type { SentChunk } from "../../../lib/transport/sctp/sent_chunks.ts";

/** Simulated time and what happens in it. */
export class Simulation {
  now = 0;
  #order = 0;
  readonly #events: { at: number; order: number; run: () => void }[] = [];

  /**
   * Has something happen at a time, in the order of asking where it is equal.
   */
  at(time: number, run: () => void): void {
    const event = { at: Math.max(time, this.now), order: this.#order++, run };
    const events = this.#events;
    let index = events.push(event) - 1;
    while (index > 0) {
      const parent = index - 1 >> 1;
      if (isBefore(events[parent], event)) break;
      events[index] = events[parent];
      index = parent;
    }
    events[index] = event;
  }

  /** Goes on until a time, milliseconds. */
  runUntil(end: number): void {
    while (this.#events.length > 0 && this.#events[0].at <= end) {
      const event = this.#pop();
      this.now = event.at;
      event.run();
    }
    this.now = end;
  }

  #pop() {
    const events = this.#events;
    const [first] = events;
    const last = events.pop()!;
    let index = 0;
    while (events.length > 0) {
      let child = 2 * index + 1;
      if (child >= events.length) break;
      if (
        child + 1 < events.length && isBefore(events[child + 1], events[child])
      ) child++;
      if (isBefore(last, events[child])) break;
      events[index] = events[child];
      index = child;
    }
    if (events.length > 0) events[index] = last;
    return first;
  }
}

function isBefore(
  a: { at: number; order: number },
  b: { at: number; order: number },
): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Numbers from 0 to 1 that are the same every time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

export interface LinkOptions {
  /** One way, milliseconds. */
  delay: number;
  /** Share of packets lost at random. */
  loss?: number;
  /** Share of packets that come twice. */
  duplicate?: number;
  /** Share of packets that come late, by so many milliseconds. */
  reorder?: number;
  reorderBy?: number;
  /** Uniform, milliseconds, with no packet overtaking another. */
  jitter?: number;
  /** Bytes a millisecond; none is without limit. */
  rate?: number;
  /** What the queue before the bottleneck holds, bytes. */
  queue?: number;
  /** Largest packet that isn't dropped, bytes. */
  mtu?: number;
  seed?: number;
}

/** One direction of a path: impairs packets, and may be shared by flows. */
export class SimulatedLink {
  readonly counters = { packets: 0, lost: 0, overflowed: 0, tooLarge: 0 };
  options: LinkOptions;
  readonly #simulation: Simulation;
  readonly #random: () => number;
  #freeAt = 0;
  #lastAt = 0;

  constructor(simulation: Simulation, options: LinkOptions) {
    this.#simulation = simulation;
    this.options = options;
    this.#random = seededRandom(options.seed ?? 1);
  }

  /**
   * Sends a packet; `arrive` runs when, and as often as, it does. One that may
   * be cut isn't too large for anything.
   */
  send(bytes: number, arrive: () => void, mayBeCut = false): void {
    const { now } = this.#simulation;
    const { delay, loss = 0, duplicate = 0, reorder = 0 } = this.options;
    const { reorderBy = 5, jitter = 0, rate, queue = Infinity } = this.options;
    this.counters.packets++;
    if (!mayBeCut && bytes > (this.options.mtu ?? Infinity)) {
      this.counters.tooLarge++;
      return;
    }
    if (this.#random() < loss) {
      this.counters.lost++;
      return;
    }
    let leaves = now;
    if (rate !== undefined) {
      const waiting = Math.max(0, this.#freeAt - now) * rate;
      if (waiting + bytes > queue) {
        this.counters.overflowed++;
        return;
      }
      leaves = this.#freeAt = Math.max(now, this.#freeAt) + bytes / rate;
    }
    let at = leaves + delay + jitter * this.#random();
    at = this.#lastAt = Math.max(at, this.#lastAt);
    if (this.#random() < reorder) at += reorderBy;
    this.#simulation.at(at, arrive);
    if (this.#random() < duplicate) this.#simulation.at(at, arrive);
  }
}

export interface FlowOptions {
  forward: SimulatedLink;
  backward: SimulatedLink;
  /** @default a Bbr of packets of 1280 bytes */
  congestion?: CongestionController;
  seed?: number;
  maxPayload?: number;
  /** Bytes of a message that keeps coming; none sends only what is asked. */
  greedy?: number;
  initialRtt?: number;
  /** Looks for larger packets. */
  pathMtu?: PathMtu;
  /**
   * A busy sender: it does what is due, and takes what came, once in so many
   * milliseconds. @default {0} at once
   */
  grain?: number;
}

/** Bytes of the headers of a packet. */
export const OVERHEAD = 113;

/** An association that sends one way. */
export class Flow {
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  /** Bytes of user data that came out whole and in order. */
  received = 0;
  /** The messages that came out, where they are kept. */
  readonly messages: Uint8Array[] = [];
  keepMessages = false;
  onMessage: ((data: Uint8Array) => void) | undefined;
  readonly #simulation: Simulation;
  readonly #options: FlowOptions;
  #wakeAt = Infinity;
  #sackAt = Infinity;
  #sequence = 0;

  constructor(simulation: Simulation, options: FlowOptions) {
    this.#simulation = simulation;
    this.#options = options;
    const { maxPayload = 1164, seed = 1, initialRtt } = options;
    const congestion = options.congestion ??
      new Bbr({
        packetBytes: maxPayload + OVERHEAD,
        random: seededRandom(seed),
        initialRtt,
      });
    this.inbound = new Inbound(0xfffffff0, ({ data }) => {
      this.received += data.length;
      if (this.keepMessages) this.messages.push(data);
      this.onMessage?.(data);
    });
    this.outbound = new Outbound({
      // It wraps early.
      initialTsn: 0xfffffff0,
      peerWindow: 4 * 1024 * 1024,
      maxPayload,
      overhead: OVERHEAD,
      congestion,
      initialRtt,
      transmit: (chunk) => this.#transmit(chunk),
      fates: options.pathMtu,
    });
    if (options.greedy) simulation.at(0, () => this.#feed());
  }

  send(data: Uint8Array, onSent?: () => void): void {
    this.outbound.send({
      streamId: 1,
      streamSequence: this.#sequence++ & 0xffff,
      protocol: 53,
      ordered: true,
      data,
      onSent,
    }, this.#simulation.now);
    this.#setWake();
  }

  #feed(): void {
    const { greedy = 0 } = this.#options;
    // As bufferedAmount has it: a few messages wait at any time.
    while (this.outbound.queuedBytes < 8 * greedy) {
      this.send(new Uint8Array(greedy));
    }
  }

  #transmit(chunk: SentChunk): void {
    const { tsn, flags, streamId, streamSequence, protocol, userData } = chunk;
    const copy = { flags, streamId, streamSequence, protocol, userData };
    this.#options.forward.send(chunk.size, () => {
      this.inbound.data({ ...copy, tsn: tsn >>> 0 });
      this.inbound.endPacket(this.#simulation.now);
      this.#setSack();
    }, chunk.size > (this.#options.pathMtu?.mtu ?? Infinity));
  }

  /** Sends the probe that is due, if any, and minds what the path takes. */
  #searchMtu(): void {
    const { pathMtu, forward, backward } = this.#options;
    if (pathMtu === undefined) return;
    const { smoothed = 0, timeout } = this.outbound.rtt;
    const { now } = this.#simulation;
    const probe = pathMtu.next(now, smoothed, timeout);
    this.#resize(pathMtu);
    if (probe === undefined) return;
    forward.send(probe.size, () =>
      backward.send(100, () => {
        pathMtu.acknowledge(probe.nonce, this.#simulation.now);
        this.#resize(pathMtu);
      }));
    this.outbound.onSentBesides(probe.size, now);
  }

  #resize({ mtu }: PathMtu): void {
    this.outbound.resize(mtu - OVERHEAD & ~3);
  }

  #setSack(): void {
    const at = this.inbound.sackAt;
    if (at <= this.#simulation.now) return this.#sendSack();
    if (at >= this.#sackAt) return;
    this.#sackAt = at;
    this.#simulation.at(at, () => {
      if (this.#sackAt !== at) return;
      this.#sackAt = Infinity;
      if (this.inbound.sackAt <= this.#simulation.now) this.#sendSack();
    });
  }

  #sendSack(): void {
    const sack: SackChunk = this.inbound.takeSack(256);
    this.#options.backward.send(100 + 4 * sack.gaps.length, () => {
      this.#simulation.at(this.#turnAfter(this.#simulation.now), () => {
        this.outbound.acknowledge(sack, this.#simulation.now);
        this.#searchMtu();
        this.#setWake();
        if (this.#options.greedy) this.#feed();
      });
    });
  }

  /** When the sender has its next turn. */
  #turnAfter(time: number): number {
    const { grain = 0 } = this.#options;
    return grain === 0 ? time : Math.ceil(time / grain) * grain;
  }

  #setWake(): void {
    const at = this.outbound.wakeAt;
    if (at === Infinity || at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#simulation.at(this.#turnAfter(at), () => {
      if (this.#wakeAt !== at) return;
      this.#wakeAt = Infinity;
      this.outbound.wake(this.#simulation.now);
      this.#searchMtu();
      this.#setWake();
      if (this.#options.greedy) this.#feed();
    });
  }
}
