import { noSession } from "../hosting/host_error.ts";
import type { FeedLease, SessionFeeds } from "../hosting/session_feeds.ts";
import type { WatcherPlaces } from "../limits/watcher_places.ts";
import type { Feed } from "../session/feed.ts";
import type { ByeMessage } from "../wire/messages.ts";
import { unavailable } from "./problem.ts";

/** Where the feeds are that requests read. */
export interface FeedSources {
  feeds: SessionFeeds;
  /** Those who read count as those who watch. */
  watchers: WatcherPlaces;
  /** Ends what would go on. */
  signal: AbortSignal;
}

/** One request's reading of a session's feed, until it is disposed of. */
export class FeedReading implements Disposable {
  /** Aborted when the session is over, or the server stops. */
  readonly signal: AbortSignal;
  readonly #lease: FeedLease;
  readonly #life: DisposableStack;

  private constructor(
    lease: FeedLease,
    signal: AbortSignal,
    life: DisposableStack,
  ) {
    this.#lease = lease;
    this.signal = signal;
    this.#life = life;
  }

  get feed(): Feed {
    return this.#lease.feed;
  }

  /** Why it is over, once the signal is aborted. */
  get goodbye(): Omit<ByeMessage, "type"> {
    return this.#lease.goodbye ??
      { reason: "the server stopped", code: "stopped" };
  }

  /**
   * Takes a place, and the feed of a session.
   *
   * @throws {LimitError} where too many read or watch.
   * @throws {HostError} `no-session` or `no-worker`.
   */
  static async open(
    { feeds, watchers, signal }: FeedSources,
    { session, remote }: { session: string; remote: string },
  ): Promise<FeedReading> {
    using life = new DisposableStack();
    life.use(watchers.enter({ session, remote }));
    const lease = life.use(await feeds.open(session));
    const over = new AbortController();
    void lease.closed.then(() => over.abort(noSession(session)));
    const until = AbortSignal.any([over.signal, signal]);
    return new FeedReading(lease, until, life.move());
  }

  /**
   * Waits for something of the feed.
   *
   * @param what it is, in a sentence that says that it didn't come.
   * @throws {HttpProblem} 503 where it doesn't come in time.
   * @throws the signal's reason when it is aborted.
   */
  async wait<T>(
    take: (signal: AbortSignal) => Promise<T>,
    { ms, what }: { ms: number; what: string },
  ): Promise<T> {
    const late = AbortSignal.timeout(ms);
    try {
      return await take(AbortSignal.any([this.signal, late]));
    } catch (error) {
      if (!late.aborted || this.signal.aborted) throw error;
      throw unavailable(`No ${what} came within ${ms / 1000} s`);
    }
  }

  /** Gives the place and the feed free. */
  [Symbol.dispose](): void {
    this.#life.dispose();
  }
}
