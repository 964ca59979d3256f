import { settlesWithin } from "../async.ts";
import type { Logger } from "../log.ts";
import { frameBytesOf } from "../session/registry.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import type { ByeCode } from "../wire/messages.ts";
import { noNewSessions, noSession } from "./host_error.ts";
import type {
  Answered,
  ClosedWatcher,
  HostObserver,
  PublishRequest,
  SessionHost,
  WatchRequest,
  WorkerHealth,
} from "./session_host.ts";
import { dispatchEvent, type HostEvents } from "./worker_messages.ts";
import { type WorkerHostOptions, WorkerPool } from "./worker_pool.ts";
import { EXPECTED_BYTES_PER_SECOND, type WorkerSlot } from "./worker_slot.ts";

/** A session, and the Worker that it lives or lived in. */
interface Place {
  slot: WorkerSlot;
  /** None once it is over. */
  session?: SessionSnapshot;
}

/**
 * Sessions that are over and whose Worker is still known, for who resumes one.
 */
const MAX_ENDED = 1024;

/** Time that Workers have to take note of an end that is near, milliseconds. */
const DRAIN_MS = 1200;

/**
 * Sessions that live in Workers, so that all cores are used and what breaks one
 * Worker ends its own sessions only. A session stays where it was placed; its
 * watchers may be placed elsewhere.
 */
export class WorkerHost implements SessionHost {
  readonly frameBytes: number;
  readonly #log: Logger;
  readonly #pool: WorkerPool;
  readonly #observers = new Set<HostObserver>();
  readonly #places = new Map<string, Place>();
  /** The session of each watcher, and the Worker that the watcher is in. */
  readonly #watchers = new Map<string, { session: string; slot: WorkerSlot }>();
  #draining: string | undefined;

  /** Starts the first Worker; the others start when they are needed. */
  constructor(options: WorkerHostOptions) {
    this.#log = options.log;
    this.frameBytes = frameBytesOf(options.settings.session);
    this.#pool = new WorkerPool(options, {
      onEvent: (slot, event) => dispatchEvent(this.#eventsIn(slot), event),
      onDeath: (slot, why) => this.#bury(slot, why),
    });
  }

  /** How many Workers live, and how many have died. */
  get health(): WorkerHealth {
    return this.#pool.health;
  }

  /** Answers an offer, in the idlest Worker or where it goes on. */
  async publish(
    request: PublishRequest,
    posted?: MessagePort,
  ): Promise<Answered> {
    this.#refuseWhileDraining();
    const before = this.#places.get(request.resumes ?? "")?.slot;
    // It goes on where it was, with what is known of it there.
    const slot = before && this.#pool.has(before)
      ? before
      : this.#pool.idlest();
    this.#pool.place(slot);
    return await slot.call("publish", request, posted);
  }

  /** Answers an offer to watch, where the session lives or elsewhere. */
  async watch(
    request: WatchRequest,
    mirror?: MessagePort,
  ): Promise<Answered> {
    this.#refuseWhileDraining();
    const { session } = request;
    const home = mirror === undefined ? this.#home(session) : undefined;
    const idlest = this.#pool.idlest();
    // Where it lives nothing has to be carried over.
    const isElsewhere = home === undefined ||
      home.cost > idlest.cost + EXPECTED_BYTES_PER_SECOND;
    const slot = isElsewhere ? idlest : home;
    this.#pool.place(slot);
    const feed = isElsewhere && home !== undefined
      ? await exportedBy(home, session)
      : mirror;
    const answered = await slot.call("watch", request, feed);
    this.#watchers.set(answered.id, { session, slot });
    return answered;
  }

  /** The sessions that live in all Workers, oldest first. */
  async sessions(): Promise<SessionSnapshot[]> {
    const lists = await Promise.all(
      this.#pool.up.map((slot) => slot.call("sessions").catch(() => [])),
    );
    return lists.flat().sort((a, b) => a.createdAt < b.createdAt ? -1 : 1);
  }

  /** Gives the state and the counters of one session. */
  async session(id: string): Promise<SessionSnapshot> {
    return await this.#home(id).call("session", id);
  }

  /** Ends a session. */
  async endSession(id: string, reason: string, code: ByeCode): Promise<void> {
    await this.#home(id).call("endSession", id, reason, code);
  }

  /** Ends one watcher of a session. */
  async endWatcher(
    session: string,
    id: string,
    reason: string,
  ): Promise<void> {
    const slot = this.#watchers.get(id)?.slot ?? this.#home(session);
    await slot.call("endWatcher", session, id, reason);
  }

  /** Hands a session's feed to another isolate. */
  async exportFeed(
    session: string,
    port: MessagePort,
    framesUnderWay?: number,
  ): Promise<void> {
    const home = this.#home(session);
    await home.call("exportFeed", session, port, framesUnderWay);
  }

  /** Observes the sessions in all Workers, until it is disposed of. */
  subscribe(observer: HostObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Has every Worker take nothing new. */
  async drain(reason: string, seconds: number): Promise<void> {
    this.#draining ??= reason;
    const told = this.#pool.slots.map((slot) =>
      slot.call("drain", reason, seconds).catch(() => {})
    );
    // One that hangs, or does not come up, has nobody to tell.
    await settlesWithin(DRAIN_MS, Promise.all(told));
  }

  /** Ends every session and every Worker. */
  async close(reason: string): Promise<void> {
    await this.#pool.close(reason);
  }

  /** Closes the host. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  #home(session: string): WorkerSlot {
    const place = this.#places.get(session);
    if (place?.session !== undefined) return place.slot;
    throw noSession(session);
  }

  /** A Worker that comes up later does not know. */
  #refuseWhileDraining(): void {
    if (this.#draining === undefined) return;
    throw noNewSessions("draining", this.#draining);
  }

  /** What to do when something happens to the sessions in a Worker. */
  #eventsIn(slot: WorkerSlot): HostEvents {
    return {
      onAnswered: (session) => {
        this.#places.set(session.id, { slot, session });
        for (const observer of this.#observers) observer.onAnswered?.(session);
      },
      onConnected: (session) => {
        this.#places.set(session.id, { slot, session });
        for (const observer of this.#observers) observer.onConnected?.(session);
      },
      onClosed: (session, reason, code) =>
        this.#sessionClosed({ slot, session }, reason, code),
      onWatcherClosed: (watcher) => this.#watcherClosed(watcher),
    };
  }

  #sessionClosed(
    { slot, session }: Required<Place>,
    reason: string,
    code: ByeCode,
  ): void {
    // At the end of the map, whose oldest are forgotten first.
    this.#places.delete(session.id);
    this.#places.set(session.id, { slot });
    this.#forgetOldest();
    for (const observer of this.#observers) {
      observer.onClosed?.(session, reason, code);
    }
  }

  #watcherClosed(watcher: ClosedWatcher): void {
    this.#watchers.delete(watcher.id);
    for (const observer of this.#observers) {
      observer.onWatcherClosed?.(watcher);
    }
  }

  #forgetOldest(): void {
    const ended = [...this.#places].filter(([, { session }]) => !session);
    for (const [id] of ended.slice(0, -MAX_ENDED)) this.#places.delete(id);
  }

  /** A Worker has died: its sessions and watchers are over. */
  #bury(slot: WorkerSlot, why: string): void {
    const lost = [...this.#places.values()].filter((place) =>
      place.slot === slot && place.session !== undefined
    ) as Required<Place>[];
    this.#log.error("a worker died", { why, sessions: lost.length });
    const reason = "its worker died";
    for (const [id, watcher] of this.#watchers) {
      if (watcher.slot !== slot) continue;
      const { session } = watcher;
      this.#watcherClosed({ session, id, brokenLimit: null });
    }
    for (const place of lost) {
      const { id } = place.session;
      this.#log.info("session closed", { session: id, reason });
      this.#sessionClosed(place, reason, "stopped");
      for (const other of this.#pool.slots) {
        other.call("endMirror", id, reason).catch(() => {});
      }
    }
  }
}

/** Has a Worker export the feed of a session to another one. */
async function exportedBy(
  home: WorkerSlot,
  session: string,
): Promise<MessagePort> {
  const { port1, port2 } = new MessageChannel();
  await home.call("exportFeed", session, port1);
  return port2;
}
