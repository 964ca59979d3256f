import { setSubscription } from "../../ros/foxglove_wire.ts";
import type { ChannelMessage } from "./channel_message.ts";

/** What a socket has to do with it. */
export type OutboxSocket = Pick<WebSocket, "bufferedAmount" | "send">;

export interface OutboxOptions {
  /** Called for each message that is sent. */
  onSent(message: ChannelMessage): void;
  /** Called for each that newer ones took the place of. */
  onDropped(message: ChannelMessage): void;
  /** Milliseconds that only go up. @default {performance.now} */
  now?(): number;
}

interface Waiting {
  readonly message: ChannelMessage;
  readonly subscription: number;
  readonly since: number;
}

/** Messages of which none may be missing. */
interface Sequence {
  readonly subscription: number;
  /** Whether none was dropped since the last `key`. */
  isWhole: boolean;
}

/** The socket is given no more while it holds more than this, bytes. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** Most that waits beside it, bytes; one message may be larger. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Video that waits for longer is worth nothing, milliseconds. */
const STALE_MS = 1000;
/** A socket doesn't tell when it has room: how often it is asked. */
const POLL_MS = 10;

/**
 * What one client is still to be sent. One that reads slowly gets whole
 * messages, and the newest ones: of each stream of clouds one waits, and what a
 * decoder needs all of goes on at its next keyframe.
 */
export class Outbox implements Disposable {
  readonly #socket: OutboxSocket;
  readonly #options: OutboxOptions;
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** What a decoder needs all of and has begun with, by its key. */
  readonly #sequences = new Map<string, Sequence>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #buffered = 0;
  #movedAt: number;

  constructor(socket: OutboxSocket, options: OutboxOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#movedAt = this.#now();
  }

  /** Sends a message now or later, or drops it or others for it. */
  push(message: ChannelMessage, subscription: number): void {
    if (!this.#takes(message, subscription)) return;
    const since = this.#now();
    this.#waiting.push({ message, subscription, since });
    this.#waitingBytes += message.bytes.length;
    while (
      this.#waitingBytes > MAX_WAITING_BYTES && this.#waiting.length > 1
    ) this.#dropAll(this.#waiting[0].message);
    this.#flush();
  }

  /** Forgets what waits of a subscription. */
  forget(subscription: number): void {
    this.#remove((waiting) => waiting.subscription === subscription);
    for (const [key, sequence] of this.#sequences) {
      if (sequence.subscription === subscription) this.#sequences.delete(key);
    }
  }

  /** How long the socket has held bytes, and got rid of none, milliseconds. */
  stalledMs(): number {
    this.#look();
    return this.#now() - this.#movedAt;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#remove(() => true);
  }

  /** Makes room for a message; tells whether it is worth to be sent. */
  #takes(message: ChannelMessage, subscription: number): boolean {
    const { key, order } = message;
    const isSame = (waiting: Waiting) => waiting.message.key === key;
    if (order === "newest") {
      for (const { message } of this.#remove(isSame)) this.#drop(message);
      return true;
    }
    const oldest = this.#waiting.find(isSame);
    if (oldest !== undefined && this.#now() - oldest.since > STALE_MS) {
      this.#dropAll(oldest.message);
    }
    if (order === "key") {
      this.#sequences.set(key, { subscription, isWhole: true });
      return true;
    }
    const sequence = this.#sequences.get(key);
    if (sequence?.isWhole) return true;
    // One that has just come has missed nothing yet.
    if (sequence !== undefined) this.#drop(message);
    message.requestKey?.();
    return false;
  }

  /** Notes whether the socket has got rid of something. */
  #look(): void {
    const { bufferedAmount } = this.#socket;
    if (bufferedAmount === 0 || bufferedAmount < this.#buffered) {
      this.#movedAt = this.#now();
    }
    this.#buffered = bufferedAmount;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#look();
    while (this.#socket.bufferedAmount <= MAX_BUFFERED_BYTES) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const { message, subscription } = next;
      this.#waitingBytes -= message.bytes.length;
      // The same bytes for all: the socket takes a copy of them.
      setSubscription(message.bytes, subscription);
      this.#socket.send(message.bytes);
      this.#buffered = this.#socket.bufferedAmount;
      this.#options.onSent(message);
    }
    this.#timer = setTimeout(() => this.#flush(), POLL_MS);
  }

  /** Drops what waits of a message's kind: of a sequence all is of no use. */
  #dropAll({ key }: ChannelMessage): void {
    const sequence = this.#sequences.get(key);
    if (sequence !== undefined) sequence.isWhole = false;
    for (
      const { message } of this.#remove(({ message }) => message.key === key)
    ) {
      this.#drop(message);
    }
  }

  #drop(message: ChannelMessage): void {
    this.#options.onDropped(message);
  }

  #remove(isOne: (waiting: Waiting) => boolean): Waiting[] {
    const removed = this.#waiting.filter(isOne);
    if (removed.length === 0) return removed;
    this.#waiting = this.#waiting.filter((waiting) => !isOne(waiting));
    for (const { message } of removed) {
      this.#waitingBytes -= message.bytes.length;
    }
    return removed;
  }
}
