/** What a feed's messages go over, from one node to another. */
import type { Bus } from "./bus.ts";

/** One end of a path; messages come to the function that it was made with. */
export interface FeedPath extends Disposable {
  /** Most bytes of a message. */
  readonly maxPayload: number;
  /** Sends a message; it is lost where the path is. */
  send(bytes: Uint8Array): void;
  /** Called where nothing comes over it: the next path is another, if any. */
  distrust?(): void;
}

/** What happens at one end of a path. */
export interface FeedPathEvents {
  onMessage(bytes: Uint8Array): void;
  /** Called where nothing comes any more, as far as that is noticed. */
  onClosed(): void;
}

/** Makes one end of a path over the bus, of which each way is a subject. */
export function busPath(
  bus: Bus,
  { sends, takes }: { sends: string; takes: string },
  { onMessage }: FeedPathEvents,
): FeedPath {
  const subscription = bus.subscribe(takes, onMessage);
  return {
    get maxPayload() {
      return bus.maxPayload;
    },
    send: (bytes) => bus.publish(sends, bytes),
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  };
}

/** As large as NATS' are: others have their turn between two. */
const SOCKET_PAYLOAD = 1024 * 1024;

/** Makes one end of a path over a WebSocket that is open. */
export function socketPath(
  socket: WebSocket,
  { onMessage, onClosed }: FeedPathEvents,
): FeedPath {
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) onMessage(new Uint8Array(data));
  };
  socket.onclose = onClosed;
  return {
    maxPayload: SOCKET_PAYLOAD,
    send(bytes) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(bytes as Uint8Array<ArrayBuffer>);
    },
    [Symbol.dispose]() {
      socket.onclose = null;
      socket.onmessage = null;
      socket.close();
    },
  };
}
