/** What carries messages between nodes: what the cluster needs of NATS. */

/** Answers a message that asks for an answer. */
export type Respond = (bytes: Uint8Array) => void;

/** Messages by subject, each at most once, in order from one sender. */
export interface Bus extends AsyncDisposable {
  /** Most bytes of a message. */
  readonly maxPayload: number;
  /** Whether it is connected just now. */
  readonly isConnected: boolean;
  /** Sends a message; it is lost while there is no connection. */
  publish(subject: string, bytes: Uint8Array): void;
  /** Takes the messages of a subject, until it is disposed of. */
  subscribe(
    subject: string,
    take: (bytes: Uint8Array, respond: Respond) => void,
  ): Disposable;
  /**
   * Asks who takes a subject.
   *
   * @throws {BusError} where no answer comes.
   */
  request(
    subject: string,
    bytes: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array>;
}

/** No answer comes over a bus; its message is a sentence. */
export class BusError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "BusError";
}
