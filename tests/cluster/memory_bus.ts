import type { Bus, Respond } from "../../lib/cluster/bus.ts";

type Take = (bytes: Uint8Array, respond: Respond) => void;

/** A bus in memory, which loses what a test tells it to, as NATS may. */
export class MemoryBus implements Bus {
  readonly maxPayload = 4_096;
  isConnected = true;
  /** Tells whether a message is lost. */
  loses: (subject: string, bytes: Uint8Array) => boolean = () => false;
  /** Messages that were sent, by the second word of their subjects. */
  readonly sent: string[] = [];
  readonly #takers = new Map<string, Take>();

  /** Subjects that somebody takes. */
  get subjects(): string[] {
    return [...this.#takers.keys()];
  }

  publish(subject: string, bytes: Uint8Array): void {
    this.sent.push(subject);
    if (!this.isConnected || this.loses(subject, bytes)) return;
    queueMicrotask(() => this.#takers.get(subject)?.(bytes, () => {}));
  }

  subscribe(subject: string, take: Take): Disposable {
    this.#takers.set(subject, take);
    return { [Symbol.dispose]: () => void this.#takers.delete(subject) };
  }

  request(): Promise<Uint8Array> {
    throw new Error("Nothing is asked over this bus");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
