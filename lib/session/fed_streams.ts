import type { PointsError } from "../points/errors.ts";
import type { SessionCall } from "./fed_peer.ts";
import type { PointsReceiver } from "./points_receiver.ts";

/** What reads the streams of a session that come without data channels. */
export class FedStreams implements Disposable {
  readonly #call: Pick<SessionCall, "guard" | "isClosing">;
  readonly #makeReceiver: (stream: string) => PointsReceiver;
  readonly #receivers = new Map<string, PointsReceiver>();

  constructor(
    call: Pick<SessionCall, "guard" | "isClosing">,
    makeReceiver: (stream: string) => PointsReceiver,
  ) {
    this.#call = call;
    this.#makeReceiver = makeReceiver;
  }

  /**
   * Takes a message of a stream, as one of a `pointwire.v1` channel.
   *
   * @returns what is wrong with it, where it can't be read.
   */
  receive(
    stream: string,
    message: Uint8Array | string,
  ): PointsError | undefined {
    const receiver = this.#receiverOf(stream);
    const { guard } = this.#call;
    guard.arrived(message.length);
    guard.delivered(1);
    return this.#call.isClosing ? undefined : receiver?.receive(message);
  }

  /** Counts a cloud of a stream that can't be read. */
  refuse(stream: string, error: PointsError): void {
    this.#receiverOf(stream)?.invalid(error);
  }

  /** Stops reading. */
  [Symbol.dispose](): void {
    for (const receiver of this.#receivers.values()) {
      receiver[Symbol.dispose]();
    }
    this.#receivers.clear();
  }

  /** A stream counts as a data channel does. */
  #receiverOf(stream: string): PointsReceiver | undefined {
    const known = this.#receivers.get(stream);
    if (known !== undefined || this.#call.isClosing) return known;
    this.#call.guard.channel();
    if (this.#call.isClosing) return undefined;
    const receiver = this.#makeReceiver(stream);
    this.#receivers.set(stream, receiver);
    return receiver;
  }
}
