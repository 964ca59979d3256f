import { STATUS_CODE } from "@std/http/status";
import { HttpProblem } from "./problem.ts";

/** A client that doesn't answer a ping for so long is gone, seconds. */
const IDLE_S = 30;
/** Time for a WebSocket to open, milliseconds. */
const OPEN_MS = 10_000;

/** What is done with a WebSocket: one of both is called, once. */
export interface WebSocketEvents {
  /** Called where it opens. */
  onOpen(socket: WebSocket): void;
  /** Called where it doesn't. */
  onLost(): void;
}

/**
 * Makes a WebSocket of a request.
 *
 * @returns the answer to it.
 * @throws {HttpProblem} 400 where the handshake is none; nothing is called.
 */
export function upgradeToWebSocket(
  request: Request,
  { onOpen, onLost }: WebSocketEvents,
  protocol?: string,
): Response {
  const { socket, response } = upgrade(request, protocol);
  const lose = () => {
    clearTimeout(timer);
    socket.onopen = () => socket.close();
    socket.onclose = null;
    onLost();
  };
  // Of a client that has gone before the answer, Deno 2.9 tells nothing.
  const timer = setTimeout(lose, OPEN_MS);
  socket.onclose = lose;
  socket.onopen = () => {
    clearTimeout(timer);
    socket.onclose = null;
    onOpen(socket);
  };
  return response;
}

function upgrade(
  request: Request,
  protocol: string | undefined,
): Deno.WebSocketUpgrade {
  try {
    return Deno.upgradeWebSocket(request, { protocol, idleTimeout: IDLE_S });
  } catch (cause) {
    throw new HttpProblem(
      STATUS_CODE.BadRequest,
      "The WebSocket's handshake lacks something (RFC 6455 section 4.1)",
      { cause },
    );
  }
}
