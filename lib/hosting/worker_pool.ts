import { freeDescriptors, TOO_MANY_OPEN } from "../descriptors.ts";
import type { Logger } from "../log.ts";
import { noNewSessions } from "./host_error.ts";
import type { WorkerHealth } from "./session_host.ts";
import type { EventMessage, WorkerSettings } from "./worker_messages.ts";
import { WorkerSlot } from "./worker_slot.ts";

/** Options of a `WorkerHost`. */
export interface WorkerHostOptions {
  /** Most Workers, at least 1. */
  workers: number;
  /** What each of them is started with. */
  settings: WorkerSettings;
  /** Gets a line for each Worker that dies, or does not come up. */
  log: Logger;
  /** Time between two looks at each Worker, milliseconds. @default {1000} */
  lookMs?: number;
  /** Time that a Worker may take to come up, milliseconds. @default {60_000} */
  startMs?: number;
  /** Module of a Worker. @default {session_worker.ts} */
  entry?: URL;
}

export interface WorkerPoolEvents {
  /** Called when something happens to the sessions of a Worker. */
  onEvent(slot: WorkerSlot, event: EventMessage): void;
  /** Called when a Worker has died that had come up. */
  onDeath(slot: WorkerSlot, why: string): void;
}

const ENTRY = new URL("./session_worker.ts", import.meta.url);

/** Twice the file descriptors that a Worker takes at its start. */
const WORKER_DESCRIPTORS = 16;

/** Time until another is tried after one that did not come up, milliseconds. */
const FIRST_RESTART_MS = 100;

/**
 * The most that this time grows to, doubled with each failure, milliseconds.
 */
const MAX_RESTART_MS = 30_000;

/**
 * The Workers that there are: one at first, more as they are needed, and
 * another one for each that dies.
 */
export class WorkerPool {
  readonly #options: WorkerHostOptions;
  readonly #events: WorkerPoolEvents;
  /** Those that take sessions. */
  readonly #slots = new Set<WorkerSlot>();
  /** One that has to come up first, as the last one did not. */
  #onTrial: WorkerSlot | undefined;
  /** Workers in a row that did not come up. */
  #failures = 0;
  #deaths = 0;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #closed: string | undefined;

  constructor(options: WorkerHostOptions, events: WorkerPoolEvents) {
    this.#options = options;
    this.#events = events;
    this.#start();
  }

  get health(): WorkerHealth {
    return { alive: this.#slots.size, deaths: this.#deaths };
  }

  /** Those that take sessions. */
  get slots(): readonly WorkerSlot[] {
    return [...this.#slots];
  }

  /** Those that are up, and may have sessions. */
  get up(): readonly WorkerSlot[] {
    return this.slots.filter(({ isUp }) => isUp);
  }

  has(slot: WorkerSlot): boolean {
    return this.#slots.has(slot);
  }

  /** @throws {HostError} `no-worker`, or `closed`. */
  idlest(): WorkerSlot {
    const [slot] = this.slots.toSorted((a, b) => a.cost - b.cost);
    if (slot !== undefined) return slot;
    throw this.#closed === undefined
      ? noNewSessions("no-worker", "no worker comes up")
      : noNewSessions("closed", this.#closed);
  }

  /** Counts a new peer; the next one finds an idle Worker, if it may. */
  place(slot: WorkerSlot): void {
    slot.place();
    const isBusy = this.slots.every(({ cost }) => cost > 0);
    const isComing = this.#onTrial !== undefined || this.#restart !== undefined;
    if (isComing || this.#slots.size >= this.#options.workers) return;
    if (isBusy) this.#start();
  }

  /** Ends every session and every Worker, and starts no more. */
  async close(reason: string): Promise<void> {
    this.#closed ??= reason;
    clearTimeout(this.#restart);
    const slots = this.slots;
    this.#slots.clear();
    this.#onTrial?.[Symbol.dispose]();
    await Promise.all(slots.map((slot) => slot.close(reason)));
  }

  #start(): void {
    this.#restart = undefined;
    // Deno ends the process where there are none for a Worker that starts.
    if (freeDescriptors(WORKER_DESCRIPTORS) < WORKER_DESCRIPTORS) {
      return this.#fail(TOO_MANY_OPEN);
    }
    const { workers, entry = ENTRY } = this.#options;
    const { lookMs = 1000, startMs = 60_000 } = this.#options;
    const settings = { ...this.#options.settings, workers };
    const slot: WorkerSlot = new WorkerSlot(
      { entry, settings, lookMs, startMs },
      {
        onStarted: () => this.#welcome(slot),
        onEvent: (event) => this.#events.onEvent(slot, event),
        onDeath: (why) => this.#bury(slot, why),
      },
    );
    if (this.#failures > 0) this.#onTrial = slot;
    else this.#slots.add(slot);
  }

  #welcome(slot: WorkerSlot): void {
    this.#failures = 0;
    // Another one may be on trial meanwhile.
    if (this.#onTrial === slot) this.#onTrial = undefined;
    this.#slots.add(slot);
  }

  #bury(slot: WorkerSlot, why: string): void {
    this.#slots.delete(slot);
    if (this.#onTrial === slot) this.#onTrial = undefined;
    this.#deaths++;
    if (slot.isUp) {
      this.#replace(0);
      return this.#events.onDeath(slot, why);
    }
    this.#fail(why);
  }

  /** One did not come up: another is tried, later each time. */
  #fail(why: string): void {
    const waitMs = Math.min(
      MAX_RESTART_MS,
      FIRST_RESTART_MS * 2 ** this.#failures++,
    );
    this.#options.log.error("a worker did not come up", { why, waitMs });
    this.#replace(waitMs);
  }

  #replace(waitMs: number): void {
    if (this.#closed !== undefined || this.#onTrial !== undefined) return;
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => this.#start(), waitMs);
  }
}
