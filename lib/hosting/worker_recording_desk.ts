import { RecordingError } from "../recording/errors.ts";
import type {
  RecordedSession,
  RecordingCounters,
} from "../recording/recording_options.ts";
import { PendingCalls } from "./pending_calls.ts";
import type { RecordingDesk } from "./recording_desk.ts";
import type {
  DeskArgs,
  DeskCall,
  DeskMessage,
  DeskReply,
  DeskResult,
  RecordingSettings,
} from "./recording_messages.ts";
import { WorkerPulse } from "./worker_pulse.ts";

/** Options of {@linkcode WorkerRecordingDesk}. */
export interface WorkerRecordingDeskOptions {
  /** What the Worker is started with. */
  settings: RecordingSettings;
  /** Called once, when it has died: whatever was asked of it is refused. */
  onDeath(why: string): void;
  /** Module of the Worker. @default {recording_worker.ts} */
  entry?: URL;
  /** Time between two looks at it, milliseconds. @default {3000} */
  lookMs?: number;
}

/** Time that it may take to come up, milliseconds. */
const START_MS = 60_000;

const ENTRY = new URL("./recording_worker.ts", import.meta.url);

/**
 * Records in a Worker, so that decoding, compressing and the disk are never in
 * the way of sessions and HTTP.
 */
export class WorkerRecordingDesk implements RecordingDesk {
  readonly #worker: Worker;
  readonly #calls: PendingCalls<DeskMessage>;
  readonly #pulse: WorkerPulse;
  readonly #onDeath: (why: string) => void;
  #end: string | undefined;

  /** Starts the Worker; what is asked of it before it is up waits. */
  constructor(options: WorkerRecordingDeskOptions) {
    const { settings, entry = ENTRY, lookMs = 3_000 } = options;
    this.#onDeath = options.onDeath;
    this.#worker = new Worker(entry, { type: "module" });
    this.#calls = new PendingCalls(this.#worker);
    this.#worker.onmessage = ({ data }: MessageEvent<DeskReply>) =>
      this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die(event.message);
    };
    this.#worker.postMessage(settings);
    this.#pulse = new WorkerPulse({
      lookMs,
      startMs: START_MS,
      look: () => void this.counters().catch(() => {}),
      onSilent: (why) => this.#die(why),
    });
  }

  start(session: RecordedSession, feed: MessagePort): Promise<void> {
    return this.#call("start", session, feed);
  }

  stop(id: string): Promise<void> {
    return this.#call("stop", id);
  }

  counters(): Promise<RecordingCounters> {
    return this.#call("counters");
  }

  async close(): Promise<void> {
    try {
      await this.#call("close");
    } finally {
      this.#release("it was closed");
    }
  }

  #call<N extends DeskCall>(
    call: N,
    ...args: DeskArgs[N]
  ): Promise<DeskResult[N]> {
    if (this.#end !== undefined) return Promise.reject(ended(this.#end));
    return this.#calls.post({ call, args }) as Promise<DeskResult[N]>;
  }

  #take(reply: DeskReply): void {
    this.#pulse.hear();
    const call = this.#calls.settle(reply.number);
    if ("error" in reply) call?.reject(new RecordingError(reply.error));
    else call?.resolve(reply.result);
  }

  #die(why: string): void {
    if (this.#end !== undefined) return;
    this.#release(why);
    this.#onDeath(why);
  }

  #release(why: string): void {
    this.#end = why;
    this.#pulse[Symbol.dispose]();
    this.#worker.terminate();
    this.#calls.end(ended(why));
  }
}

function ended(why: string): RecordingError {
  return new RecordingError(`The recorder has ended: ${why}`);
}
