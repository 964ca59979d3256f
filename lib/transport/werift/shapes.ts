/**
 * The parts of werift 0.25.2 that lie behind its public types and that the data
 * path stands on, as narrow interfaces, and whether an object has them.
 */
import type { Buffer } from "node:buffer";

/** werift's SCTP association (RFC 9260). */
export interface WeriftAssociation {
  readonly associationState: number;
  readonly isStopped: boolean;
  readonly localPort: number;
  readonly remotePort: number | undefined;
  readonly localVerificationTag: number;
  readonly remoteVerificationTag: number;
  /** The TSN of the next DATA chunk. */
  localTsn: number;
  /** Before the first DATA chunk came, the peer's initial TSN less one. */
  readonly lastReceivedTsn: number | undefined;
  /** The receiver window that INIT and INIT ACK advertise, bytes. */
  advertisedRwnd: number;
  readonly peerAdvertisedRwnd: number;
  /** The next stream sequence number of each stream. */
  readonly outboundStreamSeq: Record<number, number>;
  /** Streams to ask a reset of, and what is asked and not yet answered. */
  reconfigQueue: number[];
  readonly reconfigRequest: ReconfigParam | undefined;
  /** Retransmission timeout of what isn't DATA, seconds. */
  rto: number;
  /** Largest SCTP packet, bytes. */
  mtu: number;
  /** Bytes of user data in one DATA chunk. */
  maxPayloadSize: number;
  readonly transport: { send(packet: Uint8Array): Promise<void> };
  readonly stateChanged: { closed: WeriftEvent<[]> };
  handleData(packet: Buffer): Promise<void>;
  receive(streamId: number, protocol: number, data: Buffer): void;
  send(
    streamId: number,
    protocol: number,
    data: Uint8Array,
    options?: { ordered?: boolean },
  ): Promise<void>;
  transmit(): Promise<void>;
  transmitReconfigRequest(): Promise<void>;
  receiveReconfigParam(param: ReconfigParam): Promise<void>;
  abort(): Promise<void>;
  setState(state: number): void;
}

/** A re-configuration parameter (RFC 6525); a reset request has streams. */
export interface ReconfigParam {
  requestSequence?: number;
  lastTsn?: number;
  streams?: number[];
}

export interface WeriftEvent<A extends unknown[]> {
  subscribe(listener: (...args: A) => void): { unSubscribe(): void };
}

/** werift's RTCDtlsTransport. */
export interface WeriftDtlsTransport {
  readonly iceTransport: { readonly connection: WeriftIce };
  readonly dtls?: WeriftDtls;
  readonly onStateChange: WeriftEvent<[state: string]>;
}

/** The DTLS 1.2 connection below it (RFC 6347). */
export interface WeriftDtls {
  readonly connected: boolean;
  /** 1 for the client, 2 for the server. */
  readonly sessionType: number;
  readonly dtls: { recordSequenceNumber: number; readonly epoch: number };
  readonly cipher: {
    readonly cipher?: {
      readonly blockAlgorithm: string;
      readonly clientWriteKey: Buffer;
      readonly serverWriteKey: Buffer;
      /** The implicit part of the nonce, and what follows it of the last one. */
      readonly clientNonce: Buffer;
      readonly serverNonce: Buffer;
    };
  };
}

/** werift's ICE agent of one transport. */
export interface WeriftIce {
  readonly nominated?: WeriftPair;
  canSendApplicationData(): boolean;
  send(data: Uint8Array): Promise<void>;
  ensureProtocol(protocol: WeriftStunProtocol): void;
  options: { portRange?: [number, number] };
  readonly remoteCandidates: readonly { host: string; port: number }[];
  /** Connectivity checks that came before ours began. */
  readonly earlyChecks: readonly [
    message: unknown,
    from: readonly [host: string, port: number],
    ...unknown[],
  ][];
  readonly localUsername: string;
  readonly localPassword: string;
  /** The password of each user name fragment that it has had. */
  readonly userHistory: Readonly<Record<string, string>>;
}

/** A candidate pair, with its statistics. */
export interface WeriftPair {
  readonly protocol: { readonly transport?: unknown };
  readonly remoteAddr: readonly [host: string, port: number];
  /** Round-trip time of the last connectivity check, seconds. */
  rtt?: number;
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
}

/** What sends and receives on one UDP socket, or through a TURN server. */
export interface WeriftStunProtocol {
  readonly type: string;
  transport?: unknown;
  /** A request came; `data` is the message. */
  readonly onRequestReceived: {
    execute(message: unknown, from: unknown, data: Uint8Array): void;
  };
  connectionMade(
    useIpv4: boolean,
    portRange?: [number, number],
    interfaceAddresses?: unknown,
  ): Promise<void>;
  datagramReceived(data: Buffer, from: [host: string, port: number]): void;
}

const ASSOCIATION: Record<keyof WeriftAssociation, string> = {
  associationState: "number",
  isStopped: "boolean",
  localPort: "number",
  remotePort: "undefined",
  localVerificationTag: "number",
  remoteVerificationTag: "number",
  localTsn: "number",
  lastReceivedTsn: "undefined",
  advertisedRwnd: "number",
  peerAdvertisedRwnd: "number",
  outboundStreamSeq: "object",
  reconfigQueue: "object",
  reconfigRequest: "undefined",
  rto: "number",
  mtu: "number",
  maxPayloadSize: "number",
  transport: "object",
  stateChanged: "object",
  handleData: "function",
  receive: "function",
  send: "function",
  transmit: "function",
  transmitReconfigRequest: "function",
  receiveReconfigParam: "function",
  abort: "function",
  setState: "function",
};

/**
 * Names what a new association lacks or has otherwise than the pinned werift's
 * has; nothing where it is as expected.
 */
export function oddsOfAssociation(association: object): string[] {
  const record = association as Record<string, unknown>;
  return Object.entries(ASSOCIATION)
    .map(([name, type]) => ({ name, type, is: typeof record[name] as string }))
    .filter(({ type, is }) => is !== type)
    .map(({ name, type, is }) => `${name} is ${is} and not ${type}`);
}
