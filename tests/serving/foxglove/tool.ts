/** A tool of the Foxglove protocol, on Foxglove's own client. */
import { parse } from "@foxglove/rosmsg";
import { MessageReader } from "@foxglove/rosmsg2-serialization";
import protocol, { type Channel } from "@foxglove/ws-protocol";
import { until } from "../../support.ts";

const { FoxgloveClient } = protocol;

/** A message of a channel, as its schema has it. */
export interface ToolMessage {
  topic: string;
  /** When the server had it, nanoseconds. */
  timestamp: bigint;
  /** Its bytes. */
  data: ArrayBufferView;
  /** What is in it. */
  // deno-lint-ignore no-explicit-any -- it is of any schema
  value: any;
}

/** Where and as whom a tool connects. */
export interface ToolOptions {
  /** The server's, `http:`. */
  url: string;
  token?: string;
  protocol?: string;
}

/** A tool that is connected. */
export class Tool implements Disposable {
  readonly channels = new Map<string, Channel>();
  readonly messages: ToolMessage[] = [];
  readonly statuses: { level: number; message: string }[] = [];
  closed: { code: number; reason: string } | undefined;
  name: string | undefined;
  /** As the server counts them; each is one line a second of JSON at least. */
  advertisements = 0;
  readonly socket: WebSocket;
  readonly #client: InstanceType<typeof FoxgloveClient>;
  readonly #subscriptions = new Map<number, string>();
  readonly #readers = new Map<string, (data: ArrayBufferView) => unknown>();

  constructor({ url, token, protocol }: ToolOptions) {
    const target = new URL("/foxglove", url.replace(/^http/, "ws"));
    if (token !== undefined) target.searchParams.set("token", token);
    this.socket = new WebSocket(
      target,
      protocol ?? FoxgloveClient.SUPPORTED_SUBPROTOCOL,
    );
    this.#client = new FoxgloveClient({ ws: this.socket as never });
    this.#client.on("serverInfo", ({ name }) => this.name = name);
    this.#client.on("status", (status) => this.statuses.push(status));
    this.#client.on("advertise", (channels) => {
      this.advertisements++;
      for (const channel of channels) this.#add(channel);
    });
    this.#client.on("unadvertise", (ids) => {
      for (const [topic, { id }] of this.channels) {
        if (ids.includes(id)) this.channels.delete(topic);
      }
    });
    this.#client.on("message", ({ subscriptionId, timestamp, data }) => {
      const topic = this.#subscriptions.get(subscriptionId);
      if (topic === undefined) return;
      const value = this.#readers.get(topic)!(data);
      this.messages.push({ topic, timestamp, data, value });
    });
    // Set after the client's own, which passes the event on without its code.
    this.socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
    });
  }

  /** The topics that there are now, in order. */
  get topics(): string[] {
    return [...this.channels.keys()].toSorted();
  }

  /** Waits for a topic, and subscribes to it. */
  async subscribe(topic: string): Promise<number> {
    await until(() => this.channels.has(topic), {
      what: () => `the topic ${topic}, beside ${this.topics}`,
    });
    const id = this.#client.subscribe(this.channels.get(topic)!.id);
    this.#subscriptions.set(id, topic);
    return id;
  }

  unsubscribe(id: number): void {
    this.#client.unsubscribe(id);
    this.#subscriptions.delete(id);
  }

  /** The messages of a topic so far. */
  of(topic: string): ToolMessage[] {
    return this.messages.filter((message) => message.topic === topic);
  }

  /** Waits until a topic has had so many messages. */
  async next(topic: string, count = 1): Promise<ToolMessage> {
    await until(() => this.of(topic).length >= count, {
      what: () => `message ${count} of ${topic}, not ${this.of(topic).length}`,
    });
    return this.of(topic)[count - 1];
  }

  /** Waits until the server has hung up. */
  async end(): Promise<{ code: number; reason: string }> {
    await until(() => this.closed !== undefined, { what: "the end" });
    return this.closed!;
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }

  #add(channel: Channel): void {
    this.channels.set(channel.topic, channel);
    this.#readers.set(channel.topic, readerOf(channel));
  }
}

/** Reads by what the channel says of itself, as tools do. */
function readerOf(
  { encoding, schema, schemaEncoding }: Channel,
): (data: ArrayBufferView) => unknown {
  if (encoding === "json") {
    JSON.parse(schema);
    return (data) => JSON.parse(new TextDecoder().decode(data));
  }
  if (encoding !== "cdr" || schemaEncoding !== "ros2msg") {
    throw new Error(`No tool reads ${encoding} by ${schemaEncoding}`);
  }
  const reader = new MessageReader(parse(schema, { ros2: true }));
  return (data) => reader.readMessage(data);
}
