import { foreignText } from "../../foreign_text.ts";
import { TokenBucket } from "../../limits/token_bucket.ts";
import { FoxgloveProtocolError } from "../../ros/foxglove_wire.ts";
import type { ChannelMessage } from "./channel_message.ts";
import { Outbox } from "./outbox.ts";
import {
  advertiseText,
  type ChannelInfo,
  parseClientText,
  statusText,
  unadvertiseText,
} from "./protocol.ts";

export interface FoxgloveClientOptions {
  socket: WebSocket;
  /** Begins what a channel needs; its end is when it is disposed of. */
  onSubscribe(channel: number): Disposable;
  /** Called when it is hung up on, which the socket may never tell. */
  onEnd(): void;
  /** Called for each message that was sent. */
  onSent(message: ChannelMessage): void;
  /** Called for each that newer ones took the place of. */
  onDropped(message: ChannelMessage): void;
  /** Milliseconds that only go up. @default {performance.now} */
  now?(): number;
}

interface Subscription {
  readonly channel: number;
  readonly life: Disposable;
}

/** Longest text that a client may send, UTF-16 code units. */
const MAX_TEXT = 64 * 1024;
/** Messages a second, and at once: a tool subscribes to all that there is. */
const MESSAGES_PER_SECOND = 20;
const MESSAGES_AT_ONCE = 500;
/** Most subscriptions. */
const MAX_SUBSCRIPTIONS = 1024;
/**
 * Mistakes at once, the last of which is one too many, and a second after that:
 * a channel that is subscribed to may have just gone.
 */
const MAX_MISTAKES = 20;
const MISTAKES_PER_SECOND = 1 / 60;
/** A client that takes nothing for so long is gone, milliseconds. */
const MAX_STALL_MS = 30_000;
/** Time between two words about what was dropped, milliseconds. */
const TELL_MS = 10_000;

/** RFC 6455 section 7.4.1, and 1013 of IANA's registry. */
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;
const TRY_AGAIN_LATER = 1013;

/** One connection of a tool, from open to closed. */
export class FoxgloveClient implements Disposable {
  readonly #options: FoxgloveClientOptions;
  readonly #socket: WebSocket;
  readonly #outbox: Outbox;
  readonly #now: () => number;
  readonly #rate: TokenBucket;
  readonly #mistakes: TokenBucket;
  readonly #advertised = new Set<number>();
  /** By its id. */
  readonly #subscriptions = new Map<number, Subscription>();
  /** The id of the subscription to each channel. */
  readonly #ids = new Map<number, number>();
  #dropped = 0;
  #toldAt = -Infinity;

  constructor(options: FoxgloveClientOptions) {
    this.#options = options;
    this.#socket = options.socket;
    const { now = () => performance.now() } = options;
    this.#now = now;
    this.#rate = new TokenBucket({
      rate: MESSAGES_PER_SECOND,
      capacity: MESSAGES_AT_ONCE,
      now,
    });
    this.#mistakes = new TokenBucket({
      rate: MISTAKES_PER_SECOND,
      capacity: MAX_MISTAKES - 1,
      now,
    });
    this.#outbox = new Outbox(options.socket, {
      onSent: options.onSent,
      onDropped: (message) => this.#onDropped(message),
      now,
    });
    options.socket.onmessage = ({ data }) => this.#receive(data);
  }

  /** Tells of channels. */
  advertise(channels: readonly ChannelInfo[]): void {
    for (const { id } of channels) this.#advertised.add(id);
    if (channels.length > 0) this.sendText(advertiseText(channels));
  }

  /** Tells that channels are no more, of those that it was told of. */
  unadvertise(ids: readonly number[]): void {
    const gone = ids.filter((id) => this.#advertised.delete(id));
    for (const id of gone) this.#leave(this.#ids.get(id));
    if (gone.length > 0) this.sendText(unadvertiseText(gone));
  }

  /** Sends a text. */
  sendText(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  /** Tells whether it has subscribed to a channel. */
  isSubscribed(channel: number): boolean {
    return this.#ids.has(channel);
  }

  /** Sends a message of a channel, now or later, if it has subscribed to it. */
  send(channel: number, message: ChannelMessage): void {
    const id = this.#ids.get(channel);
    if (id === undefined || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#outbox.push(message, id);
  }

  /** Hangs up on a client that has taken nothing for long. */
  checkStall(): void {
    if (this.#outbox.stalledMs() <= MAX_STALL_MS) return;
    this.close(TRY_AGAIN_LATER, "nothing was read for 30 s");
  }

  /**
   * Hangs up.
   *
   * @param code of RFC 6455 section 7.4.
   * @param reason a clause, at most 123 bytes.
   */
  close(code: number, reason: string): void {
    this[Symbol.dispose]();
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.close(code, reason);
    }
    this.#options.onEnd();
  }

  /** Lets go of all that it has. */
  [Symbol.dispose](): void {
    this.#socket.onmessage = null;
    this.#outbox[Symbol.dispose]();
    for (const id of [...this.#subscriptions.keys()]) this.#leave(id);
  }

  #receive(data: unknown): void {
    if (!this.#rate.take()) {
      return this.close(POLICY_VIOLATION, "too many messages a second");
    }
    if (typeof data !== "string") {
      return this.#refuse("This server takes no binary messages");
    }
    if (data.length > MAX_TEXT) {
      return this.close(TOO_BIG, `a message has more than ${MAX_TEXT} bytes`);
    }
    try {
      this.#take(data);
    } catch (error) {
      if (!(error instanceof FoxgloveProtocolError)) throw error;
      this.#refuse(error.message);
    }
  }

  #take(text: string): void {
    const request = parseClientText(text);
    if (request.op === "unsubscribe") {
      for (const id of request.ids) this.#leave(id);
      return;
    }
    for (const { id, channelId } of request.subscriptions) {
      const why = this.#whyNot(id, channelId);
      if (why === undefined) this.#subscribe(id, channelId);
      else this.#refuse(why);
      // It may have been one too many.
      if (this.#socket.readyState !== WebSocket.OPEN) return;
    }
  }

  /** What keeps a client from a subscription: a sentence. */
  #whyNot(id: number, channel: number): string | undefined {
    if (!this.#advertised.has(channel)) return `There is no channel ${channel}`;
    if (this.#subscriptions.has(id)) {
      return `There is a subscription ${id} already`;
    }
    if (this.#ids.has(channel)) {
      return `Channel ${channel} is subscribed to already`;
    }
    if (this.#subscriptions.size < MAX_SUBSCRIPTIONS) return undefined;
    return `There are ${MAX_SUBSCRIPTIONS} subscriptions, and no more are taken`;
  }

  #subscribe(id: number, channel: number): void {
    this.#ids.set(channel, id);
    const life = this.#options.onSubscribe(channel);
    this.#subscriptions.set(id, { channel, life });
  }

  #leave(id: number | undefined): void {
    const subscription = this.#subscriptions.get(id!);
    if (id === undefined || subscription === undefined) return;
    this.#subscriptions.delete(id);
    this.#ids.delete(subscription.channel);
    this.#outbox.forget(id);
    subscription.life[Symbol.dispose]();
  }

  /** Says what can't be done, and hangs up where it is too much of it. */
  #refuse(why: string): void {
    this.sendText(statusText("error", foreignText(why)));
    if (this.#mistakes.take()) return;
    this.close(POLICY_VIOLATION, "too much could not be taken");
  }

  #onDropped(message: ChannelMessage): void {
    this.#dropped++;
    this.#options.onDropped(message);
    const now = this.#now();
    if (now - this.#toldAt < TELL_MS) return;
    this.#toldAt = now;
    this.sendText(statusText(
      "warning",
      `The connection doesn't keep up: ${this.#dropped} messages gave way to ` +
        "newer ones so far",
    ));
  }
}
