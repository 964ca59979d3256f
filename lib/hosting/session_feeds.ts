import type { Feed } from "../session/feed.ts";
import type { ByeCode } from "../wire/messages.ts";
import {
  carryByPort,
  type FeedCarrier,
  type FromExport,
  type FromMirror,
} from "./feed_carrier.ts";
import { FeedMirror } from "./feed_link.ts";
import type { SessionHost } from "./session_host.ts";

/** A session's feed, for as long as it isn't disposed of. */
export interface FeedLease extends Disposable {
  readonly feed: Feed;
  /** Resolves when the session is over, with the reason in a clause. */
  readonly closed: Promise<string>;
  /** What is said of its end, once it is over. */
  readonly goodbye?: { reason: string; code: ByeCode };
}

/** A feed that is asked for. */
export interface AskedFeed {
  carrier: FeedCarrier<FromMirror, FromExport>;
  /** Resolves when the session's host has taken the other end. */
  exported: Promise<void>;
}

/** Where sessions are, and their feeds. */
export interface FeedSource {
  subscribe: SessionHost["subscribe"];
  /** Asks for the feed of a session. */
  ask(session: string): AskedFeed;
}

interface Entry {
  mirror: FeedMirror;
  /** Resolves when the session's host has taken the other end. */
  exported: Promise<void>;
  readers: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** How long a feed is kept without readers, milliseconds. */
const LINGER_MS = 5_000;

/**
 * The feeds of sessions, wherever they live, for readers in this isolate: one a
 * session, which is let go a little while after its last reader.
 */
export class SessionFeeds implements Disposable {
  readonly #source: FeedSource;
  readonly #lingerMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #observing: Disposable;

  /** Follows the sessions of a source. */
  constructor(source: FeedSource, lingerMs = LINGER_MS) {
    this.#source = source;
    this.#lingerMs = lingerMs;
    // A session whose Worker or node died says no goodbye itself.
    this.#observing = source.subscribe({
      onClosed: ({ id }, reason, code) =>
        this.#entries.get(id)?.mirror.end(reason, code),
    });
  }

  /** Sessions whose feeds are here. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Gets the feed of a session, its tracks known.
   *
   * @throws {HostError} `no-session`, or `no-worker` as its Worker dies.
   */
  async open(session: string): Promise<FeedLease> {
    const entry = this.#entries.get(session) ?? this.#mirror(session);
    clearTimeout(entry.timer);
    entry.readers++;
    using lease = new DisposableStack();
    lease.defer(() => this.#leave(session, entry));
    await entry.exported;
    await entry.mirror.ready;
    const { mirror } = entry;
    const { feed, closed } = mirror;
    const kept = lease.move();
    return {
      ...{ feed, closed },
      get goodbye() {
        return mirror.goodbye;
      },
      [Symbol.dispose]: () => kept.dispose(),
    };
  }

  /** Lets every feed go. */
  [Symbol.dispose](): void {
    this.#observing[Symbol.dispose]();
    for (const { mirror, timer } of this.#entries.values()) {
      clearTimeout(timer);
      mirror.end("the server stopped", "stopped");
    }
    this.#entries.clear();
  }

  #mirror(session: string): Entry {
    const { carrier, exported } = this.#source.ask(session);
    const mirror = new FeedMirror(session, carrier);
    const entry: Entry = { mirror, exported, readers: 0 };
    this.#entries.set(session, entry);
    exported.catch(() => mirror.end("there is no such session", "ended"));
    void mirror.closed.then(() => {
      clearTimeout(entry.timer);
      if (this.#entries.get(session) === entry) this.#entries.delete(session);
    });
    return entry;
  }

  #leave(session: string, entry: Entry): void {
    if (--entry.readers > 0 || this.#entries.get(session) !== entry) return;
    entry.timer = setTimeout(
      () => entry.mirror.end("nobody reads", "ended"),
      this.#lingerMs,
    );
  }
}

/** Makes the feeds of a host's sessions, which come over ports. */
export function feedsOf(
  host: Pick<SessionHost, "exportFeed" | "subscribe">,
  lingerMs?: number,
): SessionFeeds {
  const ask = (session: string) => {
    const { port1, port2 } = new MessageChannel();
    const carrier = carryByPort<FromMirror, FromExport>(port2);
    return { carrier, exported: host.exportFeed(session, port1) };
  };
  const subscribe: FeedSource["subscribe"] = (o) => host.subscribe(o);
  return new SessionFeeds({ subscribe, ask }, lingerMs);
}
