import type { Buffer } from "node:buffer";
import { settlesWithin } from "../../async.ts";
import type { Subscribable, Subscription } from "./event.ts";
import { type Address, IceProtocol, type RawProtocol } from "./ice_protocol.ts";
import { demandShape, oddsOf, type Shape } from "./shape.ts";

/** werift's ICE agent of one transport, as the pinned version has it. */
interface RawIce {
  readonly onData: Subscribable<[datagram: Buffer]>;
  ensureProtocol(protocol: RawProtocol): void;
  readonly localUsername: string;
  readonly localPassword: string;
  /** The password of each user name fragment that it has had. */
  readonly userHistory: Readonly<Record<string, string>>;
  stunServer: unknown;
  readonly checkList: RawPair[];
  readonly checkListDone: boolean;
  addPair(pair: RawPair): void;
  /** Begins the next check, and tells whether it is to be called again. */
  schedulingChecks(): boolean;

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
  readonly state: number;
  readonly localCandidate: { readonly priority: number };
  readonly remoteCandidate: {
    readonly priority: number;
    readonly type: string;
  };
  /** Ids of all checks that came. */
  readonly requestTransactionIds: Set<string>;
  readonly protocol: { readonly transport?: unknown };
  readonly remoteAddr: Address;
  /** Round-trip time of the last connectivity check, seconds. */
  readonly rtt?: number;
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
}

/**
 * What a connection isn't safe without: who may check, who is asked, and how
 * much.
 */
const AGENT: Shape = {
  "onData.subscribe": "function",
  ensureProtocol: "function",
  localUsername: "string",
  localPassword: "string",
  userHistory: "object",
  stunServer: "object",
  checkList: "object",
  checkListDone: "boolean",
  addPair: "function",
  schedulingChecks: "function",
  earlyChecks: "object",
};

/** What the data path stands on besides. */
const DATA_PATH: Shape = {
  state: "string",
  nominated: "undefined",
  remoteCandidates: "object",
  getCandidatePromises: "function",
  canSendApplicationData: "function",
  send: "function",
};

/** The last state of a pair that is still to be checked (waiting). */
const WAITING = 1;

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

  /**
   * Has it check no more pairs than `most`: those of the highest priority (RFC
   * 8445 section 6.1.2.5), and those that the peer's own checks made.
   */
  limitPairs(most: number): void {
    const raw = this.#raw;
    const { addPair } = raw;
    raw.addPair = (pair) => {
      addPair.call(raw, pair);
      const { checkList } = raw;
      if (checkList.length <= most) return;
      const idle = checkList.filter(({ state, remoteCandidate }) =>
        state <= WAITING && remoteCandidate.type !== "prflx"
      );
      if (idle.length === 0) return;
      const lowest = idle.reduce((low, each) =>
        isBelow(each, low) ? each : low
      );
      checkList.splice(checkList.indexOf(lowest), 1);
    };
  }

  /** Has it begin a check only when `mayBegin`, which it asks every 20 ms. */
  paceChecks(mayBegin: () => boolean): void {
    const raw = this.#raw;
    const { schedulingChecks } = raw;
    raw.schedulingChecks = () => {
      const isWaiting = !raw.checkListDone &&
        raw.checkList.some(({ state }) => state <= WAITING);
      return isWaiting && !mayBegin() || schedulingChecks.call(raw);
    };
  }

  /** Checks of the peer that wait until it begins itself. */
  get waitingChecks(): number {
    return this.#raw.earlyChecks.length;
  }

  /** Forgets the checks that came, of which werift keeps every id. */
  forgetChecks(): void {
    for (const pair of this.#raw.checkList) pair.requestTransactionIds.clear();
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

/** Whether a pair is of a lower priority (RFC 8445 section 6.1.2.3). */
function isBelow(pair: RawPair, other: RawPair): boolean {
  const [low, high] = prioritiesOf(pair);
  const [otherLow, otherHigh] = prioritiesOf(other);
  return low < otherLow || low === otherLow && high < otherHigh;
}

function prioritiesOf(
  { localCandidate, remoteCandidate }: RawPair,
): [low: number, high: number] {
  const all = [localCandidate.priority, remoteCandidate.priority];
  return [Math.min(...all), Math.max(...all)];
}
