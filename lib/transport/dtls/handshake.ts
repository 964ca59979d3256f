import type { Buffer } from "node:buffer";
import {
  DtlsRole,
  type DtlsSocket,
  type HandshakeFragment,
} from "../werift/dtls_socket.ts";
import type { DtlsTransport } from "../werift/dtls_transport.ts";
import { DtlsFlight } from "./flight.ts";
import { type HandshakeMessage, HandshakeOrder } from "./message_order.ts";
import {
  ALERT,
  CONTENT,
  isDtls,
  MESSAGE,
  RECORD_FIELD,
  RECORD_HEADER_BYTES,
  RECORD_NUMBER_BYTES,
} from "./protocol.ts";
import { HandshakeVerifier } from "./verification.ts";

/** Records that wait for the keys, or for the handshake's end. */
const MAX_HELD = 64;
/**
 * Datagrams that wait for werift to start DTLS, and the bytes of one at most.
 */
const MAX_EARLY = 8;
const MAX_EARLY_BYTES = 2048;

/**
 * Has the DTLS handshake of a transport come through loss, reordering and
 * duplication, and only with the peer that its fingerprint names. Call before
 * the transport starts.
 *
 * @param onRefused called with why the handshake is refused, where it is.
 */
export function guardHandshake(
  transport: DtlsTransport,
  onRefused: (error: Error) => void = () => {},
): void {
  // The peer's ICE may be done first, and its hello come before all is ready
  // here.
  const early: Buffer[] = [];
  const { unSubscribe } = transport.ice.onDatagram((datagram) => {
    if (!isDtls(datagram) || datagram.length > MAX_EARLY_BYTES) return;
    if (early.length < MAX_EARLY) early.push(datagram);
  });
  transport.onSocket((socket) => {
    unSubscribe();
    const handshake = new DtlsHandshake(transport, socket, onRefused);
    // When werift listens to it, too.
    queueMicrotask(() => handshake.begin(early.splice(0)));
  });
}

/**
 * Brings the DTLS handshake of one connection through loss, reordering and
 * duplication (RFC 6347 section 4.2), which werift's own doesn't survive: it
 * handles messages as they come, so that one that is missing changes the keys,
 * and one that comes twice may end the connection.
 *
 * Messages are handed on in order and once; what is encrypted waits for the
 * keys, application data until the peer is known. What the peer sends again is
 * answered with what we sent last.
 */
class DtlsHandshake {
  readonly #transport: DtlsTransport;
  readonly #socket: DtlsSocket;
  readonly #flight: DtlsFlight;
  readonly #order = new HandshakeOrder();
  readonly #verifier: HandshakeVerifier;
  readonly #onRefused: (error: Error) => void;
  #isRefused = false;
  readonly #due: HandshakeMessage[] = [];
  #isHandling = false;
  #held: Buffer[] = [];
  /** Epoch of the record that is read. */
  #epoch = 0;

  /** Takes over the handshake of a socket that has sent nothing. */
  constructor(
    transport: DtlsTransport,
    socket: DtlsSocket,
    onRefused: (error: Error) => void,
  ) {
    this.#transport = transport;
    this.#socket = socket;
    this.#onRefused = onRefused;
    this.#verifier = new HandshakeVerifier(socket, transport.fingerprints);
    this.#flight = new DtlsFlight(socket, transport.ice);
    socket.interceptDatagrams((datagram) => this.#receive(datagram));
    socket.interceptFragments((fragment) => this.#take(fragment));
    transport.onState((state) => {
      if (state === "connecting") return;
      this.#flight.stop();
      if (state === "connected") this.#replay();
      else this.#held = [];
    });
  }

  /** Starts with what has come already. */
  begin(early: Buffer[]): void {
    this.#socket.begin();
    for (const datagram of early) this.#receive(datagram);
  }

  /** Splits a datagram into records, and holds those that come too early. */
  #receive(datagram: Buffer): void {
    for (let at = 0; at + RECORD_HEADER_BYTES <= datagram.length;) {
      const end = at + RECORD_HEADER_BYTES +
        datagram.readUInt16BE(at + RECORD_FIELD.length);
      if (end > datagram.length) return;
      this.#receiveRecord(datagram.subarray(at, end));
      at = end;
    }
  }

  #receiveRecord(record: Buffer): void {
    if (this.#isRefused) return;
    const [type] = record;
    const epoch = record.readUInt16BE(RECORD_FIELD.epoch);
    if (this.#isEarly(type, epoch)) {
      if (this.#held.length < MAX_HELD) this.#held.push(record);
      // The peer is through: what it sent last was lost, or comes later.
      if (type === CONTENT.applicationData) this.#flight.resend();
      return;
    }
    if (type === CONTENT.alert) {
      if (this.#isClosing(record, epoch)) this.#socket.close();
      return;
    }
    // What anyone can make is passed over (RFC 6347 section 4.1.2.7). werift
    // ends the connection for a type that it doesn't know.
    const isHandshake = type === CONTENT.handshake;
    const isSealed = type === CONTENT.applicationData && epoch > 0;
    if (!isHandshake && !isSealed) return;
    this.#epoch = epoch;
    this.#socket.receive(record);
  }

  /**
   * Whether an alert ends the connection: the peer's, which is encrypted.
   * werift would take one for its own that says it is of an epoch with keys and
   * isn't encrypted.
   */
  #isClosing(record: Buffer, epoch: number): boolean {
    if (epoch === 0 || !this.#socket.isConnected) return false;
    const [contentType, major, minor] = record;
    const sequenceNumber = record.readUIntBE(
      RECORD_FIELD.number,
      RECORD_NUMBER_BYTES,
    );
    try {
      const [level, description] = this.#socket.decrypt(
        { contentType, version: [major, minor], epoch, sequenceNumber },
        record.subarray(RECORD_HEADER_BYTES),
      );
      return level === ALERT.fatal || description === ALERT.closeNotify;
    } catch {
      return false;
    }
  }

  #isEarly(type: number, epoch: number): boolean {
    if (type === CONTENT.applicationData) {
      return this.#transport.isConnecting;
    }
    return epoch > 0 && !this.#socket.hasKeys;
  }

  #replay(): void {
    const held = this.#held;
    this.#held = [];
    for (const record of held) this.#receiveRecord(record);
  }

  #take(fragment: HandshakeFragment): void {
    const { isConnected, role } = this.#socket;
    const isEncrypted = this.#epoch > 0;
    if (isEncrypted !== (fragment.msg_type === MESSAGE.finished)) return;
    if (fragment.message_seq < this.#order.next) {
      // The peer misses our answer; the last flight, the server's, has none.
      if (!isConnected || role !== DtlsRole.client) this.#flight.resend();
      return;
    }
    // werift would begin anew, and lose the keys.
    if (isConnected) return;
    const due = this.#order.add(fragment);
    if (due === "stale" || due.length === 0) return;
    this.#flight.answered();
    this.#due.push(...due);
    void this.#handle();
  }

  /** Hands messages on, one after the other. */
  async #handle(): Promise<void> {
    if (this.#isHandling) return;
    this.#isHandling = true;
    let message;
    while ((message = this.#due.shift()) !== undefined) {
      if (!this.#isVerified(message)) return;
      this.#socket.handle(message);
      // It goes on in microtasks; all of it would wait for the next flight.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#socket.hasKeys) this.#replay();
    }
    this.#isHandling = false;
  }

  /** Ends the connection where a message isn't as it must be. */
  #isVerified(message: HandshakeMessage): boolean {
    try {
      this.#verifier.check(message);
      return true;
    } catch (error) {
      this.#isRefused = true;
      this.#flight.stop();
      this.#onRefused(error as Error);
      this.#socket.fail(error);
      return false;
    }
  }
}
