import type { Buffer } from "node:buffer";
import { demandShape, oddsOf, type Shape } from "./shape.ts";

/** An IP address, and a UDP port. */
export type Address = readonly [host: string, port: number];

/** A STUN message that is sent. */
interface RawMessage {
  readonly messageClass: number;
  /** Names of the attributes. */
  readonly attributesKeys: readonly string[];
  /** As it is sent. */
  readonly bytes: Uint8Array;
}

/** What sends and receives on one UDP socket, or through a TURN server. */
export interface RawProtocol {
  readonly type: string;
  transport?: unknown;
  readonly onRequestReceived: {
    execute(message: unknown, from: Address, data: Uint8Array): void;
  };
  /** Sends a request until it is answered. */
  request(
    message: RawMessage,
    to: Address,
    ...options: unknown[]
  ): Promise<[response: unknown, from: Address]>;
  sendStun(message: RawMessage, to: Address): Promise<void>;
  connectionMade(
    useIpv4: boolean,
    portRange?: [number, number],
    interfaceAddresses?: unknown,
  ): Promise<void>;
  datagramReceived(data: Buffer, from: [host: string, port: number]): void;
  close(): Promise<void>;
}

const PROTOCOL: Shape = {
  type: "string",
  "onRequestReceived.execute": "function",
  request: "function",
  sendStun: "function",
};

const SOCKET: Shape = {
  transport: "undefined",
  connectionMade: "function",
  datagramReceived: "function",
};

/** Decides of the connectivity checks to a peer, with their repetitions. */
export interface CheckRules {
  /** Whether another check may be begun. */
  mayBegin(): boolean;
  /** Whether one may be sent, each time. */
  isSent(to: Address, bytes: number): boolean;
  /** Called when one is answered; `isRefused` by an error. */
  onAnswered(from: Address, isRefused: boolean): void;
}

/** Why a request failed: with the answer, where one said so. */
interface RequestError {
  readonly response?: unknown;
  readonly addr?: Address;
}

/** The class of requests (RFC 8489 section 5). */
const REQUEST_CLASS = 0;

/** Whether a message is a check, and no question to a STUN server. */
function isCheck({ messageClass, attributesKeys }: RawMessage): boolean {
  return messageClass === REQUEST_CLASS && attributesKeys.includes("USERNAME");
}

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

  /**
   * Has it pass over each request of which `isHeeded` is false. Of several
   * filters the last is asked first.
   */
  filterRequests(
    isHeeded: (message: Uint8Array, from: Address) => boolean,
  ): void {
    const { onRequestReceived } = this.#raw;
    const { execute } = onRequestReceived;
    onRequestReceived.execute = (message, from, data) => {
      if (!isHeeded(data, from)) return;
      execute.call(onRequestReceived, message, from, data);
    };
  }

  /** Has `rules` decide of the connectivity checks that it would send. */
  ruleChecks(rules: CheckRules): void {
    const raw = this.#raw;
    const { request, sendStun } = raw;
    raw.sendStun = (message, to) => {
      const isSent = !isCheck(message) ||
        rules.isSent(to, message.bytes.length);
      return isSent ? sendStun.call(raw, message, to) : Promise.resolve();
    };
    raw.request = async (message, to, ...options) => {
      if (!isCheck(message)) {
        return await request.call(raw, message, to, ...options);
      }
      if (!rules.mayBegin()) throw new Error("No more checks are made");
      try {
        const answer = await request.call(raw, message, to, ...options);
        rules.onAnswered(answer[1], false);
        return answer;
      } catch (error) {
        const { response, addr } = error as RequestError;
        if (response !== undefined) rules.onAnswered(addr ?? to, true);
        throw error;
      }
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
