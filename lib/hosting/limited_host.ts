import { addressKey } from "../limits/address_key.ts";
import type { LimitCounters } from "../limits/limit_counters.ts";
import type { RequestLimit } from "../limits/limit_name.ts";
import { Occupancy } from "../limits/occupancy.ts";
import type { RequestLimits } from "../limits/request_limits.ts";
import type { SharedCounts } from "../limits/shared_counts.ts";
import { WatcherPlaces } from "../limits/watcher_places.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import { withLayer } from "./layer.ts";
import type {
  Answered,
  ClosedWatcher,
  PublishRequest,
  SessionHost,
  WatchRequest,
} from "./session_host.ts";

/** When a refused peer may ask again: by then a lost one is gone. */
const RETRY_AFTER_S = 10;

/** What a host is held to, and where it is counted. */
export interface HostLimits {
  limits: RequestLimits;
  counters: LimitCounters;
  /** Counts those who watch by other ways, too. @default {its own} */
  watchers?: WatcherPlaces;
  /** What other servers have of the same limits. @default {they have none} */
  shared?: SharedCounts;
}

/**
 * Makes a host that takes no more sessions and watchers than it may: `publish`
 * and `watch` throw a `LimitError` where there are too many. It counts what
 * crosses the border, so that it's the same wherever they live.
 */
export function limitHost(host: SessionHost, limits: HostLimits): SessionHost {
  return withLayer(host, new LimitLayer(host, limits));
}

/** What one session takes up. */
interface Places {
  all: Disposable;
  /** Until it is connected. */
  connecting: Disposable;
}

class LimitLayer implements Pick<SessionHost, "publish" | "watch"> {
  readonly #host: SessionHost;
  readonly #counters: LimitCounters;
  readonly #sessions: Occupancy;
  readonly #sessionsOf: Occupancy;
  readonly #connectingOf: Occupancy;
  readonly #watchers: WatcherPlaces;
  readonly #places = new Map<string, Places>();
  readonly #watcherPlaces = new Map<string, Disposable>();
  /** Offers that are being answered, and what ended before all of them were. */
  #answering = 0;
  readonly #endedEarly = new Set<string>();

  constructor(
    host: SessionHost,
    { limits, counters, shared, ...rest }: HostLimits,
  ) {
    this.#host = host;
    this.#counters = counters;
    const most = (
      limit: RequestLimit,
      max: number,
      full: string,
    ) =>
      new Occupancy({ limit, max, full, shared, retryAfterS: RETRY_AFTER_S });
    this.#sessions = most(
      "sessions",
      limits.sessions,
      `The server has all the sessions that it takes (${limits.sessions})`,
    );
    this.#sessionsOf = most(
      "sessions-per-address",
      limits.sessionsPerAddress,
      `Your address has all the sessions that it may have ` +
        `(${limits.sessionsPerAddress})`,
    );
    this.#connectingOf = most(
      "connecting-per-address",
      limits.connectingPerAddress,
      `Your address has all the sessions that may be still to connect ` +
        `(${limits.connectingPerAddress})`,
    );
    this.#watchers = rest.watchers ?? new WatcherPlaces(limits, shared);
    host.subscribe({
      onConnected: ({ id }) =>
        this.#places.get(id)?.connecting[Symbol.dispose](),
      onClosed: (session) => this.#sessionClosed(session),
      onWatcherClosed: (watcher) => this.#watcherClosed(watcher),
    });
  }

  /** @throws {LimitError} where there are too many already. */
  async publish(
    request: PublishRequest,
    posted?: MessagePort,
  ): Promise<Answered> {
    const key = addressKey(request.remote);
    using taken = new DisposableStack();
    taken.use(this.#sessions.enter());
    taken.use(this.#sessionsOf.enter(key));
    const connecting = taken.use(this.#connectingOf.enter(key));
    return await this.#answer(
      () => this.#host.publish(request, posted),
      (id) => this.#places.set(id, { all: taken.move(), connecting }),
    );
  }

  /** @throws {LimitError} where there are too many already. */
  async watch(
    request: WatchRequest,
    mirror?: MessagePort,
  ): Promise<Answered> {
    using taken = new DisposableStack();
    taken.use(this.#watchers.enter(request));
    return await this.#answer(
      () => this.#host.watch(request, mirror),
      (id) => this.#watcherPlaces.set(id, taken.move()),
    );
  }

  /** @param keep keeps what the answered one takes up, where it still lives. */
  async #answer(
    answer: () => Promise<Answered>,
    keep: (id: string) => void,
  ): Promise<Answered> {
    this.#answering++;
    try {
      const answered = await answer();
      if (!this.#endedEarly.has(answered.id)) keep(answered.id);
      return answered;
    } finally {
      if (--this.#answering === 0) this.#endedEarly.clear();
    }
  }

  #sessionClosed({ id, brokenLimit }: SessionSnapshot): void {
    if (brokenLimit !== null) this.#counters.count(brokenLimit);
    this.#places.get(id)?.all[Symbol.dispose]();
    if (!this.#places.delete(id)) this.#noteEarly(id);
  }

  #watcherClosed({ id, brokenLimit }: ClosedWatcher): void {
    if (brokenLimit !== null) this.#counters.count(brokenLimit);
    this.#watcherPlaces.get(id)?.[Symbol.dispose]();
    if (!this.#watcherPlaces.delete(id)) this.#noteEarly(id);
  }

  #noteEarly(id: string): void {
    if (this.#answering > 0) this.#endedEarly.add(id);
  }
}
