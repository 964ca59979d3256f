/** A call of another thread: a name, and plain data. */
interface CallMessage {
  /** Names the reply. */
  number: number;
  call: string;
  args: readonly unknown[];
}

/** Calls that a Worker was asked for, until each is answered. */
export class PendingCalls<M extends CallMessage> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Asks for something; ports among the arguments are moved there. */
  post({ call, args }: Pick<M, "call" | "args">): Promise<unknown> {
    const reply = Promise.withResolvers<unknown>();
    const number = this.#next++;
    this.#waiting.set(number, reply);
    const ports = args.filter((arg) => arg instanceof MessagePort);
    this.#worker.postMessage({ number, call, args }, ports);
    return reply.promise;
  }

  /** Takes a call that is answered; nothing where it isn't waited for. */
  settle(number: number): PromiseWithResolvers<unknown> | undefined {
    const reply = this.#waiting.get(number);
    this.#waiting.delete(number);
    return reply;
  }

  /** Refuses all that wait. */
  end(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
