import { settlesWithin } from "../async.ts";
import { HostError, type HostErrorCode } from "./host_error.ts";
import type { HostLoad } from "./local_host.ts";
import { PendingCalls } from "./pending_calls.ts";
import type {
  CallArgs,
  CallMessage,
  CallName,
  CallResult,
  EventMessage,
  WorkerMessage,
  WorkerSettings,
} from "./worker_messages.ts";
import { WorkerPulse } from "./worker_pulse.ts";

export interface WorkerSlotOptions {
  /** Module of the Worker. */
  entry: URL;
  /** What the Worker is started with. */
  settings: WorkerSettings;
  /** Time between two looks whether it still answers, milliseconds. */
  lookMs: number;
  /** Time that it may take to come up, milliseconds. */
  startMs: number;
}

/** What happens in a Worker, and to it. */
export interface WorkerSlotEvents {
  /** Called when it is up. */
  onStarted(): void;
  /** Called when something happens to its sessions. */
  onEvent(event: EventMessage): void;
  /** Called when it has died: whatever was asked of it is refused. */
  onDeath(why: string): void;
}

/** Time that an ending Worker has, milliseconds. */
const CLOSE_MS = 1200;

/** What a peer is taken for until it is measured, bytes a second. */
export const EXPECTED_BYTES_PER_SECOND = 2e6;

/** What a peer costs that is sent and sends nothing, bytes a second. */
const IDLE_BYTES_PER_SECOND = 1e5;

/** A Worker with sessions, as the main thread sees it. */
export class WorkerSlot implements Disposable {
  readonly #worker: Worker;
  readonly #events: WorkerSlotEvents;
  readonly #lookMs: number;
  readonly #deadline: ReturnType<typeof setTimeout>;
  #pulse: WorkerPulse | undefined;
  readonly #calls: PendingCalls<CallMessage>;
  #isUp = false;
  #isDead = false;
  #cost = 0;
  /** Peers that came since the cost was measured. */
  #placed = 0;
  #bytes = 0;
  #measuredAt = performance.now();

  /** Starts a Worker; what is asked of it before it is up waits. */
  constructor(
    { entry, settings, lookMs, startMs }: WorkerSlotOptions,
    events: WorkerSlotEvents,
  ) {
    this.#lookMs = lookMs;
    this.#events = events;
    this.#worker = new Worker(entry, { type: "module" });
    this.#calls = new PendingCalls(this.#worker);
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) =>
      this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die(event.message);
    };
    this.#worker.postMessage(settings);
    this.#deadline = setTimeout(
      () => this.#die(`it was not up within ${startMs / 1000} s`),
      startMs,
    );
  }

  /** Whether it has come up; it stays so when it dies. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** About how busy it is, bytes a second; 0 where there is nothing in it. */
  get cost(): number {
    return this.#cost + this.#placed * EXPECTED_BYTES_PER_SECOND;
  }

  /** Counts a peer that is being placed in it. */
  place(): void {
    this.#placed++;
  }

  /**
   * Asks the Worker for something; ports among `args` are moved there.
   *
   * @throws {HostError} what it throws, or `no-worker` where it dies.
   */
  call<N extends CallName>(
    call: N,
    ...args: CallArgs[N]
  ): Promise<CallResult[N]> {
    if (this.#isDead) return Promise.reject(ended());
    return this.#calls.post({ call, args }) as Promise<CallResult[N]>;
  }

  /** Ends its sessions, and then the Worker. */
  async close(reason: string): Promise<void> {
    if (this.#isUp) {
      const closing = this.call("close", reason).catch(() => {});
      await settlesWithin(CLOSE_MS, closing);
    }
    this[Symbol.dispose]();
  }

  /** Ends the Worker, without a word to its peers. */
  [Symbol.dispose](): void {
    clearTimeout(this.#deadline);
    this.#pulse?.[Symbol.dispose]();
    this.#isDead = true;
    this.#worker.terminate();
    this.#calls.end(ended());
  }

  #take(message: WorkerMessage): void {
    // A message may still be on its way from one that was ended.
    if (this.#isDead) return;
    this.#pulse?.hear();
    switch (message.type) {
      case "started":
        return this.#start();
      case "failed":
        return this.#die(message.message);
      case "result":
        return this.#calls.settle(message.number)?.resolve(message.result);
      case "error":
        return this.#calls.settle(message.number)?.reject(errorOf(message));
      case "event":
        return this.#events.onEvent(message);
    }
  }

  #start(): void {
    clearTimeout(this.#deadline);
    this.#isUp = true;
    this.#pulse = new WorkerPulse({
      lookMs: this.#lookMs,
      look: () =>
        void this.call("load").then((load) => this.#measure(load), () => {}),
      onSilent: (why) => this.#die(why),
    });
    this.#events.onStarted();
  }

  #measure({ sessions, watchers, bytes }: HostLoad): void {
    const now = performance.now();
    const seconds = (now - this.#measuredAt) / 1000;
    this.#cost = (bytes - this.#bytes) / seconds +
      IDLE_BYTES_PER_SECOND * (sessions + watchers);
    this.#placed = 0;
    this.#bytes = bytes;
    this.#measuredAt = now;
  }

  #die(why: string): void {
    if (this.#isDead) return;
    this[Symbol.dispose]();
    this.#events.onDeath(why);
  }
}

function ended(): HostError {
  return new HostError("no-worker", "The session's Worker has ended");
}

function errorOf(
  { code, message }: { code?: HostErrorCode; message: string },
): Error {
  return code === undefined ? new Error(message) : new HostError(code, message);
}
