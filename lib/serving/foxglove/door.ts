import {
  ConversionError,
  type FrameConverter,
} from "../../hosting/frame_converter.ts";
import type { SessionFeeds } from "../../hosting/session_feeds.ts";
import type { SessionHost } from "../../hosting/session_host.ts";
import { LogThrottle } from "../../limits/log_throttle.ts";
import type { Logger } from "../../log.ts";
import type { StampedTransform } from "../../ros/write_messages.ts";
import type { SessionSnapshot } from "../../session/snapshot.ts";
import { Catalog, type SessionChannel, TRANSFORMS_CHANNEL } from "./catalog.ts";
import { type ChannelMessage, createMessage } from "./channel_message.ts";
import { FoxgloveClient } from "./client.ts";
import type { DoorCounters } from "./door_counters.ts";
import { serverInfoText } from "./protocol.ts";
import { writeStatistics } from "./statistics.ts";
import { Taps } from "./taps.ts";
import { transformMessage, transformsOf } from "./transforms.ts";

export interface FoxgloveDoorOptions {
  host: Pick<SessionHost, "sessions" | "subscribe">;
  feeds: SessionFeeds;
  converter: FrameConverter;
  log: Logger;
  counters: DoorCounters;
}

/** What a client comes with. */
export interface Arrival {
  /** A socket that is open. */
  readonly socket: WebSocket;
  /** Tells whether it may watch the session of an id. */
  mayWatch(session: string): boolean;
}

/** A client, and what it may see. */
interface Guest extends Pick<Arrival, "mayWatch"> {
  readonly client: FoxgloveClient;
}

/** Time between two looks at the sessions, milliseconds. */
const INTERVAL_MS = 1000;
/** RFC 6455 section 7.4.1. */
const GOING_AWAY = 1001;
const STOPS = "the server stops";

/**
 * Gives tools of the Foxglove protocol what sessions send: a channel for each
 * stream, each track and the counters of each session, and one for where frames
 * stand. A session's feed is taken while somebody subscribes to something of
 * it, and each message is made once for all of them.
 */
export class FoxgloveDoor implements Disposable {
  readonly #host: FoxgloveDoorOptions["host"];
  readonly #log: LogThrottle;
  readonly #counters: DoorCounters;
  readonly #catalog = new Catalog();
  readonly #guests = new Set<Guest>();
  readonly #taps: Taps;
  readonly #observed: Disposable;
  /** Tells a server that was started again from the one before. */
  readonly #id = crypto.randomUUID();
  #sessions: readonly SessionSnapshot[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;
  #isLooking = false;
  #looksAgain = false;

  constructor(options: FoxgloveDoorOptions) {
    const { host, feeds, converter, log, counters } = options;
    this.#host = host;
    this.#log = new LogThrottle(log);
    this.#counters = counters;
    this.#taps = new Taps({
      feeds,
      converter,
      eventsOf: (session) => ({
        onMessage: (content, message) =>
          this.#tell(this.#catalog.of(session.id, content), message),
        onTransform: (transform) => this.#tellTransform(session.id, transform),
        onError: (error) => this.#onError(session.id, error),
      }),
    });
    const onChange = () => void this.#look();
    this.#observed = host.subscribe({
      onConnected: onChange,
      onClosed: onChange,
    });
  }

  /** Lets a client in, until its socket closes. */
  accept({ socket, mayWatch }: Arrival): void {
    if (this.#isClosed) return socket.close(GOING_AWAY, STOPS);
    const client = new FoxgloveClient({
      socket,
      onSubscribe: (channel) => this.#subscribe(guest, channel),
      onEnd: () => this.#leave(guest),
      onSent: (message) => this.#counters.onSent(message),
      onDropped: (message) => this.#counters.onDropped(message),
    });
    const guest: Guest = { client, mayWatch };
    this.#guests.add(guest);
    this.#counters.clients = this.#guests.size;
    socket.addEventListener("close", () => this.#leave(guest));
    client.sendText(serverInfoText("pointwire", this.#id));
    client.advertise([TRANSFORMS_CHANNEL]);
    client.advertise(visibleTo(guest, this.#catalog.channels));
    this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS);
    void this.#look();
  }

  /** Hangs up on everybody. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#observed[Symbol.dispose]();
    for (const { client } of this.#guests) client.close(GOING_AWAY, STOPS);
  }

  #leave(guest: Guest): void {
    if (!this.#guests.delete(guest)) return;
    guest.client[Symbol.dispose]();
    this.#counters.clients = this.#guests.size;
    if (this.#guests.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    // What comes and goes now is nobody's news.
    this.#catalog.update([]);
    this.#sessions = [];
  }

  #tick(): void {
    for (const { client } of this.#guests) client.checkStall();
    void this.#look();
  }

  /** Looks at the sessions, once at a time, and again if it is asked to. */
  async #look(): Promise<void> {
    this.#looksAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#looksAgain && this.#guests.size > 0) {
        this.#looksAgain = false;
        this.#take(await this.#host.sessions());
      }
    } catch (error) {
      this.#log.warn("tools can't be told of sessions", { error });
    } finally {
      this.#isLooking = false;
    }
  }

  /** Tells everybody what is new of the sessions. */
  #take(sessions: readonly SessionSnapshot[]): void {
    if (this.#guests.size === 0) return;
    this.#sessions = sessions;
    const { added, removed } = this.#catalog.update(sessions);
    for (const guest of this.#guests) {
      guest.client.unadvertise(removed.map(({ id }) => id));
      guest.client.advertise(visibleTo(guest, added));
    }
    for (const session of sessions) {
      this.#taps.get(session.id)?.setClock(session.clock ?? undefined);
      for (const transform of this.#transformsOf(session)) {
        this.#tellTransform(session.id, transform);
      }
      const channel = this.#catalog.of(session.id, { kind: "statistics" });
      const isWanted = channel !== undefined &&
        this.#guests.values().some(({ client }) =>
          client.isSubscribed(channel.id)
        );
      if (isWanted) this.#tell(channel, statisticsMessage(session));
    }
  }

  /** Begins what one needs who subscribes to a channel. */
  #subscribe(guest: Guest, id: number): Disposable {
    const { client } = guest;
    const life = new DisposableStack();
    const channel = this.#catalog.get(id);
    if (channel === undefined) {
      this.#greetWithTransforms(guest);
      return life;
    }
    const { session, content } = channel;
    if (content.kind === "statistics") {
      const known = this.#sessions.find(({ id }) => id === session.id);
      if (known !== undefined) client.send(id, statisticsMessage(known));
      return life;
    }
    const tap = this.#taps.open(session);
    life.defer(() => this.#taps.settle(session.id));
    life.use(tap.want(content, guest));
    const newest = tap.greet(content);
    if (newest !== undefined) client.send(id, newest);
    return life;
  }

  #greetWithTransforms({ client, mayWatch }: Guest): void {
    for (const session of this.#sessions) {
      if (!mayWatch(session.id)) continue;
      for (const transform of this.#transformsOf(session)) {
        client.send(TRANSFORMS_CHANNEL.id, transformMessage(transform));
      }
    }
  }

  #transformsOf(session: SessionSnapshot): StampedTransform[] {
    const tap = this.#taps.get(session.id);
    return transformsOf(session, (stream) => tap?.frameOf(stream));
  }

  #tell(
    channel: SessionChannel | undefined,
    message: ChannelMessage,
  ): void {
    if (channel === undefined) return;
    for (const { client } of this.#guests) client.send(channel.id, message);
  }

  #tellTransform(session: string, transform: StampedTransform): void {
    const message = transformMessage(transform);
    for (const { client, mayWatch } of this.#guests) {
      if (mayWatch(session)) client.send(TRANSFORMS_CHANNEL.id, message);
    }
  }

  #onError(session: string, error: unknown): void {
    // Nobody waits for it any more.
    if (error instanceof ConversionError && error.reason === "closed") return;
    this.#counters.failures++;
    this.#log.warn("what a session sends can't be shown to tools", {
      session,
      error,
    });
  }
}

function visibleTo(
  { mayWatch }: Guest,
  channels: readonly SessionChannel[],
): SessionChannel[] {
  return channels.filter(({ session }) => mayWatch(session.id));
}

function statisticsMessage(session: SessionSnapshot): ChannelMessage {
  return createMessage(writeStatistics(session), {
    key: `statistics ${session.id}`,
    order: "newest",
  });
}
