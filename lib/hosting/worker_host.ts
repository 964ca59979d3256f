import { settlesWithin } from "../async.ts";
import type { Logger } from "../log.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import {
  type Answered,
  type ClosedWatcher,
  HostError,
  type HostObserver,
  noSession,
  type PublishRequest,
  type SessionHost,
  type WatchRequest,
  type WorkerHealth,
} from "./session_host.ts";
import type { WorkerSettings } from "./worker_messages.ts";
import {
  EXPECTED_BYTES_PER_SECOND,
  type WorkerEvent,
  WorkerSlot,
} from "./worker_slot.ts";

/** Options of {@linkcode WorkerHost}. */
export interface WorkerHostOptions {
  /** Most Workers, at least 1. */
  workers: number;
  /** What each of them is started with. */
  settings: WorkerSettings;
  /** Told of Workers that die. */
  log: Logger;
  /** Time between two looks at each Worker, milliseconds. @default {1000} */
  lookMs?: number;
  /** Module of a Worker. @default {session_worker.ts} */
  entry?: URL;
}

/** A session, and the Worker that it lives or lived in. */
interface Place {
  slot: WorkerSlot;
  /** None once it is over. */
  session?: SessionSnapshot;
}

const ENTRY = new URL("./session_worker.ts", import.meta.url);

/** Sessions that are over and whose Worker is still known, for who resumes one. */
const MAX_ENDED = 1024;

/** Longest time until another Worker is tried, milliseconds. */
const MAX_RESTART_MS = 10_000;

/** Time that an ending Worker has, milliseconds. */
const CLOSE_MS = 1200;

/**
 * Sessions that live in Workers, so that all cores are used and what breaks one
 * Worker ends its own sessions only. A session stays where it was placed; who
 * watches it may be placed elsewhere.
 */
export class WorkerHost implements SessionHost {
  readonly #options: WorkerHostOptions;
  readonly #observers = new Set<HostObserver>();
  readonly #slots = new Set<WorkerSlot>();
  readonly #places = new Map<string, Place>();
  /** The session of each who watches, and the Worker that they are in. */
  readonly #watchers = new Map<string, { session: string; slot: WorkerSlot }>();
  #deaths = 0;
  /** Deaths in a row of Workers that never answered. */
  #stillborn = 0;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #closed: string | undefined;

  /** Starts the first Worker; the others start when they are needed. */
  constructor(options: WorkerHostOptions) {
    this.#options = options;
    this.#startWorker();
  }

  /** How many Workers live, and how many have died. */
  get health(): WorkerHealth {
    return { alive: this.#slots.size, deaths: this.#deaths };
  }

  /** Answers an offer, in the idlest Worker or where it goes on. */
  async publish(request: PublishRequest): Promise<Answered> {
    const before = this.#places.get(request.resumes ?? "")?.slot;
    // It goes on where it was, with what is known of it there.
    const slot = before && this.#slots.has(before) ? before : this.#idlest();
    this.#place(slot);
    return await slot.call("publish", [request]);
  }

  /** Answers an offer to watch, where the session lives or elsewhere. */
  async watch(request: WatchRequest): Promise<Answered> {
    const { session } = request;
    const home = this.#home(session);
    const idlest = this.#idlest();
    // Where it lives nothing has to be carried over.
    const slot = home.cost > idlest.cost + EXPECTED_BYTES_PER_SECOND
      ? idlest
      : home;
    this.#place(slot);
    const answered = slot === home
      ? await slot.call("watch", [request])
      : await this.#watchElsewhere(home, slot, request);
    this.#watchers.set(answered.id, { session, slot });
    return answered;
  }

  /** The sessions that live in all Workers, oldest first. */
  async sessions(): Promise<SessionSnapshot[]> {
    const lists = await Promise.all(
      [...this.#slots].map((slot) => slot.call("sessions", []).catch(() => [])),
    );
    return lists.flat().sort((a, b) => a.createdAt < b.createdAt ? -1 : 1);
  }

  /** Gives the state and the counters of one session. */
  async session(id: string): Promise<SessionSnapshot> {
    return await this.#home(id).call("session", [id]);
  }

  /** Ends a session. */
  async endSession(id: string, reason: string, code: ByeCode): Promise<void> {
    await this.#home(id).call("endSession", [id, reason, code]);
  }

  /** Ends one watcher of a session. */
  async endWatcher(
    session: string,
    id: string,
    reason: string,
  ): Promise<void> {
    const home = this.#home(session);
    const slot = this.#watchers.get(id)?.slot ?? home;
    await slot.call("endWatcher", [session, id, reason]);
  }

  /** Tells of the sessions in all Workers, until it is disposed of. */
  subscribe(observer: HostObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Has every Worker take nothing new. */
  async drain(reason: string, seconds: number): Promise<void> {
    await Promise.all(
      [...this.#slots].map((slot) =>
        slot.call("drain", [reason, seconds]).catch(() => {})
      ),
    );
  }

  /** Ends every session and every Worker. */
  async close(reason: string): Promise<void> {
    this.#closed ??= reason;
    clearTimeout(this.#restart);
    const slots = [...this.#slots];
    this.#slots.clear();
    await Promise.all(slots.map(async (slot) => {
      const closing = slot.call("close", [reason]).catch(() => {});
      await settlesWithin(CLOSE_MS, closing);
      slot[Symbol.dispose]();
    }));
  }

  /** Closes the host. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  async #watchElsewhere(
    home: WorkerSlot,
    slot: WorkerSlot,
    request: WatchRequest,
  ): Promise<Answered> {
    const { port1, port2 } = new MessageChannel();
    await home.call("exportFeed", [request.session, port1], [port1]);
    return await slot.call("watch", [request, port2], [port2]);
  }

  #home(session: string): WorkerSlot {
    const place = this.#places.get(session);
    if (place?.session !== undefined) return place.slot;
    throw noSession(session);
  }

  #idlest(): WorkerSlot {
    const [slot] = [...this.#slots].sort((a, b) => a.cost - b.cost);
    if (slot !== undefined) return slot;
    const why = this.#closed ?? "no worker lives";
    throw new HostError("closed", `No new sessions: ${why}`);
  }

  /** Takes note of a new peer; the next one finds an idle Worker, if it may. */
  #place(slot: WorkerSlot): void {
    slot.place();
    const isBusy = [...this.#slots].every(({ cost }) => cost > 0);
    if (isBusy && this.#slots.size < this.#options.workers) this.#startWorker();
  }

  #startWorker(): void {
    const { entry = ENTRY, lookMs = 1000, settings } = this.#options;
    const slot = new WorkerSlot(entry, lookMs, {
      onEvent: (event) => this.#take(slot, event),
      onDeath: (why) => this.#bury(slot, why),
    });
    this.#slots.add(slot);
    slot.start(settings).then(
      () => this.#stillborn = 0,
      () => this.#stillborn++,
    );
  }

  /** Starts another Worker: at once, and later and later where none lives. */
  #replace(): void {
    if (this.#closed !== undefined) return;
    const wait = this.#stillborn === 0
      ? 0
      : Math.min(MAX_RESTART_MS, 50 * 2 ** this.#stillborn);
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => this.#startWorker(), wait);
  }

  #take(slot: WorkerSlot, event: WorkerEvent): void {
    if (event.type === "watcherClosed") {
      const { type: _, ...watcher } = event;
      return this.#tellWatcherClosed(watcher);
    }
    const { session } = event;
    switch (event.type) {
      case "made":
        this.#places.set(session.id, { slot, session });
        break;
      case "connected":
        this.#places.set(session.id, { slot, session });
        for (const observer of this.#observers) observer.onConnected?.(session);
        break;
      case "closed":
        this.#tellClosed({ slot, session }, event.reason, event.code);
        break;
    }
  }

  #tellClosed(
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

  #tellWatcherClosed(watcher: ClosedWatcher): void {
    this.#watchers.delete(watcher.id);
    for (const observer of this.#observers) {
      observer.onWatcherClosed?.(watcher);
    }
  }

  #forgetOldest(): void {
    const ended = [...this.#places].filter(([, { session }]) => !session);
    for (const [id] of ended.slice(0, -MAX_ENDED)) this.#places.delete(id);
  }

  /** A Worker has died: its sessions are over, and another takes its place. */
  #bury(slot: WorkerSlot, why: string): void {
    this.#slots.delete(slot);
    this.#deaths++;
    const lost = [...this.#places.values()].filter((place) =>
      place.slot === slot && place.session !== undefined
    ) as Required<Place>[];
    const { log } = this.#options;
    log.error("a worker died", { why, sessions: lost.length });
    this.#replace();
    const reason = "its worker died";
    for (const [id, watcher] of this.#watchers) {
      if (watcher.slot !== slot) continue;
      const { session } = watcher;
      this.#tellWatcherClosed({ session, id, brokenLimit: null });
    }
    for (const place of lost) {
      const { id } = place.session;
      log.info("session closed", { session: id, reason });
      this.#tellClosed(place, reason, "stopped");
      for (const other of this.#slots) {
        other.call("endMirror", [id, reason]).catch(() => {});
      }
    }
  }
}
