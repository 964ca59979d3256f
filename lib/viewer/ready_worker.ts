/** A worker that is told nothing before it listens. */

/** Called with all that a worker says, but that it is ready. */
type OnMessage<From extends { type: string }> = (
  message: Exclude<From, { type: "ready" }>,
) => void;

/**
 * What is told to a worker that says first that it is ready: it loads its
 * WebAssembly before, and doesn't listen meanwhile.
 */
export class ReadyWorker<To, From extends { type: string }>
  implements Disposable {
  readonly #worker: Worker;
  #waiting: [To, Transferable[]][] | undefined = [];

  constructor(url: URL, onMessage: OnMessage<From>) {
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<From>) => {
      if (data.type === "ready") this.#begin();
      else onMessage(data as Exclude<From, { type: "ready" }>);
    };
  }

  /** Tells it something, now or once it is ready. */
  tell(message: To, transfer: Transferable[] = []): void {
    if (this.#waiting === undefined) {
      this.#worker.postMessage(message, transfer);
    } else {
      this.#waiting.push([message, transfer]);
    }
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #begin(): void {
    for (const waiting of this.#waiting ?? []) {
      this.#worker.postMessage(...waiting);
    }
    this.#waiting = undefined;
  }
}
