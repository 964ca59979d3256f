import { HostError, type HostErrorCode } from "./session_host.ts";
import type {
  CallMessage,
  CallName,
  WorkerCalls,
  WorkerLoad,
  WorkerMessage,
  WorkerSettings,
} from "./worker_messages.ts";

/** What happens in a Worker without being asked for. */
export type WorkerEvent = Exclude<
  WorkerMessage,
  { type: "result" | "error" }
>;

export interface WorkerSlotEvents {
  onEvent(event: WorkerEvent): void;
  /** It has died: whatever was asked of it is refused. */
  onDeath(why: string): void;
}

/** Looks without an answer after which a Worker is taken for dead. */
const MAX_UNANSWERED = 10;

/** What a peer is taken for until it is measured, bytes a second. */
export const EXPECTED_BYTES_PER_SECOND = 2e6;

/** What a peer costs that is sent and sends nothing, bytes a second. */
const IDLE_BYTES_PER_SECOND = 1e5;

/** A Worker with sessions, as the main thread sees it. */
export class WorkerSlot implements Disposable {
  readonly #worker: Worker;
  readonly #events: WorkerSlotEvents;
  readonly #lookMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;
  #unanswered = 0;
  #isDead = false;
  #cost = 0;
  /** Peers that came since the cost was measured. */
  #placed = 0;
  #bytes = 0;
  #measuredAt = performance.now();

  /** @param lookMs time between two looks whether it still answers. */
  constructor(entry: URL, lookMs: number, events: WorkerSlotEvents) {
    this.#lookMs = lookMs;
    this.#events = events;
    this.#worker = new Worker(entry, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) =>
      this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die(event.message);
    };
  }

  /** Has the Worker make itself ready; how long its modules take, it takes. */
  async start(settings: WorkerSettings): Promise<void> {
    await this.call("start", [settings]);
    this.#timer = setInterval(() => this.#look(), this.#lookMs);
  }

  /** Asks the Worker for something. @throws {HostError} what it throws. */
  call<N extends CallName>(
    call: N,
    args: Parameters<WorkerCalls[N]>,
    transfer: Transferable[] = [],
  ): Promise<ReturnType<WorkerCalls[N]>> {
    const reply = Promise.withResolvers<unknown>();
    if (this.#isDead) {
      reply.reject(new HostError("closed", "Its Worker has ended"));
    } else {
      const message: CallMessage<N> = { number: this.#next++, call, args };
      this.#calls.set(message.number, reply);
      this.#worker.postMessage(message, transfer);
    }
    return reply.promise as Promise<ReturnType<WorkerCalls[N]>>;
  }

  /** About how busy it is, bytes a second; 0 where there is nothing in it. */
  get cost(): number {
    return this.#cost + this.#placed * EXPECTED_BYTES_PER_SECOND;
  }

  /** Takes note that a peer is being placed in it. */
  place(): void {
    this.#placed++;
  }

  #measure({ sessions, watchers, bytes }: WorkerLoad): void {
    const now = performance.now();
    const seconds = (now - this.#measuredAt) / 1000;
    this.#cost = (bytes - this.#bytes) / seconds +
      IDLE_BYTES_PER_SECOND * (sessions + watchers);
    this.#placed = 0;
    this.#bytes = bytes;
    this.#measuredAt = now;
  }

  /** Ends the Worker, without a word to its peers. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#isDead = true;
    this.#worker.terminate();
    for (const { reject } of this.#calls.values()) {
      reject(new HostError("closed", "Its Worker has ended"));
    }
    this.#calls.clear();
  }

  #take(message: WorkerMessage): void {
    this.#unanswered = 0;
    switch (message.type) {
      case "result":
        this.#settle(message.number)?.resolve(message.result);
        break;
      case "error":
        this.#settle(message.number)?.reject(errorOf(message));
        break;
      default:
        this.#events.onEvent(message);
    }
  }

  #settle(number: number): PromiseWithResolvers<unknown> | undefined {
    const call = this.#calls.get(number);
    this.#calls.delete(number);
    return call;
  }

  /** Any answer will do; a Worker that has closed itself gives none, and no word. */
  #look(): void {
    if (this.#unanswered++ >= MAX_UNANSWERED) {
      const seconds = MAX_UNANSWERED * this.#lookMs / 1000;
      return this.#die(`it did not answer for ${seconds} s`);
    }
    this.call("load", []).then((load) => this.#measure(load), () => {});
  }

  #die(why: string): void {
    if (this.#isDead) return;
    this[Symbol.dispose]();
    this.#events.onDeath(why);
  }
}

function errorOf(
  { code, message }: { code?: HostErrorCode; message: string },
): Error {
  return code === undefined ? new Error(message) : new HostError(code, message);
}
