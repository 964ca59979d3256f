import { settlesWithin } from "../../async.ts";
import { Backoff } from "../../backoff.ts";
import { type Clock, SYSTEM_CLOCK } from "../../clock.ts";
import { LogThrottle } from "../../limits/log_throttle.ts";
import type { Logger } from "../../log.ts";
import { foreignText } from "../../foreign_text.ts";
import { shownUrl } from "./address.ts";
import { kindOf } from "./channels.ts";
import type { MessageData } from "../../ros/foxglove_wire.ts";
import { FoxgloveConnection } from "./foxglove_connection.ts";
import type { Channel } from "./foxglove_protocol.ts";

export interface RosBridgeOptions {
  /** The WebSocket of a Foxglove server, `ws:` or `wss:`. */
  url: string;
  log: Logger;
  /** Certificates, in PEM, of authorities trusted besides the usual ones. */
  caCerts?: string[];
  /** Largest message that is looked at, bytes. @default {67108864} */
  maxMessageBytes?: number;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/** A message of a topic, as it came. */
export interface BridgeMessage {
  readonly channel: Channel;
  /** Its bytes, which nobody changes later. */
  readonly data: Uint8Array;
  /** When the bridge had it, by its clock, milliseconds; 0 for nothing. */
  readonly sentAt: number;
  /** When it came, milliseconds since the Unix epoch. */
  readonly cameAt: number;
}

/** Called with each message of a topic. */
export type OnMessage = (message: BridgeMessage) => void;

/** A topic that somebody here wants, and the channel that it has now. */
interface Wanted {
  readonly listeners: Set<OnMessage>;
  channel?: Channel;
  unsubscribe?: () => void;
}

/** A connection that doesn't last this long is no success of the back-off. */
const LASTING_MS = 10_000;
/** Longest time from one try to the next: a robot is not far away. */
const MAX_BACKOFF_MS = 2_000;
/** How often it is looked whether a bridge fell silent. */
const CHECK_MS = 5_000;
/**
 * Silence after messages, after which the machine may be gone; each time that
 * a new connection helped nothing it is waited for twice as long.
 */
const SILENCE_MS = 15_000;
const MAX_SILENCE_MS = 120_000;

/**
 * The topics of a bridge, over connections that are made again for as long as
 * it lives: topics are found again by their names, whatever channels they have
 * then.
 */
export class RosBridge implements AsyncDisposable {
  readonly url: string;
  readonly #options: RosBridgeOptions;
  readonly #clock: Clock;
  readonly #log: LogThrottle;
  readonly #stop = new AbortController();
  readonly #wanted = new Map<string, Wanted>();
  readonly #watchers = new Set<() => void>();
  readonly #living: Promise<void>;
  #connection: FoxgloveConnection | undefined;
  #topics: ReadonlyMap<string, Channel> = new Map();
  #silenceMs = SILENCE_MS;
  /** Why there is no connection, as it was said last. */
  #saidWhy = "";

  /** Begins to connect; it goes on until it is disposed of. */
  constructor(options: RosBridgeOptions) {
    this.url = options.url;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#log = new LogThrottle(
      options.log.child({ ros: shownUrl(options.url) }),
    );
    this.#living = this.#live();
  }

  /** Whether the bridge has said what it is. */
  get hasAnswered(): boolean {
    return this.#connection?.server !== undefined;
  }

  /** The topics that there are now, by name; none without a connection. */
  get topics(): ReadonlyMap<string, Channel> {
    return this.#topics;
  }

  /**
   * Gives the messages of a topic, from when it is there, over all connections,
   * until what is returned is called.
   */
  subscribe(topic: string, onMessage: OnMessage): () => void {
    const wanted: Wanted = this.#wanted.get(topic) ?? { listeners: new Set() };
    this.#wanted.set(topic, wanted);
    wanted.listeners.add(onMessage);
    this.#subscribe(topic, wanted);
    return () => {
      wanted.listeners.delete(onMessage);
      if (wanted.listeners.size > 0) return;
      wanted.unsubscribe?.();
      if (this.#wanted.get(topic) === wanted) this.#wanted.delete(topic);
    };
  }

  /** Calls `watcher` when topics come or go, until what is returned is. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * Waits until `find` finds something, asked now and when topics come or go.
   *
   * @throws the signal's reason when it is aborted.
   */
  async find<T>(
    find: () => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    while (true) {
      signal.throwIfAborted();
      const found = find();
      if (found !== undefined) return found;
      const changed = Promise.withResolvers<void>();
      const stop = this.watch(changed.resolve);
      try {
        await settlesWithin(CHECK_MS, changed.promise, signal);
      } finally {
        stop();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#connection?.[Symbol.dispose]();
    await this.#living;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stop;
    const clock = this.#clock;
    const backoff = new Backoff({ maxMs: MAX_BACKOFF_MS }, clock.now());
    while (true) {
      await clock.sleep(backoff.next(clock.now()), signal);
      if (signal.aborted) return;
      const connection = await this.#connect();
      if (connection === undefined) continue;
      const connectedAt = clock.now();
      try {
        const why = await this.#whenOver(connection);
        this.#log.warn("the bridge is gone; waiting for it", { why });
      } catch {
        return;
      } finally {
        connection[Symbol.dispose]();
        this.#leave();
      }
      if (clock.now() - connectedAt >= LASTING_MS) backoff.reset(clock.now());
    }
  }

  async #connect(): Promise<FoxgloveConnection | undefined> {
    const { url, maxMessageBytes, caCerts } = this.#options;
    try {
      const connection = await FoxgloveConnection.open({
        ...{ url, maxMessageBytes, caCerts },
        events: {
          onChannels: () => this.#onChannels(),
          onMessage: (channel, message) => this.#onMessage(channel, message),
          onStatus: (level, message) => this.#onStatus(level, message),
          onUnusable: (why) =>
            this.#log.warn("the bridge says what can't be used", { why }),
        },
      }, this.#stop.signal);
      this.#connection = connection;
      this.#log.info("connected to the bridge");
      this.#saidWhy = "";
      this.#onChannels();
      return connection;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#sayWhy(messageOf(error));
    }
  }

  /** Says why there is no connection, and not again while that is so. */
  #sayWhy(why: string): void {
    if (why !== this.#saidWhy) {
      this.#log.warn("waiting for the bridge", { why });
    }
    this.#saidWhy = why;
  }

  /**
   * Waits for the end of a connection, or a silence that may be one.
   *
   * @returns a clause that says why it is over.
   * @throws the signal's reason when it is aborted.
   */
  async #whenOver(connection: FoxgloveConnection): Promise<string> {
    const { signal } = this.#stop;
    const openedAt = performance.now();
    while (!await settlesWithin(CHECK_MS, connection.closed, signal)) {
      const { heardAt } = connection;
      if (heardAt - openedAt > LASTING_MS) this.#silenceMs = SILENCE_MS;
      const silence = performance.now() - heardAt;
      if (this.#wanted.size === 0 || silence < this.#silenceMs) continue;
      this.#silenceMs = Math.min(2 * this.#silenceMs, MAX_SILENCE_MS);
      return `nothing came for ${Math.round(silence / 1000)} s`;
    }
    return await connection.closed;
  }

  #leave(): void {
    this.#connection = undefined;
    for (const wanted of this.#wanted.values()) {
      wanted.channel = wanted.unsubscribe = undefined;
    }
    this.#onChannels();
  }

  #onChannels(): void {
    const topics = new Map<string, Channel>();
    for (const channel of this.#connection?.channels ?? []) {
      // A topic may have several channels: the first that is read is taken.
      const known = topics.get(channel.topic);
      if (known && (kindOf(known) || !kindOf(channel))) continue;
      topics.set(channel.topic, channel);
    }
    this.#topics = topics;
    for (const [topic, wanted] of this.#wanted) this.#subscribe(topic, wanted);
    for (const watcher of [...this.#watchers]) watcher();
  }

  #subscribe(topic: string, wanted: Wanted): void {
    const channel = this.#topics.get(topic);
    if (channel?.id === wanted.channel?.id) return;
    wanted.unsubscribe?.();
    wanted.channel = channel;
    wanted.unsubscribe = channel && this.#connection?.subscribe(channel);
  }

  #onMessage(channel: Channel, { data, time }: MessageData): void {
    const sentAt = Number(time) / 1e6;
    const message = { channel, data, sentAt, cameAt: Date.now() };
    const wanted = this.#wanted.get(channel.topic);
    for (const listener of wanted?.listeners ?? []) listener(message);
  }

  #onStatus(level: "info" | "warning" | "error", message: string): void {
    const fields = { says: foreignText(message) };
    if (level === "info") this.#options.log.debug("the bridge says", fields);
    else this.#log.warn(`the bridge has a ${level}`, fields);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
