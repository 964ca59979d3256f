/**
 * Messages between two nodes without NATS: a WebSocket from one to the other,
 * as nodes that reach each other could have. The bench alone uses it.
 */
import type { Bus, Respond } from "../../../lib/cluster/bus.ts";

/** What NATS takes unless it is told otherwise: the same row of messages. */
const MAX_PAYLOAD = 1024 * 1024;

type Take = (bytes: Uint8Array, respond: Respond) => void;

export class WebSocketBus implements Bus {
  readonly maxPayload = MAX_PAYLOAD;
  readonly #socket: WebSocket;
  readonly #takers = new Map<string, Take>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#take(new Uint8Array(data));
  }

  /** Takes the first that comes; `onListen` is called with where. */
  static async listen(onListen: (url: string) => void): Promise<WebSocketBus> {
    const opened = Promise.withResolvers<WebSocketBus>();
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: ({ port }) => onListen(`ws://127.0.0.1:${port}`),
    }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      const bus = new WebSocketBus(socket);
      socket.onopen = () => opened.resolve(bus);
      return response;
    });
    server.unref();
    return await opened.promise;
  }

  static async connect(url: string): Promise<WebSocketBus> {
    const socket = new WebSocket(url);
    const bus = new WebSocketBus(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return bus;
  }

  get isConnected(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  publish(subject: string, bytes: Uint8Array): void {
    const name = new TextEncoder().encode(subject);
    const message = new Uint8Array(1 + name.length + bytes.length);
    message[0] = name.length;
    message.set(name, 1);
    message.set(bytes, 1 + name.length);
    if (this.isConnected) this.#socket.send(message);
  }

  subscribe(subject: string, take: Take): Disposable {
    this.#takers.set(subject, take);
    return { [Symbol.dispose]: () => void this.#takers.delete(subject) };
  }

  request(): Promise<Uint8Array> {
    throw new Error("Feeds ask nothing over it");
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    return Promise.resolve();
  }

  #take(message: Uint8Array): void {
    const end = 1 + message[0];
    const subject = new TextDecoder().decode(message.subarray(1, end));
    this.#takers.get(subject)?.(message.subarray(end), () => {});
  }
}
