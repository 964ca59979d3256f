import type { Logger } from "../log.ts";
import type { AnswerOptions } from "../session/answered_peer.ts";
import type { ByeCode } from "../session/protocol.ts";
import { randomId } from "../session/random_id.ts";
import type { SessionRegistry } from "../session/registry.ts";
import type { Session } from "../session/session.ts";
import { Watcher } from "./watcher.ts";

export interface WatcherRegistryOptions {
  /** Where the sessions are that may be watched. */
  sessions: SessionRegistry;
  log: Logger;
  /** Settings that all watchers share. */
  watcher?: Pick<
    AnswerOptions,
    "connectTimeoutMs" | "silenceMs" | "mtu" | "limits"
  >;
}

/** What is told of those who watch. */
export interface WatcherObserver {
  /** One who had an answer is gone. */
  onClosed?(session: Session, watcher: Watcher): void;
}

/** Who watches: made from offers, gone when they or their session end. */
export class WatcherRegistry implements AsyncDisposable {
  readonly #options: WatcherRegistryOptions;
  readonly #watchers = new Map<Session, Map<string, Watcher>>();
  readonly #observers = new Set<WatcherObserver>();
  readonly #subscription: Disposable;

  constructor(options: WatcherRegistryOptions) {
    this.#options = options;
    this.#subscription = options.sessions.subscribe({
      onClosed: (session, reason) =>
        void this.#closeAll(session, reason, session.endCode),
    });
  }

  /**
   * Answers an offer to watch a session.
   *
   * @throws what `Watcher.answer` throws, and where the session is over.
   */
  async create(
    session: Session,
    offer: string,
    loopback: boolean,
  ): Promise<Watcher> {
    const { log, watcher: settings } = this.#options;
    const id = randomId();
    const watcher = await Watcher.answer(
      { ...settings, id, offer, loopback, feed: session.feed },
      log.child({ session: session.id, watcher: id }),
    );
    if (session.state === "closed") {
      // It ended while the answer was made.
      await watcher.close("the session is over");
      throw new Error("The session is over");
    }
    const watchers = this.#watchers.get(session) ?? new Map<string, Watcher>();
    this.#watchers.set(session, watchers.set(id, watcher));
    void watcher.closed.then(() => this.#remove(session, watcher));
    return watcher;
  }

  get(session: Session, id: string): Watcher | undefined {
    return this.#watchers.get(session)?.get(id);
  }

  /** Tells of those who watch from now on, until it is disposed of. */
  subscribe(observer: WatcherObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Hangs up on all who watch. */
  async close(reason: string): Promise<void> {
    this.#subscription[Symbol.dispose]();
    const sessions = [...this.#watchers.keys()];
    await Promise.all(
      sessions.map((session) => this.#closeAll(session, reason, "stopped")),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  #remove(session: Session, watcher: Watcher): void {
    const watchers = this.#watchers.get(session);
    watchers?.delete(watcher.id);
    if (watchers?.size === 0) this.#watchers.delete(session);
    for (const observer of this.#observers) {
      observer.onClosed?.(session, watcher);
    }
  }

  async #closeAll(
    session: Session,
    reason: string,
    code?: ByeCode,
  ): Promise<void> {
    const watchers = [...this.#watchers.get(session)?.values() ?? []];
    await Promise.all(watchers.map((watcher) => watcher.close(reason, code)));
  }
}
