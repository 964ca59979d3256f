import type { IceAgent } from "../werift/ice.ts";
import { UdpSocket } from "./udp_socket.ts";

/**
 * Has an ICE agent use sockets of ours for its UDP candidates.
 *
 * @param intercept called for each datagram first, in a buffer that is
 * overwritten afterwards; returns whether it took it.
 */
export function useOwnSockets(
  ice: IceAgent,
  intercept: (data: Uint8Array) => boolean,
): void {
  ice.onProtocol((protocol) => {
    if (!protocol.takesSocket) return;
    protocol.useSocket((family, portRange) => {
      const socket = UdpSocket.bind(family, portRange);
      socket.onData = (data, from) => {
        // Strangers could disturb a handshake.
        if (isStun(data) || ice.isPeer(...from)) protocol.receive(data, from);
      };
      socket.intercept = intercept;
      return socket;
    });
  });
}

/** RFC 7983 section 7. */
function isStun([first]: Uint8Array): boolean {
  return first < 4;
}
