import type { WatcherRegistry } from "../watching/watcher_registry.ts";
import { carryByPort, declineFeed } from "./feed_carrier.ts";
import { FeedMirror } from "./feed_link.ts";

interface Entry {
  mirror: FeedMirror;
  /** Watchers that are being made. */
  pending: number;
}

/** The sessions that live elsewhere and are watched in this isolate. */
export class Mirrors {
  readonly #watchers: WatcherRegistry;
  readonly #entries = new Map<string, Entry>();

  constructor(watchers: WatcherRegistry) {
    this.#watchers = watchers;
  }

  /**
   * Makes something that watches a session's mirror: the one that there is, or
   * else one that gets its feed from `port`.
   */
  async use<T>(
    session: string,
    port: MessagePort,
    make: (mirror: FeedMirror) => Promise<T>,
  ): Promise<T> {
    const entry = this.#open(session, port);
    entry.pending++;
    try {
      await entry.mirror.ready;
      return await make(entry.mirror);
    } finally {
      entry.pending--;
      this.settle(session);
    }
  }

  /** Ends the mirror of a session that has no watchers any more. */
  settle(session: string): void {
    const entry = this.#entries.get(session);
    if (entry === undefined) return;
    if (this.#watchers.count(session) + entry.pending > 0) return;
    this.#end(entry, "nobody watches");
  }

  /** Ends the mirror of a session, if there is one, with all who watch it. */
  end(session: string, reason: string): void {
    const entry = this.#entries.get(session);
    if (entry !== undefined) this.#end(entry, reason);
  }

  #open(session: string, port: MessagePort): Entry {
    const open = this.#entries.get(session);
    if (open !== undefined) {
      declineFeed(port);
      return open;
    }
    const mirror = new FeedMirror(session, carryByPort(port));
    const entry = { mirror, pending: 0 };
    this.#entries.set(session, entry);
    void entry.mirror.closed.then(() => this.#forget(entry));
    return entry;
  }

  #end(entry: Entry, reason: string): void {
    this.#forget(entry);
    entry.mirror.end(reason, "stopped");
  }

  #forget({ mirror }: Entry): void {
    const { id } = mirror;
    if (this.#entries.get(id)?.mirror === mirror) this.#entries.delete(id);
  }
}
