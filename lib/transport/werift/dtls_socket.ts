import { Buffer } from "node:buffer";
import { demandShape, oddsOf, refusal, type Shape } from "./shape.ts";

/** werift's numbers for the two sides of a DTLS connection. */
export const DtlsRole = { client: 1, server: 2 } as const;
export type DtlsRole = typeof DtlsRole[keyof typeof DtlsRole];

/** werift's DTLS 1.2 connection (RFC 6347), as the pinned version has it. */
interface RawSocket {
  readonly connected: boolean;
  readonly sessionType: DtlsRole;
  readonly dtls: {
    recordSequenceNumber: number;
    readonly epoch: number;
    readonly sortedHandshakeCache: Serializable[];
  };
  readonly cipher: {
    readonly cipher?: RawKeys;
    readonly localRandom?: Serializable;
    readonly remoteRandom?: Serializable;
    readonly masterSecret?: Buffer;
    encryptPacket(record: RawRecord): RawRecord;
    decryptPacket(record: unknown): Buffer;
  };
  readonly transport: {
    send(data: Buffer, to?: unknown): Promise<void>;
    readonly socket: { onData: (data: Buffer) => void };
  };
  /** The client begins with it. */
  connect?(): Promise<void>;
  udpOnMessage(data: Buffer): void;
  handleFragmentHandshake(fragments: HandshakeFragment[]): HandshakeFragment[];
  onHandleHandshakes(messages: HandshakeFragment[]): Promise<void>;
  readonly onError: { execute(error: unknown): void };
  readonly onClose: { execute(): void };
}

interface Serializable {
  serialize(): Buffer;
}

interface RawKeys {
  readonly blockAlgorithm: string;
  readonly clientWriteKey: Buffer;
  readonly serverWriteKey: Buffer;
  readonly clientNonce: Buffer;
  readonly serverNonce: Buffer;
}

interface RawRecord extends Serializable {
  recordLayerHeader: { contentType: number; sequenceNumber: number };
  fragment: Buffer;
}

const SOCKET: Shape = {
  connected: "boolean",
  sessionType: "number",
  "dtls.recordSequenceNumber": "number",
  "dtls.epoch": "number",
  "dtls.sortedHandshakeCache": "object",
  "cipher.cipher": "undefined",
  "cipher.localRandom": "undefined",
  "cipher.remoteRandom": "undefined",
  "cipher.masterSecret": "undefined",
  "cipher.encryptPacket": "function",
  "cipher.decryptPacket": "function",
  "transport.send": "function",
  "transport.socket.onData": "function",
  udpOnMessage: "function",
  handleFragmentHandshake: "function",
  onHandleHandshakes: "function",
  "onError.execute": "function",
  "onClose.execute": "function",
};

const KEYS: Shape = {
  blockAlgorithm: "string",
  "clientWriteKey.length": "number",
  "serverWriteKey.length": "number",
  "clientNonce.length": "number",
  "serverNonce.length": "number",
};

/** A handshake message, or a fragment of one (RFC 6347 section 4.2.2). */
export interface HandshakeFragment {
  msg_type: number;
  /** Bytes of the whole message. */
  length: number;
  message_seq: number;
  fragment_offset: number;
  fragment_length: number;
  fragment: Uint8Array;
}

/** The header of a record (RFC 6347 section 4.1). */
export interface RecordHeader {
  contentType: number;
  /** Major and minor. */
  version: readonly [major: number, minor: number];
  epoch: number;
  sequenceNumber: number;
}

/** A record's content before it was encrypted, to encrypt it again. */
export interface PlainRecord {
  readonly contentType: number;
  readonly sequenceNumber: number;
  /** Encrypts it under another number. */
  seal(sequenceNumber: number): Buffer;
}

/** The keys of application data, as seen from this side. */
export interface SessionKeys {
  /** As node:crypto names it, such as `aes-128-gcm`. */
  algorithm: string;
  writeKey: Uint8Array;
  readKey: Uint8Array;
  /** They begin with the implicit part of the nonce. */
  writeNonce: Uint8Array;
  readNonce: Uint8Array;
}

/** One DTLS connection of werift's, before it sent anything. */
export class DtlsSocket {
  readonly #raw: RawSocket;
  #fragmentPrototype: object | null = null;

  /** @throws {ConnectionError} where its handshake can't be verified. */
  constructor(raw: object) {
    demandShape("DTLS socket", raw, SOCKET);
    this.#raw = raw as RawSocket;
    const { sessionType } = this.#raw;
    if (Object.values(DtlsRole).includes(sessionType)) return;
    throw refusal("DTLS socket", `sessionType is ${sessionType}`);
  }

  /** Whether the handshake is over. */
  get isConnected(): boolean {
    return this.#raw.connected;
  }

  get role(): DtlsRole {
    return this.#raw.sessionType;
  }

  /** The epoch of what is sent. */
  get epoch(): number {
    return this.#raw.dtls.epoch;
  }

  /** The number of the last record that was sent. */
  get recordNumber(): number {
    return this.#raw.dtls.recordSequenceNumber;
  }

  set recordNumber(number: number) {
    this.#raw.dtls.recordSequenceNumber = number;
  }

  /** Whether it can encrypt. */
  get hasKeys(): boolean {
    return this.#raw.cipher.cipher !== undefined;
  }

  /** The keys of a connection that is up; none where they aren't as known. */
  get keys(): SessionKeys | undefined {
    const { connected, sessionType, cipher: { cipher } } = this.#raw;
    if (!connected || cipher === undefined) return undefined;
    if (oddsOf(cipher, KEYS).length > 0) return undefined;
    const { clientWriteKey, serverWriteKey, clientNonce, serverNonce } = cipher;
    const isClient = sessionType === DtlsRole.client;
    return {
      algorithm: cipher.blockAlgorithm,
      writeKey: isClient ? clientWriteKey : serverWriteKey,
      readKey: isClient ? serverWriteKey : clientWriteKey,
      writeNonce: isClient ? clientNonce : serverNonce,
      readNonce: isClient ? serverNonce : clientNonce,
    };
  }

  /** The random bytes of our hello, once they are known. */
  get localRandom(): Uint8Array | undefined {
    return this.#raw.cipher.localRandom?.serialize();
  }

  /** Those of the peer's. */
  get remoteRandom(): Uint8Array | undefined {
    return this.#raw.cipher.remoteRandom?.serialize();
  }

  /** The secret that both sides have, once it is known. */
  get masterSecret(): Uint8Array | undefined {
    return this.#raw.cipher.masterSecret;
  }

  /** The handshake messages of both sides so far. */
  get transcript(): Uint8Array {
    const { sortedHandshakeCache } = this.#raw.dtls;
    return Buffer.concat(sortedHandshakeCache.map((m) => m.serialize()));
  }

  /** Begins at once, where it is the client; werift waits 100 ms first. */
  begin(): void {
    const { connect } = this.#raw;
    if (connect === undefined) return;
    const connecting = connect.call(this.#raw);
    this.#raw.connect = () => connecting;
    connecting.catch(() => {
      // werift asks for it when it has waited.
    });
  }

  /**
   * Has `send` decide what becomes of each record that it would send.
   *
   * @returns what sends a datagram.
   */
  interceptRecords(
    send: (record: Buffer) => Promise<void>,
  ): (datagram: Buffer) => Promise<void> {
    const { transport } = this.#raw;
    const sendDatagram = transport.send;
    transport.send = (record) => send(record);
    return sendDatagram;
  }

  /**
   * Calls `listener` for each record of a content type that is to be encrypted.
   */
  onEncrypting(
    type: number,
    listener: (record: PlainRecord) => void,
  ): void {
    const { cipher } = this.#raw;
    const { encryptPacket } = cipher;
    cipher.encryptPacket = (record) => {
      if (record.recordLayerHeader.contentType === type) {
        listener(this.#keep(record));
      }
      return encryptPacket.call(cipher, record);
    };
  }

  #keep(record: RawRecord): PlainRecord {
    const { contentType, sequenceNumber } = record.recordLayerHeader;
    // To encrypt a record changes it.
    const kept = copyOf(record, sequenceNumber);
    const seal = (number: number) =>
      this.#raw.cipher.encryptPacket(copyOf(kept, number)).serialize();
    return { contentType, sequenceNumber, seal };
  }

  /**
   * Decrypts the content of a record.
   *
   * @throws where it was tampered with.
   */
  decrypt(header: RecordHeader, content: Buffer): Buffer {
    const { version: [major, minor], ...rest } = header;
    return this.#raw.cipher.decryptPacket({
      recordLayerHeader: { ...rest, protocolVersion: { major, minor } },
      fragment: content,
    });
  }

  /** Has `receive` decide what becomes of each datagram that comes. */
  interceptDatagrams(receive: (datagram: Buffer) => void): void {
    this.#raw.transport.socket.onData = receive;
  }

  /** Has werift read a record. */
  receive(record: Buffer): void {
    this.#raw.udpOnMessage(record);
  }

  /** Has `take` decide what becomes of each fragment in what it reads. */
  interceptFragments(take: (fragment: HandshakeFragment) => void): void {
    this.#raw.handleFragmentHandshake = (fragments) => {
      for (const fragment of fragments) {
        this.#fragmentPrototype = Object.getPrototypeOf(fragment);
        take(fragment);
      }
      return [];
    };
  }

  /**
   * Has werift handle a whole message of the peer's. It goes on in microtasks.
   */
  handle(
    { type, sequence, body }: {
      type: number;
      sequence: number;
      body: Uint8Array;
    },
  ): void {
    const whole: HandshakeFragment = {
      msg_type: type,
      length: body.length,
      message_seq: sequence,
      fragment_offset: 0,
      fragment_length: body.length,
      fragment: Buffer.from(body),
    };
    // werift calls methods of its fragments.
    Object.setPrototypeOf(whole, this.#fragmentPrototype);
    this.#raw.onHandleHandshakes([whole]).catch((error) => this.fail(error));
  }

  /** Ends a connection that can't be made. */
  fail(error: unknown): void {
    this.#raw.onError.execute(error);
  }

  /** Ends a connection that the peer ended. */
  close(): void {
    this.#raw.onClose.execute();
  }
}

function copyOf(record: RawRecord, sequenceNumber: number): RawRecord {
  const recordLayerHeader = { ...record.recordLayerHeader, sequenceNumber };
  const { fragment } = record;
  const copy = Object.create(Object.getPrototypeOf(record));
  return Object.assign(copy, { recordLayerHeader, fragment });
}
