import type { PacketFates } from "./sent_chunks.ts";

/** Where the search for the path's MTU is (RFC 8899 section 5.2). */
export type PathMtuState = "base" | "searching" | "search-complete" | "error";

/** A packet that shows by its acknowledgement what the path takes. */
export interface MtuProbe {
  /** Bytes of the IP packet. */
  readonly size: number;
  /** Tells its acknowledgement from all others. */
  readonly nonce: bigint;
}

/** Sizes are of IP packets, bytes. */
export interface PathMtuOptions {
  /** What every path should take. */
  base: number;
  /** What is sent where a path doesn't take the base. */
  minimum: number;
  /** What may be found, ascending, all above the base. */
  candidates: readonly number[];
  /** Makes the nonce of a probe. @default {64 random bits} */
  makeNonce?(): bigint;
}

/** MAX_PROBES of RFC 8899 section 5.1.2. */
const MAX_PROBES = 3;
/** Least PROBE_TIMER (section 5.1.1), milliseconds. */
const LEAST_PROBE_MS = 1000;
/** What it doubles up to where the path doesn't even take the base. */
const MOST_PROBE_MS = 15_000;
/** PMTU_RAISE_TIMER (section 5.1.1), milliseconds. */
const RAISE_MS = 600_000;
/** Large packets that are lost in a row, before a black hole is suspected. */
const BLACK_HOLE_PACKETS = 4;
/** Retransmission timeouts in a row: three packets were lost as probes are. */
const STALL_TIMEOUTS = 2;

/**
 * Finds the largest packet that a path takes: Datagram Packetization Layer Path
 * MTU Discovery (RFC 8899 section 5). It has no clock and sends nothing: `next`
 * is to be called while there is traffic.
 *
 * What is delivered confirms the base as well as a probe would. A path that
 * takes large packets no more (a black hole, section 4.3) is told by those that
 * are lost while smaller ones arrive.
 */
export class PathMtu implements PacketFates {
  readonly #base: number;
  readonly #minimum: number;
  readonly #candidates: readonly number[];
  readonly #makeNonce: () => bigint;
  #state: PathMtuState = "base";
  #mtu: number;
  #probe: MtuProbe | undefined;
  #probeLostAt = 0;
  #failures = 0;
  #raiseAt = 0;
  #retreatedAt = -Infinity;
  #timeouts = 0;
  /** Large packets that were lost since one was delivered. */
  #lost = 0;
  #firstLostSentAt = 0;
  #lastLostSentAt = 0;
  /** When the newest small packet that was delivered had been sent. */
  #smallSentAt = -Infinity;

  constructor(options: PathMtuOptions) {
    this.#base = this.#mtu = options.base;
    this.#minimum = options.minimum;
    this.#candidates = options.candidates;
    this.#makeNonce = options.makeNonce ?? randomNonce;
  }

  get state(): PathMtuState {
    return this.#state;
  }

  /** The largest packet to send. */
  get mtu(): number {
    return this.#mtu;
  }

  /** When it went back to less, the last time; what is older tells nothing. */
  get retreatedAt(): number {
    return this.#retreatedAt;
  }

  /**
   * Goes on, and gives the probe to send now, if one is due.
   *
   * @param roundTripMs a usual round trip.
   * @param timeoutMs what an answer may take.
   */
  next(
    now: number,
    roundTripMs: number,
    timeoutMs: number,
  ): MtuProbe | undefined {
    if (this.#isBlackHole(roundTripMs)) this.#retreat(now);
    if (this.#probe !== undefined) {
      if (now < this.#probeLostAt) return undefined;
      this.#fail(now);
    }
    const size = this.#sizeToProbe(now);
    if (size === undefined) return undefined;
    const doubled = this.#state === "error" ? 2 ** this.#failures : 1;
    const least = Math.min(LEAST_PROBE_MS * doubled, MOST_PROBE_MS);
    this.#probeLostAt = now + Math.max(least, timeoutMs);
    return this.#probe = { size, nonce: this.#makeNonce() };
  }

  /**
   * Takes the acknowledgement of a probe.
   *
   * @returns whether it is of the one that is under way.
   */
  acknowledge(nonce: bigint, now: number): boolean {
    const probe = this.#probe;
    if (probe?.nonce !== nonce) return false;
    this.#probe = undefined;
    this.#failures = 0;
    this.#mtu = probe.size;
    this.#timeouts = 0;
    this.#search(now);
    return true;
  }

  /** Notes a packet of data that was acknowledged; of one sent twice, too. */
  onDelivered(size: number, sentAt: number): void {
    this.#timeouts = 0;
    // In fragments, which say nothing of the path.
    if (size > this.#mtu) return;
    if (this.#isLarge(size)) this.#lost = 0;
    else this.#smallSentAt = Math.max(this.#smallSentAt, sentAt);
    if (this.#state !== "base" || sentAt < this.#retreatedAt) return;
    if (this.#isLarge(size)) this.#confirmBase();
  }

  /** Notes a packet of data that was lost, by when it was sent last. */
  onLost(size: number, sentAt: number): void {
    if (size > this.#mtu || !this.#isLarge(size)) return;
    if (this.#lost++ === 0) this.#firstLostSentAt = sentAt;
    this.#lastLostSentAt = Math.max(this.#lastLostSentAt, sentAt);
  }

  /**
   * Notes that the retransmission timer ran out, once all that was in flight
   * was noted as lost: what is sent again may have to be cut at once.
   */
  onTimeout(now: number): void {
    const hasStalled = ++this.#timeouts >= STALL_TIMEOUTS;
    if (hasStalled || this.#isBlackHole(0)) this.#retreat(now);
  }

  /** Whether it is of what was found, or of the base where that is all. */
  #isLarge(size: number): boolean {
    return size > (this.#mtu > this.#base ? this.#base : this.#base - 4);
  }

  /**
   * Whether large packets alone are lost. A full queue loses some of those of a
   * round trip, and an outage what is small as well.
   */
  #isBlackHole(roundTripMs: number): boolean {
    return this.#lost >= BLACK_HOLE_PACKETS &&
      this.#lastLostSentAt - this.#firstLostSentAt >= roundTripMs &&
      this.#smallSentAt > this.#firstLostSentAt;
  }

  /** Goes back to the base, or below it where that is what was sent. */
  #retreat(now: number): void {
    if (this.#state === "error") return;
    if (this.#state === "base") return this.#giveUpBase(now);
    this.#state = "base";
    this.#lower(this.#base, now);
  }

  #confirmBase(): void {
    this.#state = "searching";
    this.#probe = undefined;
    this.#failures = 0;
  }

  #giveUpBase(now: number): void {
    this.#state = "error";
    this.#lower(this.#minimum, now);
  }

  #lower(mtu: number, now: number): void {
    if (mtu < this.#mtu) this.#retreatedAt = now;
    this.#mtu = mtu;
    this.#probe = undefined;
    this.#failures = this.#lost = this.#timeouts = 0;
  }

  #fail(now: number): void {
    this.#probe = undefined;
    this.#failures++;
    if (this.#state === "error" || this.#failures < MAX_PROBES) return;
    this.#failures = 0;
    if (this.#state === "base") this.#giveUpBase(now);
    else this.#complete(now);
  }

  #search(now: number): void {
    if (this.#larger === undefined) this.#complete(now);
    else this.#state = "searching";
  }

  #complete(now: number): void {
    this.#state = "search-complete";
    this.#raiseAt = now + RAISE_MS;
  }

  #sizeToProbe(now: number): number | undefined {
    if (this.#state === "search-complete") {
      if (now < this.#raiseAt || this.#larger === undefined) return undefined;
      this.#state = "searching";
    }
    return this.#state === "searching" ? this.#larger : this.#base;
  }

  get #larger(): number | undefined {
    return this.#candidates.find((size) => size > this.#mtu);
  }
}

function randomNonce(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0];
}
