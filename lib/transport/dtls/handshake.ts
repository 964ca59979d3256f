import { Buffer } from "node:buffer";
import {
  CONTENT,
  DtlsFlight,
  RECORD_HEADER_BYTES,
  type WeriftFlightSocket,
} from "./flight.ts";
import {
  type HandshakeFragment,
  type HandshakeMessage,
  HandshakeOrder,
} from "./message_order.ts";
import {
  type Fingerprint,
  HandshakeVerifier,
  type WeriftHandshakeState,
} from "./verification.ts";
import type {
  WeriftDtls,
  WeriftDtlsTransport,
  WeriftEvent,
  WeriftIce,
} from "../werift/shapes.ts";

/** werift's RTCDtlsTransport before it starts. */
export interface WeriftNewDtlsTransport extends WeriftDtlsTransport {
  readonly state: string;
  /** What the peer's SDP says of its DTLS. */
  readonly remoteParameters?: { readonly fingerprints: Fingerprint[] };
  readonly iceTransport: {
    readonly connection: WeriftIce & {
      readonly onData: WeriftEvent<[datagram: Buffer]>;
    };
  };
}

/** What werift's DTLS socket has besides, while it connects. */
interface WeriftDtlsSocket extends WeriftFlightSocket {
  readonly cipher:
    & WeriftFlightSocket["cipher"]
    & WeriftHandshakeState["cipher"]
    & { decryptPacket(record: unknown): Buffer };
  readonly dtls: WeriftHandshakeState["dtls"];
  readonly transport: WeriftFlightSocket["transport"] & {
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

const FINISHED = 20;
/** Of an alert: the level and the description that end a connection. */
const FATAL = 2;
const CLOSE_NOTIFY = 0;
/** werift's number for the client of a connection. */
const CLIENT = 1;
/** Records that wait for the keys, or for the handshake's end. */
const MAX_HELD = 64;
/** Datagrams that wait for werift to start DTLS, and the bytes of one at most. */
const MAX_EARLY = 8;
const MAX_EARLY_BYTES = 2048;

/**
 * Has the DTLS handshake of a transport come through loss, reordering and
 * duplication, and only with the peer that its fingerprint names. Call before the
 * transport starts.
 *
 * @param onRefused is told why the handshake is refused.
 */
export function guardHandshake(
  transport: WeriftNewDtlsTransport,
  onRefused: (error: Error) => void = () => {},
): void {
  const { connection } = transport.iceTransport;
  // The peer's ICE may be done first, and its hello come before all is ready here.
  const early: Buffer[] = [];
  const { unSubscribe } = connection.onData.subscribe((datagram) => {
    const isDtls = datagram[0] >= 20 && datagram[0] < 64;
    if (!isDtls || datagram.length > MAX_EARLY_BYTES) return;
    if (early.length < MAX_EARLY) early.push(datagram);
  });
  let socket: WeriftDtls | undefined;
  Object.defineProperty(transport, "dtls", {
    configurable: true,
    enumerable: true,
    get: () => socket,
    set(made: WeriftDtls | undefined) {
      socket = made;
      if (made === undefined) return;
      unSubscribe();
      const handshake = new DtlsHandshake(
        transport,
        made as WeriftDtlsSocket,
        onRefused,
      );
      // When werift listens to it, too.
      queueMicrotask(() => handshake.begin(early.splice(0)));
    },
  });
}

/**
 * Brings the DTLS handshake of one connection through loss, reordering and
 * duplication (RFC 6347 section 4.2), which werift's own doesn't survive: it
 * handles messages as they come, so that one that is missing changes the keys, and
 * one that comes twice may end the connection.
 *
 * Messages are handed on in order and once; what is encrypted waits for the keys,
 * application data until the peer is known. What the peer sends again is answered
 * with what we sent last.
 */
class DtlsHandshake {
  readonly #transport: WeriftNewDtlsTransport;
  readonly #socket: WeriftDtlsSocket;
  readonly #flight: DtlsFlight;
  readonly #order = new HandshakeOrder();
  readonly #verifier: HandshakeVerifier;
  readonly #onRefused: (error: Error) => void;
  #isRefused = false;
  readonly #due: HandshakeFragment[] = [];
  #isHandling = false;
  #held: Buffer[] = [];
  /** Epoch of the record that is read. */
  #epoch = 0;

  /** Takes over the handshake of a socket that has sent nothing. */
  constructor(
    transport: WeriftNewDtlsTransport,
    socket: WeriftDtlsSocket,
    onRefused: (error: Error) => void,
  ) {
    this.#transport = transport;
    this.#socket = socket;
    this.#onRefused = onRefused;
    this.#verifier = new HandshakeVerifier(
      socket,
      transport.remoteParameters?.fingerprints ?? [],
    );
    this.#flight = new DtlsFlight(socket, transport.iceTransport.connection);
    socket.transport.socket.onData = (datagram) => this.#receive(datagram);
    socket.handleFragmentHandshake = (fragments) => {
      for (const fragment of fragments) this.#take(fragment);
      return [];
    };
    transport.onStateChange.subscribe((state) => {
      if (state === "connecting") return;
      this.#flight.stop();
      if (state === "connected") this.#replay();
      else this.#held = [];
    });
  }

  /** Starts with what has come already. */
  begin(early: Buffer[]): void {
    const { connect } = this.#socket;
    if (connect !== undefined) {
      // werift waits 100 ms first, so that a peer like itself is ready.
      const connecting = connect.call(this.#socket);
      this.#socket.connect = () => connecting;
      connecting.catch(() => {
        // werift asks for it when it has waited.
      });
    }
    for (const datagram of early) this.#receive(datagram);
  }

  /** Splits a datagram into records, and holds those that come too early. */
  #receive(datagram: Buffer): void {
    for (let at = 0; at + RECORD_HEADER_BYTES <= datagram.length;) {
      const end = at + RECORD_HEADER_BYTES + datagram.readUInt16BE(at + 11);
      if (end > datagram.length) return;
      this.#receiveRecord(datagram.subarray(at, end));
      at = end;
    }
  }

  #receiveRecord(record: Buffer): void {
    if (this.#isRefused) return;
    const [type] = record;
    const epoch = record.readUInt16BE(3);
    if (this.#isEarly(type, epoch)) {
      if (this.#held.length < MAX_HELD) this.#held.push(record);
      // The peer is through: what it sent last was lost, or comes later.
      if (type === CONTENT.applicationData) this.#flight.resend();
      return;
    }
    if (type === CONTENT.alert) {
      if (this.#isClosing(record, epoch)) this.#socket.onClose.execute();
      return;
    }
    // What anyone can make is passed over (RFC 6347 section 4.1.2.7). werift ends
    // the connection for a type that it doesn't know.
    const isHandshake = type === CONTENT.handshake;
    const isSealed = type === CONTENT.applicationData && epoch > 0;
    if (!isHandshake && !isSealed) return;
    this.#epoch = epoch;
    this.#socket.udpOnMessage(record);
  }

  /**
   * Whether an alert ends the connection: the peer's, which is encrypted. werift
   * would take one for its own that says it is of an epoch with keys and isn't
   * encrypted.
   */
  #isClosing(record: Buffer, epoch: number): boolean {
    const { connected, cipher } = this.#socket;
    if (epoch === 0 || !connected) return false;
    try {
      const [level, description] = cipher.decryptPacket({
        recordLayerHeader: {
          contentType: record[0],
          protocolVersion: { major: record[1], minor: record[2] },
          epoch,
          sequenceNumber: record.readUIntBE(5, 6),
        },
        fragment: record.subarray(RECORD_HEADER_BYTES),
      });
      return level === FATAL || description === CLOSE_NOTIFY;
    } catch {
      return false;
    }
  }

  #isEarly(type: number, epoch: number): boolean {
    if (type === CONTENT.applicationData) {
      return this.#transport.state === "connecting";
    }
    return epoch > 0 && this.#socket.cipher.cipher === undefined;
  }

  #replay(): void {
    const held = this.#held;
    this.#held = [];
    for (const record of held) this.#receiveRecord(record);
  }

  #take(fragment: HandshakeFragment): void {
    const { connected, sessionType } = this.#socket;
    const isEncrypted = this.#epoch > 0;
    if (isEncrypted !== (fragment.msg_type === FINISHED)) return;
    if (fragment.message_seq < this.#order.next) {
      // The peer misses our answer; the last flight, the server's, has none.
      if (!connected || sessionType !== CLIENT) this.#flight.resend();
      return;
    }
    // werift would begin anew, and lose the keys.
    if (connected) return;
    const due = this.#order.add(fragment);
    if (due === "stale" || due.length === 0) return;
    this.#flight.answered();
    this.#due.push(...due.map((message) => asWhole(message, fragment)));
    void this.#handle();
  }

  /** Hands messages on, one after the other. */
  async #handle(): Promise<void> {
    if (this.#isHandling) return;
    this.#isHandling = true;
    let message;
    while ((message = this.#due.shift()) !== undefined) {
      if (!this.#isVerified(message)) return;
      this.#socket.onHandleHandshakes([message])
        .catch((error) => this.#socket.onError.execute(error));
      // It goes on in microtasks; all of it would wait for the next flight.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#socket.cipher.cipher !== undefined) this.#replay();
    }
    this.#isHandling = false;
  }

  /** Ends the connection where a message isn't as it must be. */
  #isVerified({ msg_type, message_seq, fragment }: HandshakeFragment): boolean {
    try {
      this.#verifier.check({
        type: msg_type,
        sequence: message_seq,
        body: fragment,
      });
      return true;
    } catch (error) {
      this.#isRefused = true;
      this.#flight.stop();
      this.#onRefused(error as Error);
      this.#socket.onError.execute(error);
      return false;
    }
  }
}

/** A whole message as werift has them: it calls methods of its fragments. */
function asWhole(
  { type, sequence, body }: HandshakeMessage,
  fragment: HandshakeFragment,
): HandshakeFragment {
  const whole: HandshakeFragment = {
    msg_type: type,
    length: body.length,
    message_seq: sequence,
    fragment_offset: 0,
    fragment_length: body.length,
    fragment: Buffer.from(body),
  };
  return Object.setPrototypeOf(whole, Object.getPrototypeOf(fragment));
}
