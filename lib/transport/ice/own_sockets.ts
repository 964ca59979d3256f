import type { IceAgent } from "../werift/ice.ts";
import { UdpSocket } from "./udp_socket.ts";

/**
 * Has an ICE agent use sockets of ours for its UDP candidates.
 *
 * @param intercept called for each datagram first, in a buffer that is
 * overwritten afterwards; returns whether it took it.
 * @param onError called with why a socket can't be made. The agent goes on with
 * those that it has.
 */
export function useOwnSockets(
  ice: IceAgent,
  intercept: (data: Uint8Array) => boolean,
  onError: (error: unknown) => void,
): void {
  ice.onProtocol((protocol) => {
    if (!protocol.takesSocket) return;
    protocol.useSocket((family, portRange) => {
      const socket = bind(family, portRange, onError);
      socket.onData = (data, from) => {
        // Strangers could disturb a handshake.
        if (isStun(data) || ice.isPeer(...from)) protocol.receive(data, from);
      };
      socket.intercept = intercept;
      return socket;
    });
  });
}

function bind(
  family: 4 | 6,
  portRange: [number, number] | undefined,
  onError: (error: unknown) => void,
): UdpSocket {
  try {
    return UdpSocket.bind(family, portRange);
  } catch (error) {
    // The agent keeps it to itself.
    onError(error);
    throw error;
  }
}

/** RFC 7983 section 7. */
function isStun([first]: Uint8Array): boolean {
  return first < 4;
}
