import type { Buffer } from "node:buffer";
import { settlesWithin } from "../../async.ts";
import { demandShape, oddsOf, type Shape } from "./shape.ts";
import type { Subscribable, Subscription } from "./event.ts";

type Address = readonly [host: string, port: number];

/** werift's ICE agent of one transport, as the pinned version has it. */
interface RawIce {
  readonly onData: Subscribable<[datagram: Buffer]>;
  ensureProtocol(protocol: RawProtocol): void;
  readonly localUsername: string;
  readonly localPassword: string;
  /** The password of each user name fragment that it has had. */
  readonly userHistory: Readonly<Record<string, string>>;
  stunServer: unknown;

  readonly state: string;
  readonly nominated?: RawPair;
  readonly remoteCandidates: readonly { host: string; port: number }[];
  /** Connectivity checks that came before ours began. */
  readonly earlyChecks: readonly (readonly [unknown, Address, ...unknown[]])[];
  getCandidatePromises(...args: unknown[]): Promise<unknown>[];
  canSendApplicationData(): boolean;
  send(data: Uint8Array): Promise<void>;
}

/** A candidate pair, with its statistics. */
interface RawPair {
  readonly protocol: { readonly transport?: unknown };
  readonly remoteAddr: Address;
  /** Round-trip time of the last connectivity check, seconds. */
  readonly rtt?: number;
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
}

/** What sends and receives on one UDP socket, or through a TURN server. */
interface RawProtocol {
  readonly type: string;
  transport?: unknown;
  readonly onRequestReceived: {
    execute(message: unknown, from: unknown, data: Uint8Array): void;
  };
  connectionMade(
    useIpv4: boolean,
    portRange?: [number, number],
    interfaceAddresses?: unknown,
  ): Promise<void>;
  datagramReceived(data: Buffer, from: [host: string, port: number]): void;
  close(): Promise<void>;
}

/** What a connection isn't safe without: who may check, and who is asked. */
const AGENT: Shape = {
  "onData.subscribe": "function",
  ensureProtocol: "function",
  localUsername: "string",
  localPassword: "string",
  userHistory: "object",
  stunServer: "object",
};

/** What the data path stands on besides. */
const DATA_PATH: Shape = {
  state: "string",
  nominated: "undefined",
  remoteCandidates: "object",
  earlyChecks: "object",
  getCandidatePromises: "function",
  canSendApplicationData: "function",
  send: "function",
};

const PROTOCOL: Shape = {
  type: "string",
  "onRequestReceived.execute": "function",
};

const SOCKET: Shape = {
  transport: "undefined",
  connectionMade: "function",
  datagramReceived: "function",
};

/** What a UDP socket of ours is to werift. */
export interface DatagramSocket {
  readonly closed: boolean;
  /** The address it is bound to, as node:dgram has it. */
  readonly address: { address: string; port: number; family: string };
  readonly addressFamily: 4 | 6;
  readonly send: (data: Uint8Array, to?: Address) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What an ICE agent sends and receives with on one address. */
export class IceProtocol {
  readonly #raw: RawProtocol;

  /** @throws {ConnectionError} where its requests can't be checked. */
  constructor(raw: object) {
    demandShape("STUN protocol", raw, PROTOCOL);
    this.#raw = raw as RawProtocol;
  }

  /** Whether it can use a socket of ours: not where it is a TURN server's. */
  get takesSocket(): boolean {
    return this.#raw.type === "stun" && oddsOf(this.#raw, SOCKET).length === 0;
  }

  /** Has it pass over each request of which `isHeeded` is false. */
  filterRequests(isHeeded: (message: Uint8Array) => boolean): void {
    const { onRequestReceived } = this.#raw;
    const { execute } = onRequestReceived;
    onRequestReceived.execute = (message, from, data) => {
      if (isHeeded(data)) execute.call(onRequestReceived, message, from, data);
    };
  }

  /**
   * Has it use a socket that `bind` makes, in place of werift's.
   *
   * @param bind gets the first and last port that are allowed, where the
   * connection has such.
   */
  useSocket(
    bind: (family: 4 | 6, portRange?: [number, number]) => DatagramSocket,
  ): void {
    const raw = this.#raw;
    raw.connectionMade = (useIpv4, portRange) => {
      raw.transport = bind(useIpv4 ? 4 : 6, portRange);
      return Promise.resolve();
    };
  }

  /** Hands it a datagram that came. */
  receive(data: Buffer, from: [host: string, port: number]): void {
    this.#raw.datagramReceived(data, from);
  }
}

/** werift's ICE agent of one transport (RFC 8445), before it gathers. */
export class IceAgent {
  readonly #raw: RawIce;
  readonly #listeners: ((protocol: IceProtocol) => void)[] = [];
  /**
   * What the data path stands on and isn't as known; with anything in it, only
   * `onProtocol`, `onDatagram`, `passwordOf` and `askNoStunServer` may be used.
   */
  readonly odds: readonly string[];

  /**
   * @param onOdd called where its requests can't be checked, later on.
   * @throws {ConnectionError} where they can't be now.
   */
  constructor(raw: object, onOdd: (error: unknown) => void) {
    demandShape("ICE agent", raw, AGENT);
    this.odds = oddsOf(raw, DATA_PATH);
    this.#raw = raw as RawIce;
    const { ensureProtocol } = this.#raw;
    this.#raw.ensureProtocol = (protocol) => {
      try {
        this.#announce(protocol);
      } catch (error) {
        onOdd(error);
        throw error;
      }
      ensureProtocol.call(raw, protocol);
    };
  }

  #announce(protocol: RawProtocol): void {
    const made = new IceProtocol(protocol);
    for (const listener of this.#listeners) listener(made);
  }

  /** Calls `listener` for each protocol, before anything is sent with it. */
  onProtocol(listener: (protocol: IceProtocol) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` for each datagram that isn't STUN. */
  onDatagram(listener: (datagram: Buffer) => void): Subscription {
    return this.#raw.onData.subscribe(listener);
  }

  /** The password of a user name fragment of ours, of now or before. */
  passwordOf(fragment: string): string | undefined {
    const { localUsername, localPassword, userHistory } = this.#raw;
    if (fragment === localUsername) return localPassword;
    return Object.hasOwn(userHistory, fragment)
      ? userHistory[fragment]
      : undefined;
  }

  /** Takes away the STUN server that werift chooses where it is given none. */
  askNoStunServer(): void {
    this.#raw.stunServer = undefined;
  }

  /** Has it wait no longer than `ms` for what STUN and TURN servers answer. */
  limitGathering(ms: number): void {
    if (this.odds.length > 0) return;
    const raw = this.#raw;
    const { ensureProtocol, getCandidatePromises } = raw;
    // The TURN server may answer when all is over.
    raw.ensureProtocol = (protocol) => {
      ensureProtocol.call(raw, protocol);
      if (raw.state === "closed") void protocol.close();
    };
    raw.getCandidatePromises = (...args) =>
      getCandidatePromises.apply(raw, args)
        .map((candidate) => settlesWithin(ms, candidate));
  }

  /** Has it send no application data from now on. */
  silence(): void {
    this.#raw.send = () => Promise.resolve();
  }

  /**
   * Whether an address is the peer's: of its candidates, or one that a check
   * with our password came from.
   */
  isPeer(host: string, port: number): boolean {
    const { nominated, remoteCandidates, earlyChecks } = this.#raw;
    const [peerHost, peerPort] = nominated?.remoteAddr ?? [];
    if (port === peerPort && host === peerHost) return true;
    return remoteCandidates.some((c) => c.host === host && c.port === port) ||
      earlyChecks.some(([, from]) => from[0] === host && from[1] === port);
  }

  /** Round-trip time of the last connectivity check on the nominated pair. */
  get roundTripMs(): number | undefined {
    const rtt = this.#raw.nominated?.rtt;
    return rtt ? rtt * 1000 : undefined;
  }

  /** The peer's address in the nominated pair. */
  get remoteAddress(): Address | undefined {
    return this.#raw.nominated?.remoteAddr;
  }

  /** The socket of the nominated pair: one of ours, or werift's. */
  get socket(): unknown {
    return this.#raw.nominated?.protocol.transport;
  }

  /** Whether the peer consents to be sent something (RFC 7675). */
  get hasConsent(): boolean {
    return this.#raw.canSendApplicationData();
  }

  /** Sends a datagram on the nominated pair. */
  send(datagram: Uint8Array): Promise<void> {
    return this.#raw.send(datagram);
  }

  /** Counts a datagram that was sent past werift on the nominated pair. */
  countSent(bytes: number): void {
    const pair = this.#raw.nominated;
    if (pair === undefined) return;
    pair.packetsSent++;
    pair.bytesSent += bytes;
  }

  /** Counts one that was received past werift. */
  countReceived(bytes: number): void {
    const pair = this.#raw.nominated;
    if (pair === undefined) return;
    pair.packetsReceived++;
    pair.bytesReceived += bytes;
  }
}
