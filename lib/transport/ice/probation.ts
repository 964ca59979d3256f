import { addressKey } from "../../limits/address_key.ts";
import type { UnprovenPackets } from "../../limits/unproven_packets.ts";
import type { Address } from "../werift/ice_protocol.ts";

/** What is known of the offer that a connection answers. */
export interface OfferOrigin {
  /** Size of the offer, bytes. */
  bytes: number;
  /** The address that it came from: it proved itself to TCP. */
  address: string;
  /** What all connections of the server may send. */
  packets: UnprovenPackets;
}

/** Most packets to an IP address that never answered. */
interface Allowance {
  checks: number;
  /** Checks before anybody who knows our password spoke from there. */
  unasked: number;
  /** Answers to checks. */
  answers: number;
}

/** What anybody's address gets, ten in all. */
const STRANGERS: Allowance = { checks: 7, unasked: 4, answers: 3 };
/**
 * What the address gets that the offer came from, as it proved itself to TCP;
 * or any, where we made the offer, to a server that we chose. So many that a
 * connection comes up where a third of the packets is lost.
 */
const PARTNERS: Allowance = { checks: 30, unasked: 10, answers: 20 };
/** Most packets of a connection to transport addresses that never answered. */
const MAX_PACKETS = 100;
/** Transport addresses that checks are taken from, as many as pairs. */
const MAX_SOURCES = 100;
/** Checks that the peer may answer with an error, such as a role conflict. */
const MAX_REFUSALS = 16;
/**
 * Bytes that may go out for each that came; unasked, for each of the offer. An
 * attacker who names somebody else's address is to gain nothing by it.
 */
const GAIN = 1.4;
const UNASKED_GAIN = 1;
/** Largest answer to a check: an error, or an IPv6 address. */
const ANSWER_BYTES = 76;

/** What was sent to an IP address that hasn't answered. */
interface Sent {
  checks: number;
  answers: number;
  /** Somebody spoke from there who knows our password. */
  isHeard: boolean;
}

/**
 * Bounds what a connection sends to addresses that may not be its peer's: an
 * offer can name anybody's, and who knows our password can make a check look as
 * if it came from there. An address has proven itself when one of our checks
 * was answered from it, as nobody else knows the check's transaction id; then
 * nothing is counted any more. IPv6 is counted by its /64.
 *
 * Of the packets to an address some are kept for when it speaks: a NAT lets our
 * first ones not through.
 */
export class Probation {
  readonly #origin: OfferOrigin | undefined;
  readonly #originKey: string | undefined;
  readonly #sent = new Map<string, Sent>();
  readonly #provenHosts = new Set<string>();
  readonly #proven = new Set<string>();
  readonly #sources = new Set<string>();
  #packets = 0;
  #bytes = 0;
  #heardBytes = 0;
  #refusals = 0;

  /** @param origin of the offer; none where we made it ourselves. */
  constructor(origin?: OfferOrigin) {
    this.#origin = origin;
    this.#originKey = origin && addressKey(origin.address);
  }

  /** Whether a check may be begun: not by who refused too many. */
  get mayBegin(): boolean {
    return this.#refusals < MAX_REFUSALS;
  }

  /** Whether an address answered one of our checks. */
  isProven([host, port]: Address): boolean {
    return this.#proven.has(`${host} ${port}`);
  }

  /**
   * Notes that one of our checks was answered.
   *
   * @param isRefusal whether by an error.
   */
  answered([host, port]: Address, isRefusal = false): void {
    if (isRefusal) this.#refusals++;
    this.#provenHosts.add(addressKey(host));
    this.#proven.add(`${host} ${port}`);
  }

  /**
   * Takes a packet where a check may be sent.
   *
   * @param bytes size of the check.
   */
  takeCheck(to: Address, bytes: number): boolean {
    if (this.isProven(to)) return true;
    const key = addressKey(to[0]);
    const sent = this.#sent.get(key) ?? nothingSent();
    const { checks, unasked } = this.#allowanceOf(key);
    const most = sent.isHeard ? checks : unasked;
    if (!this.#provenHosts.has(key) && sent.checks >= most) return false;
    if (!this.#take(key, bytes, sent.isHeard)) return false;
    sent.checks++;
    this.#sent.set(key, sent);
    return true;
  }

  /**
   * Takes a packet where a check that came may be answered; otherwise it is to
   * be passed over.
   *
   * @param bytes size of the check that came.
   */
  takeAnswer(to: Address, bytes: number): boolean {
    const source = to.join(" ");
    const isKnown = this.#sources.has(source);
    if (!isKnown && this.#sources.size >= MAX_SOURCES) return false;
    if (!this.isProven(to)) {
      const key = addressKey(to[0]);
      const sent = this.#sent.get(key) ?? nothingSent();
      this.#heardBytes += bytes;
      const isFull = sent.answers >= this.#allowanceOf(key).answers;
      if (isFull && !this.#provenHosts.has(key)) return false;
      if (!this.#take(key, ANSWER_BYTES, true)) return false;
      sent.answers++;
      sent.isHeard = true;
      this.#sent.set(key, sent);
    }
    this.#sources.add(source);
    return true;
  }

  #allowanceOf(key: string): Allowance {
    const isPartner = this.#origin === undefined || key === this.#originKey;
    return isPartner ? PARTNERS : STRANGERS;
  }

  #take(key: string, bytes: number, isAsked: boolean): boolean {
    if (this.#packets >= MAX_PACKETS) return false;
    if (this.#origin !== undefined) {
      const { bytes: offered, address, packets } = this.#origin;
      const room = isAsked
        ? GAIN * (offered + this.#heardBytes)
        : UNASKED_GAIN * offered;
      if (this.#bytes + bytes > room) return false;
      const isCounted = key !== this.#originKey && !this.#provenHosts.has(key);
      if (isCounted && !packets.take(address)) return false;
    }
    this.#packets++;
    this.#bytes += bytes;
    return true;
  }
}

function nothingSent(): Sent {
  return { checks: 0, answers: 0, isHeard: false };
}
