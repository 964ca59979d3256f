import { addressKey } from "./address_key.ts";
import { Occupancy } from "./occupancy.ts";
import type { RequestLimits } from "./request_limits.ts";
import type { SharedCounts } from "./shared_counts.ts";

/** When a refused watcher may ask again: by then a lost one is gone. */
const RETRY_AFTER_S = 10;

/** Counts who watches, by WebRTC or by HTTP: of a session and of an address. */
export class WatcherPlaces {
  readonly #ofSession: Occupancy;
  readonly #ofAddress: Occupancy;

  /** @param shared what other servers have. */
  constructor(
    { watchers, watchersPerAddress }: Pick<
      RequestLimits,
      "watchers" | "watchersPerAddress"
    >,
    shared?: SharedCounts,
  ) {
    this.#ofSession = new Occupancy({
      limit: "watchers",
      max: watchers,
      full: `The session has all the watchers that it takes (${watchers})`,
      retryAfterS: RETRY_AFTER_S,
      shared,
    });
    this.#ofAddress = new Occupancy({
      limit: "watchers-per-address",
      max: watchersPerAddress,
      full: `Your address has all the watchers that it may have ` +
        `(${watchersPerAddress})`,
      retryAfterS: RETRY_AFTER_S,
      shared,
    });
  }

  /**
   * Takes a place, until it is disposed of.
   *
   * @throws {LimitError} where the session or the address has none left.
   */
  enter({ session, remote }: { session: string; remote: string }): Disposable {
    using taken = new DisposableStack();
    taken.use(this.#ofSession.enter(session));
    taken.use(this.#ofAddress.enter(addressKey(remote)));
    return taken.move();
  }
}
