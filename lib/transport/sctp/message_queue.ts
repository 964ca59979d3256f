import { DATA_FLAG } from "./packet.ts";

/** A user message to send. */
export interface OutgoingMessage {
  streamId: number;
  streamSequence: number;
  /** Payload protocol identifier (RFC 8831 section 8). */
  protocol: number;
  ordered: boolean;
  /** At least one byte; not to be changed until it is acknowledged. */
  data: Uint8Array;
  /** Called when all of it has been sent once. */
  onSent?(): void;
}

/** A part of a message that fits a chunk. */
export interface Fragment {
  /** Unwrapped. */
  tsn: number;
  flags: number;
  streamId: number;
  streamSequence: number;
  protocol: number;
  userData: Uint8Array;
}

/** Messages that wait, given out in fragments (RFC 9260 section 6.9). */
export class MessageQueue {
  /** Most user data in one fragment, bytes. */
  maxPayload: number;
  /** Unwrapped TSN of the next fragment. */
  nextTsn: number;
  readonly #messages: OutgoingMessage[] = [];
  #head = 0;
  #offset = 0;
  #bytes = 0;

  constructor(firstTsn: number, maxPayload: number) {
    this.nextTsn = firstTsn;
    this.maxPayload = maxPayload;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that wait, the one that was begun too. */
  get length(): number {
    return this.#messages.length - this.#head;
  }

  push(message: OutgoingMessage): void {
    this.#messages.push(message);
    this.#bytes += message.data.length;
  }

  /** Takes the next fragment; there has to be one. */
  shift(): Fragment {
    const message = this.#messages[this.#head];
    const start = this.#offset;
    const { data, streamId, streamSequence, protocol } = message;
    const end = Math.min(start + this.maxPayload, data.length);
    const userData = data.subarray(start, end);
    this.#bytes -= userData.length;
    this.#offset = end;
    const isLast = end === data.length;
    let flags = message.ordered ? 0 : DATA_FLAG.unordered;
    if (start === 0) flags |= DATA_FLAG.beginning;
    if (isLast) {
      flags |= DATA_FLAG.ending;
      this.#drop();
      message.onSent?.();
    }
    // Nothing follows that would have it acknowledged (RFC 7053 section 4).
    if (this.#bytes === 0) flags |= DATA_FLAG.immediate;
    const tsn = this.nextTsn++;
    return { tsn, flags, streamId, streamSequence, protocol, userData };
  }

  #drop(): void {
    this.#offset = 0;
    this.#head++;
    if (this.#head < 32 || this.#head * 2 < this.#messages.length) return;
    this.#messages.splice(0, this.#head);
    this.#head = 0;
  }
}
