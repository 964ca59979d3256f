import { STATUS_CODE } from "@std/http/status";
import { HttpProblem } from "./problem.ts";

/** A client that doesn't answer a ping for so long is gone, seconds. */
const IDLE_S = 30;

/** @throws {HttpProblem} 400 where the handshake is none. */
export function upgradeToWebSocket(
  request: Request,
  protocol?: string,
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
