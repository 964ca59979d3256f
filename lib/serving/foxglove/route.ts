import { STATUS_CODE } from "@std/http/status";
import type { Lineages } from "../lineages.ts";
import { HttpProblem } from "../problem.ts";
import type { RequestGate } from "../request_gate.ts";
import type { Route } from "../route.ts";
import { upgradeToWebSocket } from "../web_socket.ts";
import type { FoxgloveDoor } from "./door.ts";
import { chooseSubprotocol } from "./protocol.ts";

/**
 * `GET /foxglove`: a WebSocket of the Foxglove protocol, with what the caller
 * may watch. As tools can't set header fields, the token may stand in the URL,
 * `?token=`.
 */
export function foxgloveRoute(
  { door, lineages, gate }: {
    door: FoxgloveDoor;
    lineages: Lineages;
    /** Holds all, and each address, to so many clients. */
    gate: RequestGate;
  },
): Route {
  return {
    pathname: "/foxglove",
    rights: { GET: "watch" },
    takesTokenInUrl: true,
    methods: {
      GET: ({ request, access, remote }) => {
        const protocol = subprotocolOf(request);
        using place = new DisposableStack();
        place.use(gate.foxgloveClient(remote));
        const mayWatch = (session: string) =>
          lineages.covers(access, "watch", session);
        const leave = () => taken.dispose();
        const response = upgradeToWebSocket(request, {
          onOpen(socket) {
            socket.addEventListener("close", leave);
            door.accept({ socket, mayWatch });
          },
          onLost: leave,
        }, protocol);
        // A place is taken as long as the connection is, though nobody reads.
        const taken = place.move();
        return response;
      },
    },
  };
}

/** @throws {HttpProblem} 426 or 400 where it is no client of the protocol. */
function subprotocolOf({ headers }: Request): string {
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new HttpProblem(
      STATUS_CODE.UpgradeRequired,
      "This is a WebSocket for Foxglove, Lichtblick and others: open it there",
      { headers: { upgrade: "websocket", connection: "upgrade" } },
    );
  }
  const protocol = chooseSubprotocol(headers.get("sec-websocket-protocol"));
  if (protocol !== undefined) return protocol;
  throw new HttpProblem(
    STATUS_CODE.BadRequest,
    "The WebSocket offers no protocol that is spoken here: foxglove.sdk.v1, " +
      "foxglove.websocket.v1",
  );
}
