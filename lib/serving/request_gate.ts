import { AddressBuckets } from "../limits/address_buckets.ts";
import { addressKey } from "../limits/address_key.ts";
import { LimitError } from "../limits/limit_error.ts";
import { Occupancy } from "../limits/occupancy.ts";
import { OFFER_BURST_S, type RequestLimits } from "../limits/request_limits.ts";
import type { SharedCounts } from "../limits/shared_counts.ts";

/** When one may ask again for whom there was no place, seconds. */
const RETRY_AFTER_S = 10;

/**
 * Holds each address to what it may ask for, before anything is made for it.
 */
export class RequestGate {
  readonly #limits: RequestLimits;
  readonly #offers: AddressBuckets;
  readonly #eventStreams: Occupancy;
  readonly #foxgloveClients: Occupancy;
  readonly #foxgloveClientsOf: Occupancy;
  readonly #shared: SharedCounts | undefined;

  /**
   * @param options `now`: milliseconds that only go up; `shared`: what other
   * servers have, and take.
   */
  constructor(
    limits: RequestLimits,
    { now, shared }: { now?: () => number; shared?: SharedCounts } = {},
  ) {
    this.#limits = limits;
    this.#shared = shared;
    const { offersPerSecond: rate, eventStreamsPerAddress: max } = limits;
    const capacity = Math.max(1, rate * OFFER_BURST_S);
    this.#offers = new AddressBuckets({ rate, capacity, now });
    shared?.onOffers((address, count) => this.#offers.of(address).spend(count));
    this.#eventStreams = new Occupancy({
      limit: "event-streams-per-address",
      max,
      full: `Your address has all the event streams that it may have (${max})`,
      retryAfterS: RETRY_AFTER_S,
      shared,
    });
    const { foxgloveClients, foxgloveClientsPerAddress } = limits;
    this.#foxgloveClients = new Occupancy({
      limit: "foxglove-clients",
      max: foxgloveClients,
      full:
        `The server has all the tools that it may have (${foxgloveClients})`,
      retryAfterS: RETRY_AFTER_S,
      shared,
    });
    this.#foxgloveClientsOf = new Occupancy({
      limit: "foxglove-clients-per-address",
      max: foxgloveClientsPerAddress,
      full: `Your address has all the tools that it may have ` +
        `(${foxgloveClientsPerAddress})`,
      retryAfterS: RETRY_AFTER_S,
      shared,
    });
  }

  /** @throws {LimitError} where too many offers came from the address. */
  offer(remote: string): void {
    const address = addressKey(remote);
    const bucket = this.#offers.of(address);
    if (bucket.take()) return this.#shared?.noteOffer(address);
    throw new LimitError(
      "offers-per-second",
      `More than ${this.#limits.offersPerSecond} offers a second came from ` +
        `your address`,
      Math.ceil(bucket.waitMs() / 1000),
    );
  }

  /**
   * Takes a place for an event stream.
   *
   * @throws {LimitError} where the address has as many as it may.
   */
  eventStream(remote: string): Disposable {
    return this.#eventStreams.enter(addressKey(remote));
  }

  /**
   * Takes a place for a client of the Foxglove protocol.
   *
   * @throws {LimitError} where there are as many as there may be.
   */
  foxgloveClient(remote: string): Disposable {
    using life = new DisposableStack();
    life.use(this.#foxgloveClientsOf.enter(addressKey(remote)));
    life.use(this.#foxgloveClients.enter());
    return life.move();
  }
}
