import type { Logger } from "../log.ts";
import type { Selection } from "../points/select.ts";
import type { AnswerOptions, SharedByPeers } from "../session/answered_peer.ts";
import type { Feed } from "../session/feed.ts";
import type { ByeCode, DrainingMessage } from "../wire/messages.ts";
import { randomId } from "../session/random_id.ts";
import { Watcher } from "./watcher.ts";

/**
 * What may be watched: a session, or the mirror of one that lives elsewhere.
 */
export interface Watchable {
  /** The session's id. */
  readonly id: string;
  readonly feed: Feed;
  /** Settles when it is over, with the reason. */
  readonly closed: Promise<string>;
  /** Why it ended, for programs; none while it lives. */
  readonly endCode: ByeCode | undefined;
}

/** Observes the watchers of a registry. */
export interface WatcherObserver {
  /** Called when an answered watcher is gone. */
  onClosed?(watched: Watchable, watcher: Watcher): void;
}

/** Settings that all watchers share. */
export type WatcherSettings = Pick<
  AnswerOptions,
  "connectTimeoutMs" | "silenceMs" | "mtu" | "network" | "limits"
>;

export interface WatcherRegistryOptions {
  log: Logger;
  watcher?: WatcherSettings;
  /** What they share with the sessions. @default {each has its own} */
  shared?: SharedByPeers;
}

/** An offer to watch, and what is known of its sender. */
export interface WatchOffer {
  watched: Watchable;
  /** The offer's SDP. */
  offer: string;
  /** The part of clouds that is wanted. @default {all of them} */
  selection?: Selection;
  /** Whether it came from this machine. */
  loopback: boolean;
  /** The address that it came from. */
  remote?: string;
}

/** The watchers: made from offers, gone when they or their session end. */
export class WatcherRegistry implements AsyncDisposable {
  readonly #options: WatcherRegistryOptions;
  /** By what they watch; there may be two mirrors of one session. */
  readonly #watchers = new Map<Watchable, Map<string, Watcher>>();
  readonly #observers = new Set<WatcherObserver>();
  #notice: DrainingMessage | undefined;

  constructor(options: WatcherRegistryOptions) {
    this.#options = options;
  }

  /**
   * Answers an offer to watch.
   *
   * @throws what `Watcher.answer` throws, and where what is watched is over.
   */
  async create(
    { watched, ...offer }: WatchOffer,
  ): Promise<Watcher> {
    const { log, watcher: settings, shared } = this.#options;
    const id = randomId();
    const watcher = await Watcher.answer(
      {
        ...{ ...settings, ...offer, id, shared },
        feed: watched.feed,
      },
      log.child({ session: watched.id, watcher: id, remote: offer.remote }),
    );
    if (watched.endCode !== undefined) {
      // It ended while the answer was made.
      await watcher.close("the session is over");
      throw new Error("The session is over");
    }
    this.#of(watched).set(id, watcher);
    if (this.#notice !== undefined) watcher.announce(this.#notice);
    void watcher.closed.then(() => this.#remove(watched, watcher));
    return watcher;
  }

  /** A watcher that isn't about to be gone. */
  get(session: string, id: string): Watcher | undefined {
    const found = this.#watchersOf(session).map((them) => them.get(id));
    return found.find((watcher) => watcher?.isClosing === false);
  }

  /** Number of a session's watchers here. */
  count(session: string): number {
    return this.#watchersOf(session)
      .reduce((count, { size }) => count + size, 0);
  }

  /** Number of all watchers here. */
  get size(): number {
    let count = 0;
    for (const { size } of this.#watchers.values()) count += size;
    return count;
  }

  /** Announces the end to all watchers, and to those to come. */
  announce(notice: DrainingMessage): void {
    this.#notice = notice;
    for (const watchers of this.#watchers.values()) {
      for (const watcher of watchers.values()) watcher.announce(notice);
    }
  }

  /** Observes the watchers from now on, until it is disposed of. */
  subscribe(observer: WatcherObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Ends all watchers. */
  async close(reason: string): Promise<void> {
    const all = [...this.#watchers.keys()];
    await Promise.all(
      all.map((each) => this.#closeAll(each, reason, "stopped")),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  #watchersOf(session: string): Map<string, Watcher>[] {
    return [...this.#watchers]
      .flatMap(([{ id }, watchers]) => id === session ? [watchers] : []);
  }

  /** The watchers of what is watched, which end with it. */
  #of(watched: Watchable): Map<string, Watcher> {
    let watchers = this.#watchers.get(watched);
    if (watchers !== undefined) return watchers;
    this.#watchers.set(watched, watchers = new Map());
    void watched.closed.then((reason) =>
      this.#closeAll(watched, reason, watched.endCode)
    );
    return watchers;
  }

  #remove(watched: Watchable, watcher: Watcher): void {
    this.#watchers.get(watched)?.delete(watcher.id);
    for (const observer of this.#observers) {
      observer.onClosed?.(watched, watcher);
    }
  }

  async #closeAll(
    watched: Watchable,
    reason: string,
    code?: ByeCode,
  ): Promise<void> {
    const watchers = [...this.#watchers.get(watched)?.values() ?? []];
    await Promise.all(watchers.map((watcher) => watcher.close(reason, code)));
    // On a server that closes one may have come meanwhile.
    if (this.#watchers.get(watched)?.size === 0) this.#watchers.delete(watched);
  }
}
