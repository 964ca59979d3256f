import type { HandshakeFragment } from "../werift/dtls_socket.ts";

/** A whole handshake message. */
export interface HandshakeMessage {
  type: number;
  sequence: number;
  body: Uint8Array;
}

/** Messages that may wait for an earlier one, and the bytes of one at most. */
const MAX_AHEAD = 16;
const MAX_MESSAGE_BYTES = 64 * 1024;

interface Incomplete {
  type: number;
  body: Uint8Array;
  /** For each byte, whether it has come. */
  has: Uint8Array;
  missing: number;
}

/**
 * Puts handshake messages together from fragments in any order, and gives them
 * out in the order of their sequence numbers, each once.
 */
export class HandshakeOrder {
  #next = 0;
  readonly #waiting = new Map<number, Incomplete>();

  /** Sequence number of the message that is due next. */
  get next(): number {
    return this.#next;
  }

  /**
   * Takes a fragment.
   *
   * @returns the messages that are due now, or "stale" for a fragment of one
   * that was given out before: the peer sends its flight again.
   */
  add(fragment: HandshakeFragment): HandshakeMessage[] | "stale" {
    const { message_seq: sequence, length } = fragment;
    if (sequence < this.#next) return "stale";
    if (sequence >= this.#next + MAX_AHEAD || length > MAX_MESSAGE_BYTES) {
      return [];
    }
    this.#fill(fragment);
    const due: HandshakeMessage[] = [];
    while (true) {
      const message = this.#waiting.get(this.#next);
      if (message === undefined || message.missing > 0) break;
      this.#waiting.delete(this.#next);
      const { type, body } = message;
      due.push({ type, sequence: this.#next++, body });
    }
    return due;
  }

  #fill(fragment: HandshakeFragment): void {
    const { message_seq, msg_type, length, fragment_offset } = fragment;
    let message = this.#waiting.get(message_seq);
    if (message === undefined) {
      message = {
        type: msg_type,
        body: new Uint8Array(length),
        has: new Uint8Array(length),
        missing: length,
      };
      this.#waiting.set(message_seq, message);
    }
    const end = fragment_offset + fragment.fragment.length;
    if (message.type !== msg_type || end > message.body.length) return;
    message.body.set(fragment.fragment, fragment_offset);
    for (let at = fragment_offset; at < end; at++) {
      if (message.has[at] === 1) continue;
      message.has[at] = 1;
      message.missing--;
    }
  }
}
