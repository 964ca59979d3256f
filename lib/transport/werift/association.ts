import { Buffer } from "node:buffer";
import { demandShape, oddsOf } from "./shape.ts";

/** werift's numbers for the states of an association. */
const SctpState = { closed: 1, established: 4 } as const;

/** werift's SCTP association, as the pinned version has it. */
export interface RawAssociation {
  associationState: number;
  isStopped: boolean;
  isServer: boolean;
  localPort: number;
  remotePort: number | undefined;
  localVerificationTag: number;
  remoteVerificationTag: number;
  localTsn: number;
  lastReceivedTsn: number | undefined;
  advertisedRwnd: number;
  peerAdvertisedRwnd: number;
  outboundStreamSeq: Record<number, number>;
  reconfigQueue: number[];
  reconfigRequest: ReconfigParam | undefined;
  reconfigResponseSeq: number;
  ssthresh: number | undefined;
  remotePartialReliability: boolean;
  remoteExtensions: number[];
  _inboundStreamsMax: number;
  _inboundStreamsCount: number;
  _outboundStreamsCount: number;
  /** Seconds. */
  rto: number;
  transport: { send(packet: Uint8Array): Promise<void> };
  stateChanged: { closed: { subscribe(listener: () => void): unknown } };
  handleData(packet: Buffer): Promise<void>;
  receive(streamId: number, protocol: number, data: Buffer): void;
  send: SendMessage;
  transmit(): Promise<void>;
  transmitReconfigRequest(): Promise<void>;
  receiveReconfigParam(param: ReconfigParam): Promise<void>;
  setExtensions(params: [type: number, value: Buffer][]): void;
  getExtensions(params: [type: number, value: Buffer][]): void;
  start(remotePort?: number): Promise<void>;
  timer1Start(chunk: unknown): void;
  timer1Cancel(): void;
  sendChunk(chunk: unknown): Promise<void>;
  receiveChunk(chunk: { type: number }): Promise<void>;
  abort(): Promise<void>;
  setState(state: number): void;
}

type Kinds = Record<keyof RawAssociation, string>;

/** The parameter of INIT and INIT ACK that lists chunks (RFC 5061). */
const SUPPORTED_EXTENSIONS = 0x8008;
const PAD = 132;
/** What stock werift and aiortc say there. */
const STRICT = { window: 1024 * 1024, extensions: "192,130" };

/** What is known of an association that is new. */
const SHAPE = {
  associationState: "number",
  isStopped: "boolean",
  isServer: "boolean",
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
  reconfigResponseSeq: "number",
  ssthresh: "undefined",
  remotePartialReliability: "boolean",
  remoteExtensions: "object",
  _inboundStreamsMax: "number",
  _inboundStreamsCount: "number",
  _outboundStreamsCount: "number",
  rto: "number",
  transport: "object",
  "transport.send": "function",
  stateChanged: "object",
  "stateChanged.closed.subscribe": "function",
  handleData: "function",
  receive: "function",
  send: "function",
  transmit: "function",
  transmitReconfigRequest: "function",
  receiveReconfigParam: "function",
  setExtensions: "function",
  getExtensions: "function",
  start: "function",
  timer1Start: "function",
  timer1Cancel: "function",
  sendChunk: "function",
  receiveChunk: "function",
  abort: "function",
  setState: "function",
} as const satisfies Kinds & Record<string, string>;

/** What werift takes from an INIT. */
const TAKEN_FROM_INIT = [
  ...["lastReceivedTsn", "remoteVerificationTag", "reconfigResponseSeq"],
  ...["ssthresh", "peerAdvertisedRwnd"],
  ...["remotePartialReliability", "remoteExtensions"],
  ...["_inboundStreamsCount", "_outboundStreamsCount"],
] as const;

/** What an INIT says of its sender (RFC 9260 section 3.3.2). */
export interface Init {
  /** Verification tag of the packets that it is to get; not 0. */
  tag: number;
  /** Advertised receiver window credit, bytes. */
  window: number;
  /** Streams that it wants to send on, and takes at most. */
  outboundStreams: number;
  inboundStreams: number;
  /** TSN of its first DATA chunk. */
  tsn: number;
  /** Further parameters. */
  parameters: [type: number, value: Uint8Array][];
}

/** Sends one message of a data channel; settles once it has left. */
export type SendMessage = (
  streamId: number,
  protocol: number,
  data: Uint8Array,
  options?: { ordered?: boolean },
) => Promise<void>;

/** A re-configuration parameter (RFC 6525); a reset request has streams. */
export interface ReconfigParam {
  readonly requestSequence?: number;
  readonly lastTsn?: number;
  readonly streams?: readonly number[];
}

/** What takes DATA and SACK chunks over from werift. */
export interface DataTransfer {
  /** Called for each packet that came. */
  receive(packet: Buffer): void;
  send: SendMessage;
}

/** What decides when streams are reset (RFC 6525). */
export interface ResetPolicy {
  /** Called where werift would ask for the resets that are due. */
  ask(): Promise<void>;
  /** Called for each re-configuration parameter of the peer's. */
  receive(param: ReconfigParam): Promise<void>;
}

/** werift's SCTP association (RFC 9260), before its first packet. */
export class Association {
  readonly #raw: RawAssociation;
  /** How the peer's packets are read by werift. */
  readonly #handleData: (packet: Buffer) => Promise<void>;
  /** What is not as known; with anything in it, nothing else may be used. */
  readonly odds: readonly string[];

  /**
   * @param onError called for what goes wrong while werift reads a packet. It
   * leaves the rejection unhandled, so that any peer could end the process.
   * @throws {ConnectionError} where that can't be caught.
   */
  constructor(raw: object, onError: (error: unknown) => void) {
    demandShape("association", raw, { handleData: "function" });
    this.odds = oddsOf(raw, SHAPE);
    this.#raw = raw as RawAssociation;
    const { handleData } = this.#raw;
    this.#handleData = (packet) => handleData.call(raw, packet).catch(onError);
    this.#raw.handleData = this.#handleData;
  }

  get isEstablished(): boolean {
    return this.#raw.associationState === SctpState.established;
  }

  /** Whether it ends, or has ended. */
  get isStopped(): boolean {
    return this.#raw.isStopped;
  }

  /** Where its packets go. */
  get address(): {
    sourcePort: number;
    destinationPort: number;
    verificationTag: number;
  } {
    const { localPort, remotePort = localPort } = this.#raw;
    return {
      sourcePort: localPort,
      destinationPort: remotePort,
      verificationTag: this.#raw.remoteVerificationTag,
    };
  }

  /** Lists PAD chunks among those that are read, in INIT and INIT ACK. */
  announcePad(): void {
    const raw = this.#raw;
    const { setExtensions } = raw;
    raw.setExtensions = (params) => {
      setExtensions.call(raw, params);
      const list = params.find(([type]) => type === SUPPORTED_EXTENSIONS);
      if (list !== undefined) list[1] = Buffer.of(...list[1], PAD);
    };
  }

  /** Whether the peer lists PAD chunks: no other than pointwire is known to. */
  get announcesPad(): boolean {
    return this.#raw.remoteExtensions.includes(PAD);
  }

  /**
   * Whether the peer may be sent chunks of a type that it doesn't know (RFC
   * 9260 section 3.2). Stock werift 0.25.2 leaves a rejection unhandled then,
   * with which a program ends, and aiortc can't be told from it.
   */
  get skipsUnknownChunks(): boolean {
    const { peerAdvertisedRwnd, remoteExtensions } = this.#raw;
    return peerAdvertisedRwnd !== STRICT.window ||
      `${remoteExtensions}` !== STRICT.extensions;
  }

  get localVerificationTag(): number {
    return this.#raw.localVerificationTag;
  }

  /** The TSN of the next DATA chunk. */
  get nextTsn(): number {
    return this.#raw.localTsn;
  }

  set nextTsn(tsn: number) {
    this.#raw.localTsn = tsn;
  }

  /** Before the first DATA chunk came, the peer's initial TSN less one. */
  get lastReceivedTsn(): number | undefined {
    return this.#raw.lastReceivedTsn;
  }

  /** The receiver window that INIT and INIT ACK advertise, bytes. */
  set receiveWindow(bytes: number) {
    this.#raw.advertisedRwnd = bytes;
  }

  /** The receiver window that the peer advertised, bytes. */
  get peerWindow(): number {
    return this.#raw.peerAdvertisedRwnd;
  }

  /** Retransmission timeout of what isn't DATA. */
  set timeoutMs(ms: number) {
    this.#raw.rto = ms / 1000;
  }

  /** Takes the next stream sequence number of a stream. */
  takeStreamSequence(streamId: number): number {
    const { outboundStreamSeq } = this.#raw;
    const sequence = outboundStreamSeq[streamId] ?? 0;
    outboundStreamSeq[streamId] = sequence + 1 & 0xffff;
    return sequence;
  }

  /** Has DATA and SACK chunks taken over, in both directions. */
  transferWith({ receive, send }: DataTransfer): void {
    const raw = this.#raw;
    raw.handleData = (packet) => {
      receive(packet);
      return Promise.resolve();
    };
    raw.send = send;
    raw.transmit = () => Promise.resolve();
  }

  /** Has werift read a packet. */
  handle(packet: Buffer): void {
    void this.#handleData(packet);
  }

  /** Hands a whole message to its data channel. */
  deliver(streamId: number, protocol: number, data: Buffer): void {
    this.#raw.receive(streamId, protocol, data);
  }

  /** Sends a packet through werift's DTLS. */
  sendPacket(packet: Buffer): Promise<void> {
    return this.#raw.transport.send(packet);
  }

  /**
   * Has `start` decide when a set-up chunk, INIT or COOKIE ECHO, is sent again
   * (timer T1, RFC 9260 section 5.1.6), until `cancel` is called.
   */
  setUpWith(
    timer: { start(send: () => Promise<void>): void; cancel(): void },
  ): void {
    const raw = this.#raw;
    raw.timer1Start = (chunk) => timer.start(() => raw.sendChunk(chunk));
    raw.timer1Cancel = () => timer.cancel();
  }

  /**
   * Has `receive` decide what becomes of each chunk that werift reads; `pass`
   * has werift take it.
   */
  interceptChunks(
    receive: (type: number, pass: () => Promise<void>) => Promise<void>,
  ): void {
    const raw = this.#raw;
    const { receiveChunk } = raw;
    raw.receiveChunk = (chunk) =>
      receive(chunk.type, () => receiveChunk.call(raw, chunk));
  }

  /** What its INIT says. */
  get init(): Init {
    const raw = this.#raw;
    const parameters: [number, Buffer][] = [];
    raw.setExtensions(parameters);
    return {
      tag: raw.localVerificationTag,
      window: raw.advertisedRwnd,
      outboundStreams: raw._outboundStreamsCount,
      inboundStreams: raw._inboundStreamsMax,
      tsn: raw.localTsn,
      parameters,
    };
  }

  /**
   * Takes the peer's INIT that came some other way, before it starts: it is
   * established then, and sends none.
   */
  startWith(init: Init): void {
    const raw = this.#raw;
    const before = init.tsn - 1 >>> 0;
    raw.lastReceivedTsn = raw.reconfigResponseSeq = before;
    raw.remoteVerificationTag = init.tag;
    raw.ssthresh = raw.peerAdvertisedRwnd = init.window;
    const { outboundStreams, inboundStreams, parameters } = init;
    const { _inboundStreamsMax: most, _outboundStreamsCount: count } = raw;
    raw._inboundStreamsCount = Math.min(outboundStreams, most);
    raw._outboundStreamsCount = Math.min(count, inboundStreams);
    raw.getExtensions(
      parameters.map(([type, value]) => [type, Buffer.from(value)]),
    );
    const { start } = raw;
    raw.start = async (remotePort) => {
      // A server waits for an INIT.
      raw.isServer = true;
      await start.call(raw, remotePort);
      // werift only listens for it once this has returned.
      setTimeout(() => {
        if (!raw.isStopped) raw.setState(SctpState.established);
      });
    };
  }

  /**
   * Does something, and has all that werift takes from an INIT stay as it is.
   */
  keepDuring<T>(act: () => T): T {
    const fields = this.#raw as unknown as Record<string, unknown>;
    const kept = TAKEN_FROM_INIT.map((name) => [name, fields[name]]);
    // An answer is made before it returns.
    const result = act();
    Object.assign(fields, Object.fromEntries(kept));
    return result;
  }

  /**
   * Has a policy decide when streams are reset.
   *
   * @returns what werift does for either: it asks for all resets that are due,
   * and answers a parameter of the peer's.
   */
  resetWith(policy: ResetPolicy): ResetPolicy {
    const raw = this.#raw;
    const ask = raw.transmitReconfigRequest;
    const receive = raw.receiveReconfigParam;
    raw.transmitReconfigRequest = () => policy.ask();
    raw.receiveReconfigParam = (param) => policy.receive(param);
    return {
      ask: () => ask.call(raw),
      receive: (param) => receive.call(raw, param),
    };
  }

  /**
   * Takes what is asked already out of the resets to ask for. werift asks again
   * where the peer asks too; that would hit the next channel of the same
   * number.
   */
  forgetAskedResets(): void {
    const raw = this.#raw;
    const asked = raw.reconfigRequest?.streams ?? [];
    raw.reconfigQueue = raw.reconfigQueue.filter((id) => !asked.includes(id));
  }

  /** Calls `listener` when it has ended. */
  onClosed(listener: () => void): void {
    this.#raw.stateChanged.closed.subscribe(listener);
  }

  /** Ends it, without a word to the peer. */
  close(): void {
    this.#raw.setState(SctpState.closed);
  }

  /** Ends it, and says so to the peer (section 9.1). */
  abort(): void {
    void this.#raw.abort().finally(() => this.close());
  }
}

/** Makes a reset request that asks for nothing, to be answered alone. */
export function withoutStreams(param: ReconfigParam): ReconfigParam {
  const copy = Object.create(Object.getPrototypeOf(param));
  return Object.assign(copy, param, { streams: [] });
}
