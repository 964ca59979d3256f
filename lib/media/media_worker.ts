import type {
  FromMediaWorker,
  MediaPlan,
  ToMediaWorker,
} from "./media_worker_messages.ts";

/** The Worker of one media source. */
export class MediaWorker {
  readonly #worker: Worker;
  readonly #gone = Promise.withResolvers<void>();
  #closed?: Promise<void>;

  /**
   * Starts to make what the plan says.
   *
   * @param onMessage called with what it tells, until it is closed.
   */
  constructor(plan: MediaPlan, onMessage: (message: FromMediaWorker) => void) {
    const entry = new URL("./media_worker_main.ts", import.meta.url);
    this.#worker = new Worker(entry, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromMediaWorker>) => {
      if (data.type === "closed") this.#gone.resolve();
      else if (this.#closed === undefined) onMessage(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#gone.resolve();
      const { message } = event;
      onMessage({ type: "failed", reason: "failed", message });
    };
    this.tell({ type: "start", plan });
  }

  /** Tells it something; it hears nothing after it was closed. */
  tell(message: ToMediaWorker, transfer: Transferable[] = []): void {
    if (this.#closed === undefined) this.#worker.postMessage(message, transfer);
  }

  /** Ends it; resolves when all of its processes are gone. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#worker.postMessage({ type: "close" } satisfies ToMediaWorker);
    await this.#gone.promise;
    this.#worker.terminate();
  }
}
