import type { RTCPeerConnection } from "werift";
import { DataPath, type PathLimits } from "./sctp/data_path.ts";
import {
  guardHandshake,
  type WeriftNewDtlsTransport,
} from "./dtls/handshake.ts";
import {
  keepEstablished,
  speedUpSetup,
  type WeriftSetup,
} from "./sctp/setup.ts";
import { isAuthenticRequest } from "./ice/stun_integrity.ts";
import { HAS_DATAGRAM_SOCKETS, UdpSocket } from "./ice/udp_socket.ts";
import {
  oddsOfAssociation,
  type WeriftAssociation,
  type WeriftDtlsTransport,
  type WeriftIce,
} from "./werift/shapes.ts";

export interface InstallOptions extends PathLimits {
  /** Is told of what the peer sent and nobody can read. */
  onError(error: unknown): void;
  /** Is told why werift's own data path stays, where it does. */
  onStock(why: string): void;
}

interface PeerInternals {
  secureManager: {
    createTransport(...args: unknown[]): WeriftNewDtlsTransport;
  };
  sctpManager: {
    createSctpTransport(...args: unknown[]): SctpTransport;
  };
}

interface SctpTransport {
  sctp: WeriftAssociation & WeriftSetup;
  setDtlsTransport(dtls: WeriftDtlsTransport): void;
}

/** werift's number for the state of an association that has ended. */
const SCTP_CLOSED = 1;

/** What a peer connection has of ours. */
interface Installed {
  path?: DataPath;
  /** Why its DTLS handshake was refused. */
  refusal?: Error;
}

const installed = new WeakMap<RTCPeerConnection, Installed>();

/**
 * Puts our data path on a peer connection: sockets, DTLS records, DATA and SACK.
 * Call before the first description, track or data channel is made.
 */
export function installDataPath(
  peer: RTCPeerConnection,
  options: InstallOptions,
): void {
  const { secureManager, sctpManager } = peer as unknown as PeerInternals;
  const slot: Installed = {};
  installed.set(peer, slot);
  const paths = new Map<WeriftIce, DataPath>();

  const createTransport = secureManager.createTransport;
  secureManager.createTransport = (...args) => {
    const transport = createTransport.apply(secureManager, args);
    const { connection } = transport.iceTransport;
    checkIntegrity(connection);
    guardHandshake(transport, (error) => slot.refusal ??= error);
    if (HAS_DATAGRAM_SOCKETS) {
      useOwnSockets(
        connection,
        (data) => paths.get(connection)?.intercept(data) ?? false,
      );
    }
    return transport;
  };

  const createSctpTransport = sctpManager.createSctpTransport;
  sctpManager.createSctpTransport = (...args) => {
    const transport = createSctpTransport.apply(sctpManager, args);
    const { setDtlsTransport } = transport;
    // The association is made here, anew for each DTLS transport.
    transport.setDtlsTransport = (dtls) => {
      const before = transport.sctp;
      setDtlsTransport.call(transport, dtls);
      const { sctp } = transport;
      if (sctp === before) return;
      const odds = oddsOfAssociation(sctp);
      if (odds.length > 0) {
        options.onStock(`werift's association is not as known: ${odds[0]}`);
        return;
      }
      keepEstablished(sctp);
      speedUpSetup(
        sctp,
        dtls.iceTransport.connection,
        () => sctp.setState(SCTP_CLOSED),
      );
      slot.path = new DataPath(sctp, dtls, options, options.onError);
      paths.set(dtls.iceTransport.connection, slot.path);
    };
    return transport;
  };
}

/** The data path of a peer connection, where it has one of ours. */
export function dataPathOf(peer: RTCPeerConnection): DataPath | undefined {
  return installed.get(peer)?.path;
}

/** Why the DTLS handshake of a peer connection was refused, where it was. */
export function handshakeRefusal(peer: RTCPeerConnection): Error | undefined {
  return installed.get(peer)?.refusal;
}

/** Bytes that were sent on data channels and that the peer may not have. */
export function undeliveredBytes(peer: RTCPeerConnection): number {
  const path = dataPathOf(peer);
  if (path !== undefined) return path.undeliveredBytes;
  const sctp = peer.sctpTransport?.sctp as unknown as StockQueues | undefined;
  if (sctp === undefined) return 0;
  const chunks = [...sctp.outboundQueue, ...sctp.sentQueue];
  return chunks.reduce((bytes, chunk) => bytes + chunk.bookSize, 0);
}

/** What werift's own data path has to deliver. */
interface StockQueues {
  outboundQueue: { bookSize: number }[];
  sentQueue: { bookSize: number }[];
}

/**
 * Has an ICE agent pass over connectivity checks of those who don't have its
 * password. werift answers anybody, and sends checks of its own wherever they seem
 * to come from.
 */
function checkIntegrity(connection: WeriftIce): void {
  const { ensureProtocol } = connection;
  connection.ensureProtocol = (protocol) => {
    const { onRequestReceived } = protocol;
    const { execute } = onRequestReceived;
    onRequestReceived.execute = (message, from, data) => {
      const { localUsername, localPassword, userHistory } = connection;
      const passwordOf = (fragment: string) => {
        if (fragment === localUsername) return localPassword;
        return Object.hasOwn(userHistory, fragment)
          ? userHistory[fragment]
          : undefined;
      };
      if (!isAuthenticRequest(data, passwordOf)) return;
      execute.call(onRequestReceived, message, from, data);
    };
    ensureProtocol.call(connection, protocol);
  };
}

/** Has an ICE agent bind sockets of ours for its UDP candidates. */
function useOwnSockets(
  connection: WeriftIce,
  intercept: (data: Uint8Array) => boolean,
): void {
  const { ensureProtocol } = connection;
  connection.ensureProtocol = (protocol) => {
    if (protocol.type === "stun") {
      protocol.connectionMade = (useIpv4, portRange) => {
        const socket = UdpSocket.bind(useIpv4 ? 4 : 6, portRange);
        socket.onData = (data, from) => {
          if (!isStun(data) && !isPeer(connection, from)) return;
          protocol.datagramReceived(data, from);
        };
        socket.intercept = intercept;
        protocol.transport = socket;
        return Promise.resolve();
      };
    }
    ensureProtocol.call(connection, protocol);
  };
}

/** RFC 7983 section 7. */
function isStun([first]: Uint8Array): boolean {
  return first < 4;
}

/**
 * Whether an address is the peer's: of its candidates, or one that a connectivity
 * check with our password came from. Strangers could disturb a handshake.
 */
function isPeer(
  { nominated, remoteCandidates, earlyChecks }: WeriftIce,
  [host, port]: readonly [host: string, port: number],
): boolean {
  const [peerHost, peerPort] = nominated?.remoteAddr ?? [];
  if (port === peerPort && host === peerHost) return true;
  return remoteCandidates.some((c) => c.host === host && c.port === port) ||
    earlyChecks.some(([, from]) => from[0] === host && from[1] === port);
}
