import { AddressBuckets } from "./address_buckets.ts";
import { addressKey } from "./address_key.ts";
import { TokenBucket } from "./token_bucket.ts";

/**
 * Packets a second that a server sends to addresses that never answered and
 * that no offer came from: all its connections, and those of one offerer.
 */
const PACKETS_PER_S = 1000;
const OFFERER_PACKETS_PER_S = 200;
/** Seconds' worth that may go out at once. */
const BURST_S = 1;
const OFFERER_BURST_S = 3;

/**
 * What the connections of one server, or of one of its Workers, may send to
 * addresses that never answered: whoever names them in an offer may not be
 * there. One offerer can't take the others' share.
 */
export class UnprovenPackets {
  readonly #all: TokenBucket;
  readonly #byOfferer: AddressBuckets;

  /** @param workers how many of these the server's packets are shared by. */
  constructor(workers = 1, now?: () => number) {
    const bucketOf = (packets: number, seconds: number) => ({
      rate: packets / workers,
      capacity: packets * seconds / workers,
      now,
    });
    this.#all = new TokenBucket(bucketOf(PACKETS_PER_S, BURST_S));
    this.#byOfferer = new AddressBuckets(
      bucketOf(OFFERER_PACKETS_PER_S, OFFERER_BURST_S),
    );
  }

  /** Takes one packet, and tells whether there was one. */
  take(offerer: string): boolean {
    return this.#byOfferer.of(addressKey(offerer)).take() && this.#all.take();
  }
}
