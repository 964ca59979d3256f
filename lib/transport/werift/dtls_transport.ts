import { DtlsSocket } from "./dtls_socket.ts";
import type { Subscribable } from "./event.ts";
import { IceAgent } from "./ice.ts";
import { demandShape, type Shape } from "./shape.ts";
import { SrtpTransport } from "./srtp.ts";

/** werift's RTCDtlsTransport, as the pinned version has it. */
interface RawTransport {
  readonly state: string;
  readonly iceTransport: { readonly connection: object };
  /** What the peer's SDP says of its DTLS. */
  readonly remoteParameters?: { readonly fingerprints: Fingerprint[] };
  readonly onStateChange: Subscribable<[state: string]>;
  dtls?: object;
  stop(): Promise<void>;
}

const TRANSPORT: Shape = {
  state: "string",
  dtls: "undefined",
  remoteParameters: "undefined",
  "iceTransport.connection": "object",
  "onStateChange.subscribe": "function",
  stop: "function",
};

/** A certificate's fingerprint as SDP has it (RFC 8122 section 5). */
export interface Fingerprint {
  /** Hash function, such as `sha-256`. */
  algorithm: string;
  /** Bytes in hexadecimal, with colons between them. */
  value: string;
}

/** werift's DTLS transport and the ICE agent below it, before either starts. */
export class DtlsTransport {
  readonly ice: IceAgent;
  /** What RTP and RTCP go through. */
  readonly srtp: SrtpTransport;
  readonly #raw: RawTransport;
  readonly #socketListeners: ((socket: DtlsSocket) => void)[] = [];
  readonly #oddListeners: ((error: Error) => void)[] = [];
  #socket: DtlsSocket | undefined;

  /** @throws {ConnectionError} where it can't be made safe. */
  constructor(raw: object) {
    demandShape("DTLS transport", raw, TRANSPORT);
    this.#raw = raw as RawTransport;
    const { connection } = this.#raw.iceTransport;
    this.ice = new IceAgent(connection, (error) => this.#refuse(error));
    this.srtp = new SrtpTransport(raw, this.ice);
    let made: object | undefined;
    Object.defineProperty(raw, "dtls", {
      configurable: true,
      enumerable: true,
      get: () => made,
      set: (socket: object | undefined) => {
        made = socket;
        this.#take(socket);
      },
    });
  }

  #take(raw: object | undefined): void {
    this.#socket = undefined;
    if (raw === undefined) return;
    try {
      this.#socket = new DtlsSocket(raw);
    } catch (error) {
      // werift handles nothing that is thrown here.
      return this.#refuse(error);
    }
    for (const listener of this.#socketListeners) listener(this.#socket);
  }

  #refuse(error: unknown): void {
    this.ice.silence();
    for (const listener of this.#oddListeners) listener(error as Error);
  }

  /** The connection that is up, or comes up. */
  get socket(): DtlsSocket | undefined {
    return this.#socket;
  }

  /** Whether the handshake has begun and is not over. */
  get isConnecting(): boolean {
    return this.#raw.state === "connecting";
  }

  /** Fingerprints in the peer's SDP. */
  get fingerprints(): readonly Fingerprint[] {
    return this.#raw.remoteParameters?.fingerprints ?? [];
  }

  /** Calls `listener` for each connection, before it sends anything. */
  onSocket(listener: (socket: DtlsSocket) => void): void {
    this.#socketListeners.push(listener);
  }

  /** Calls `listener` for each state, such as `connected`. */
  onState(listener: (state: string) => void): void {
    this.#raw.onStateChange.subscribe(listener);
  }

  /** Calls `listener` before this side ends it, while it can still send. */
  onStopping(listener: () => void): void {
    const raw = this.#raw;
    const { stop } = raw;
    raw.stop = () => {
      raw.stop = stop;
      listener();
      return stop.call(raw);
    };
  }

  /**
   * Calls `listener` where something that is made later isn't as known, and the
   * connection not safe: it sends nothing more, and is to be closed.
   */
  onOdd(listener: (error: Error) => void): void {
    this.#oddListeners.push(listener);
  }
}
