import type { Logger } from "../log.ts";
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

const ENTRY = new URL("./recording_worker.ts", import.meta.url);

/**
 * Records in a Worker, so that decoding, compressing and the disk are never in
 * the way of sessions and HTTP.
 */
export class WorkerRecordingDesk implements RecordingDesk {
  readonly #worker: Worker;
  readonly #calls: PendingCalls<DeskMessage>;
  #death: string | undefined;

  /** Starts the Worker; what is asked of it before it is up waits. */
  constructor(settings: RecordingSettings, log: Logger) {
    this.#worker = new Worker(ENTRY, { type: "module" });
    this.#calls = new PendingCalls(this.#worker);
    this.#worker.onmessage = ({ data }: MessageEvent<DeskReply>) =>
      this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      log.error("nothing is recorded any more: the recorder died", {
        why: event.message,
      });
      this.#end(event.message);
    };
    this.#worker.postMessage(settings);
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
      this.#end("it was closed");
    }
  }

  #call<N extends DeskCall>(
    call: N,
    ...args: DeskArgs[N]
  ): Promise<DeskResult[N]> {
    if (this.#death !== undefined) return Promise.reject(ended(this.#death));
    return this.#calls.post({ call, args }) as Promise<DeskResult[N]>;
  }

  #take(reply: DeskReply): void {
    const call = this.#calls.settle(reply.number);
    if ("error" in reply) call?.reject(new RecordingError(reply.error));
    else call?.resolve(reply.result);
  }

  #end(why: string): void {
    this.#death = why;
    this.#worker.terminate();
    this.#calls.end(ended(why));
  }
}

function ended(why: string): RecordingError {
  return new RecordingError(`Nothing is recorded any more: ${why}`);
}
