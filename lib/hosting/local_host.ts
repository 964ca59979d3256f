import { isOutOfDescriptors } from "../descriptors.ts";
import { UnprovenPackets } from "../limits/unproven_packets.ts";
import type { Logger } from "../log.ts";
import { Turns } from "../turns.ts";
import type { ByeCode } from "../wire/messages.ts";
import {
  type FedSession,
  frameBytesOf,
  SessionRegistry,
  type SessionRegistryOptions,
} from "../session/registry.ts";
import type { Session } from "../session/session.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import { isLoopback } from "../transport/ice/ip_address.ts";
import { SelectionsError } from "../session/frame_thinner.ts";
import { ConnectionError } from "../transport/errors.ts";
import { UnusableOfferError } from "../transport/sdp/foreign_offer.ts";
import {
  type Watchable,
  WatcherRegistry,
} from "../watching/watcher_registry.ts";
import { carryByPort } from "./feed_carrier.ts";
import { FeedExport } from "./feed_link.ts";
import { GarbageCollector } from "./garbage_collector.ts";
import { Mirrors } from "./mirrors.ts";
import { takePosted } from "./posted_clouds.ts";
import {
  HostError,
  noDescriptors,
  noNewSessions,
  noSession,
  noWatcher,
  wasDeleted,
} from "./host_error.ts";
import type {
  Answered,
  HostObserver,
  PublishRequest,
  SessionHost,
  WatchRequest,
} from "./session_host.ts";

export interface LocalHostOptions
  extends Omit<SessionRegistryOptions, "shared"> {
  /** How many such hosts, this one too, the server has. @default {1} */
  workers?: number;
}

/** How busy a host is. */
export interface HostLoad {
  sessions: number;
  watchers: number;
  /** Received from publishers so far, bytes. */
  bytes: number;
}

/**
 * Sessions that live in this isolate. In a Worker it has the feeds of sessions
 * of other Workers besides, for its watchers.
 */
export class LocalHost implements SessionHost {
  readonly frameBytes: number;
  readonly #sessions: SessionRegistry;
  readonly #watchers: WatcherRegistry;
  readonly #mirrors: Mirrors;
  readonly #log: Logger;
  readonly #garbage = new GarbageCollector();
  #draining: string | undefined;
  #closed: string | undefined;

  constructor({ workers, ...given }: LocalHostOptions) {
    const unproven = new UnprovenPackets(workers);
    const shared = { turns: new Turns(), unproven };
    const options = { ...given, shared };
    this.#log = options.log;
    this.frameBytes = frameBytesOf(given.session);
    this.#sessions = new SessionRegistry(options);
    this.#watchers = new WatcherRegistry({
      log: options.log,
      watcher: options.session,
      shared,
    });
    this.#mirrors = new Mirrors(this.#watchers);
    this.subscribe({
      onClosed: () => this.#garbage.later(),
      onWatcherClosed: () => this.#garbage.later(),
    });
  }

  async publish(
    request: PublishRequest,
    posted?: MessagePort,
  ): Promise<Answered> {
    const { offer = "", remote, resumes, resumesElsewhere } = request;
    const { name: asked } = request;
    this.#refuseWhileDraining();
    if (posted !== undefined) {
      return this.#open({ remote, name: asked }, posted);
    }
    if (resumes !== undefined && this.#sessions.wasDeleted(resumes)) {
      throw wasDeleted(resumes);
    }
    const loopback = isLoopback(remote);
    const session = await this.#sessions
      .create({
        ...{ offer, loopback, remote, resumes, resumesElsewhere },
        name: asked,
      })
      .catch((error) => this.#refuse(error));
    const { id, name, answerSdp: sdp } = session;
    this.#log.info("offer answered", { session: id, name, remote, resumes });
    return { id, name, sdp };
  }

  /**
   * Answers an offer to watch.
   *
   * @param mirror where the session's feed comes from, if it lives elsewhere.
   */
  async watch(
    { session: id, offer, remote, selection }: WatchRequest,
    mirror?: MessagePort,
  ): Promise<Answered> {
    this.#refuseWhileDraining();
    const loopback = isLoopback(remote);
    const create = (watched: Watchable) =>
      this.#watchers.create({ watched, offer, loopback, remote, selection })
        .catch((error) => {
          // It ended while the offer was looked at.
          if (watched.endCode !== undefined) throw noSession(id);
          this.#refuse(error);
        });
    const watcher = mirror === undefined
      ? await create(this.#find(id))
      : await this.#mirrors.use(id, mirror, create);
    void watcher.closed.then(() => this.#mirrors.settle(id));
    this.#log.info("offer to watch answered", {
      session: id,
      watcher: watcher.id,
      remote,
    });
    return { id: watcher.id, sdp: watcher.answerSdp };
  }

  sessions(): Promise<SessionSnapshot[]> {
    return Promise.resolve(this.#sessions.list().map((s) => s.snapshot()));
  }

  // deno-lint-ignore require-await -- it rejects where it finds none
  async session(id: string): Promise<SessionSnapshot> {
    return this.#find(id).snapshot();
  }

  async endSession(id: string, reason: string, code: ByeCode): Promise<void> {
    await this.#find(id).close(reason, code);
  }

  async endWatcher(
    session: string,
    id: string,
    reason: string,
  ): Promise<void> {
    const watcher = this.#watchers.get(session, id);
    if (watcher === undefined) {
      this.#find(session);
      throw noWatcher(session, id);
    }
    await watcher.close(reason);
  }

  // deno-lint-ignore require-await -- it rejects where it finds none
  async exportFeed(
    session: string,
    port: MessagePort,
    framesUnderWay?: number,
  ): Promise<void> {
    new FeedExport(this.#find(session), carryByPort(port), framesUnderWay);
  }

  /** Ends the mirror of a session whose Worker is gone, if there is one. */
  endMirror(session: string, reason: string): void {
    this.#mirrors.end(session, reason);
  }

  /** Tells how busy it is. */
  load(): HostLoad {
    return {
      sessions: this.#sessions.list().length,
      watchers: this.#watchers.size,
      bytes: this.#sessions.bytesReceived,
    };
  }

  subscribe(
    { onAnswered, onConnected, onClosed, onWatcherClosed }: HostObserver,
  ): Disposable {
    const life = new DisposableStack();
    life.use(this.#watchers.subscribe({
      onClosed: ({ id: session }, { id, brokenLimit = null }) =>
        onWatcherClosed?.({ session, id, brokenLimit }),
    }));
    life.use(this.#sessions.subscribe({
      onAnswered: (session) => onAnswered?.(session.snapshot()),
      onConnected: (session) => onConnected?.(session.snapshot()),
      onClosed: (session, reason) =>
        onClosed?.(session.snapshot(), reason, session.endCode ?? "ended"),
    }));
    return life;
  }

  drain(reason: string, seconds: number): Promise<void> {
    this.#draining ??= reason;
    const notice = { type: "draining", reason, seconds } as const;
    this.#watchers.announce(notice);
    this.#sessions.announce(notice);
    return Promise.resolve();
  }

  async close(reason: string): Promise<void> {
    this.#closed ??= reason;
    await Promise.all([
      this.#watchers.close(reason),
      this.#sessions.close(reason),
    ]);
    this.#garbage[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  #open(publisher: FedSession, posted: MessagePort): Answered {
    const session = this.#opened(publisher);
    takePosted(session, posted);
    const { id, name } = session;
    const { remote } = publisher;
    this.#log.info("posted clouds are taken", { session: id, name, remote });
    return { id, name, sdp: "" };
  }

  #opened(publisher: FedSession): Session {
    try {
      return this.#sessions.open(publisher);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #find(id: string): Session {
    const session = this.#sessions.get(id);
    if (session !== undefined) return session;
    throw noSession(id);
  }

  #refuseWhileDraining(): void {
    if (this.#draining === undefined) return;
    throw noNewSessions("draining", this.#draining);
  }

  #refuse(cause: unknown): never {
    if (this.#closed !== undefined) {
      throw noNewSessions("closed", this.#closed);
    }
    if (isOutOfDescriptors(cause)) throw noDescriptors(cause);
    if (cause instanceof ConnectionError) {
      throw new HostError("unreachable", cause.message, { cause });
    }
    if (cause instanceof SelectionsError) {
      throw new HostError("selections", cause.message, { cause });
    }
    if (cause instanceof UnusableOfferError) {
      throw new HostError("unusable", cause.message, { cause });
    }
    const why = cause instanceof Error ? cause.message : cause;
    const detail = `The offer can't be answered: ${why}`;
    throw new HostError("unanswerable", detail, { cause });
  }
}
