import { settlesWithin } from "../../async.ts";
import { foreignText } from "../../foreign_text.ts";
import {
  FOXGLOVE_SUBPROTOCOLS,
  FoxgloveProtocolError,
  type MessageData,
  readMessageData,
  type StatusLevel,
} from "../../ros/foxglove_wire.ts";
import { shownUrl } from "./address.ts";
import {
  type Channel,
  parseServerText,
  subscribeText,
  unsubscribeText,
} from "./foxglove_protocol.ts";

/** What a connection tells; it is called from within the socket's events. */
export interface FoxgloveEvents {
  /** Channels came or went. */
  onChannels(): void;
  onMessage(channel: Channel, message: MessageData): void;
  onStatus(level: StatusLevel, message: string): void;
  /** Something came that can't be used, and was passed over. */
  onUnusable(why: string): void;
}

export interface FoxgloveConnectionOptions {
  /** `ws:` or `wss:`. */
  url: string;
  events: FoxgloveEvents;
  /** Certificates, in PEM, of authorities trusted besides the usual ones. */
  caCerts?: string[];
  /** Time for the connection to be made. @default {10000} milliseconds */
  timeoutMs?: number;
  /**
   * Largest message that is looked at, bytes. Above 64 MiB it has no effect:
   * Deno closes a WebSocket that has larger ones, before it takes the memory.
   * @default {67108864}
   */
  maxMessageBytes?: number;
  /** Most channels that are kept. @default {4096} */
  maxChannels?: number;
}

/** Thrown where no connection to a bridge can be made; says why. */
export class FoxgloveConnectionError extends Error {
  override readonly name = "FoxgloveConnectionError";
}

/** As Deno has it: with options, of which a browser's types know nothing. */
const DenoWebSocket = WebSocket as unknown as new (
  url: string,
  options: { protocols: string[]; client?: Deno.HttpClient },
) => WebSocket;

const TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_CHANNELS = 4096;

/** One WebSocket to a server of the Foxglove protocol, from open to closed. */
export class FoxgloveConnection implements Disposable {
  /** Resolves with a clause that says why, when it can't be used any more. */
  readonly closed: Promise<string>;
  /** What the server calls itself, once it said so. */
  server: string | undefined;
  /** When something came last, by `performance.now()`. */
  heardAt = performance.now();
  readonly #options: FoxgloveConnectionOptions;
  readonly #socket: WebSocket;
  readonly #closed = Promise.withResolvers<string>();
  readonly #channels = new Map<number, Channel>();
  readonly #subscribed = new Map<number, Channel>();
  #nextSubscription = 1;
  #failure: string | undefined;

  private constructor(socket: WebSocket, options: FoxgloveConnectionOptions) {
    this.#options = options;
    this.#socket = socket;
    this.closed = this.#closed.promise;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onerror = (event) => {
      if (event instanceof ErrorEvent) this.#failure = event.message;
    };
    socket.onclose = ({ code, reason }) =>
      this.#closed.resolve(
        foreignText(
          this.#failure ||
            `it closed the connection (${code}${reason && ` ${reason}`})`,
        ),
      );
  }

  /**
   * Connects.
   *
   * @throws {FoxgloveConnectionError} where there is no such server, or none
   * that speaks the protocol.
   * @throws the signal's reason when it is aborted.
   */
  static async open(
    options: FoxgloveConnectionOptions,
    signal: AbortSignal,
  ): Promise<FoxgloveConnection> {
    signal.throwIfAborted();
    const { url, timeoutMs = TIMEOUT_MS, caCerts } = options;
    using client = caCerts && Deno.createHttpClient({ caCerts, http2: false });
    const socket = new DenoWebSocket(url, {
      protocols: [...FOXGLOVE_SUBPROTOCOLS],
      client,
    });
    const opened = new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true);
      socket.addEventListener("close", () => resolve(false));
    });
    const connection = new FoxgloveConnection(socket, options);
    try {
      if (!await settlesWithin(timeoutMs, opened, signal)) {
        throw new FoxgloveConnectionError(
          `${shownUrl(url)} did not answer within ${timeoutMs / 1000} s`,
        );
      }
      if (!await opened) {
        const why = await connection.closed;
        throw new FoxgloveConnectionError(
          `${shownUrl(url)} can't be reached: ${why}${adviceOn(why)}`,
        );
      }
      if (isSubprotocol(socket.protocol)) return connection;
      throw new FoxgloveConnectionError(
        `${
          shownUrl(url)
        } is a WebSocket, but none of foxglove_bridge or another ` +
          `Foxglove server (rosbridge is none)`,
      );
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  }

  /** The channels that there are now. */
  get channels(): Iterable<Channel> {
    return this.#channels.values();
  }

  /** Asks for a channel's messages; what it returns, for them no more. */
  subscribe(channel: Channel): () => void {
    const id = this.#nextSubscription++;
    this.#subscribed.set(id, channel);
    this.#send(subscribeText([{ id, channelId: channel.id }]));
    return () => {
      if (this.#subscribed.delete(id)) this.#send(unsubscribeText([id]));
    };
  }

  [Symbol.dispose](): void {
    this.#socket.onmessage = null;
    this.#subscribed.clear();
    this.#closed.resolve("it was hung up");
    // A socket that is connecting is torn down, which it reports as an error.
    this.#socket.close();
  }

  #send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  #receive(data: string | ArrayBuffer): void {
    this.heardAt = performance.now();
    const { maxMessageBytes = MAX_MESSAGE_BYTES, events } = this.#options;
    const size = typeof data === "string" ? data.length : data.byteLength;
    if (size > maxMessageBytes) {
      return events.onUnusable(
        `a message has ${size} bytes, and at most ${maxMessageBytes} are taken`,
      );
    }
    try {
      if (typeof data === "string") this.#receiveText(data);
      else this.#receiveBinary(new Uint8Array(data));
    } catch (error) {
      if (!(error instanceof FoxgloveProtocolError)) throw error;
      events.onUnusable(error.message);
    }
  }

  #receiveText(text: string): void {
    const message = parseServerText(text);
    const { events } = this.#options;
    switch (message?.op) {
      case "serverInfo":
        this.server = message.name;
        return events.onChannels();
      case "advertise":
        for (const channel of message.channels) this.#add(channel);
        return events.onChannels();
      case "unadvertise":
        for (const id of message.ids) this.#channels.delete(id);
        return events.onChannels();
      case "status":
        events.onStatus(message.level, message.message);
    }
  }

  #add(channel: Channel): void {
    const { maxChannels = MAX_CHANNELS, events } = this.#options;
    if (this.#channels.size >= maxChannels && !this.#channels.has(channel.id)) {
      return events.onUnusable(
        `it has more than ${maxChannels} channels`,
      );
    }
    this.#channels.set(channel.id, channel);
  }

  #receiveBinary(bytes: Uint8Array): void {
    const message = readMessageData(bytes);
    if (message === undefined) return;
    // One that was unsubscribed from may have messages under way.
    const channel = this.#subscribed.get(message.subscription);
    if (channel) this.#options.events.onMessage(channel, message);
  }
}

function adviceOn(why: string): string {
  return /invalid peer certificate/.test(why)
    ? "; give its authority's certificate with --ca"
    : "";
}

function isSubprotocol(text: string): boolean {
  return (FOXGLOVE_SUBPROTOCOLS as readonly string[]).includes(text);
}
