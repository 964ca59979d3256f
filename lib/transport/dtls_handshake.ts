import { Buffer } from "node:buffer";
import {
  type HandshakeFragment,
  type HandshakeMessage,
  HandshakeOrder,
} from "./handshake_order.ts";
import type { WeriftDtls, WeriftIce } from "./werift_shapes.ts";

/** What werift's DTLS socket has besides, while it connects. */
export interface WeriftDtlsSocket extends WeriftDtls {
  readonly dtls: WeriftDtls["dtls"] & { flight: number };
  transport: {
    send(data: Buffer, to?: unknown): Promise<void>;
    readonly socket: { onData: (data: Buffer) => void };
  };
  udpOnMessage(data: Buffer): void;
  handleFragmentHandshake(fragments: HandshakeFragment[]): HandshakeFragment[];
  onHandleHandshakes(messages: HandshakeFragment[]): Promise<void>;
  readonly onConnect: { once(listener: () => void): void };
  readonly onError: { execute(error: unknown): void };
}

const CONTENT = { changeCipherSpec: 20, applicationData: 23 } as const;
const MESSAGE = { clientHello: 1, serverHelloDone: 14, finished: 20 } as const;
const RECORD_HEADER_BYTES = 13;
/** Records of one flight go together in datagrams up to this size, bytes. */
const MAX_DATAGRAM_BYTES = 1200;
/** Records that wait for the keys, or for the handshake's end. */
const MAX_HELD = 64;
/** First wait for an answer, in round trips, and its bounds, milliseconds. */
const TIMEOUT_ROUND_TRIPS = 3;
const MIN_TIMEOUT_MS = 100;
const INITIAL_TIMEOUT_MS = 250;
const MAX_TIMEOUT_MS = 1500;
/** A flight isn't sent again sooner, whatever asks for it, milliseconds. */
const MIN_RESEND_MS = 50;

/**
 * Brings the DTLS handshake of one connection through loss, reordering and
 * duplication (RFC 6347 section 4.2), which werift's own doesn't survive: it
 * handles messages as they come, so that one that is missing changes the keys, and
 * one that comes twice may end the connection.
 *
 * Messages are handed on in order and once; what is encrypted waits for the keys;
 * a flight's records share datagrams, and are sent again after a few round trips.
 */
export class DtlsHandshake {
  readonly #socket: WeriftDtlsSocket;
  readonly #ice: WeriftIce;
  readonly #sendDatagram: (data: Buffer) => Promise<void>;
  readonly #readRecords: (data: Buffer) => void;
  readonly #order = new HandshakeOrder();
  readonly #due: HandshakeFragment[] = [];
  #isHandling = false;
  #held: Buffer[] = [];
  /** Records of our last flight, and those of it that wait to be sent. */
  #flight: Buffer[] = [];
  #unsent: Buffer[] = [];
  #answered = true;
  #sentAt = -Infinity;
  #timeoutMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Takes over the handshake of a socket that has sent nothing. */
  constructor(socket: WeriftDtlsSocket, ice: WeriftIce) {
    this.#socket = socket;
    this.#ice = ice;
    const { transport } = socket;
    this.#sendDatagram = transport.send;
    this.#readRecords = socket.udpOnMessage;
    transport.send = (record) => this.#send(record);
    transport.socket.onData = (datagram) => this.#receive(datagram);
    socket.handleFragmentHandshake = (fragments) => {
      for (const fragment of fragments) this.#take(fragment);
      return [];
    };
    socket.onConnect.once(() => {
      clearTimeout(this.#timer);
      queueMicrotask(() => this.#replay());
    });
  }

  /** Stops the timer. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#flight = [];
    this.#held = [];
  }

  /** Splits a datagram into records, and holds those that come too early. */
  #receive(datagram: Buffer): void {
    for (let at = 0; at + RECORD_HEADER_BYTES <= datagram.length;) {
      const end = at + RECORD_HEADER_BYTES + datagram.readUInt16BE(at + 11);
      if (end > datagram.length) return;
      const record = datagram.subarray(at, end);
      if (!this.#isEarly(record)) this.#readRecords(record);
      else if (this.#held.length < MAX_HELD) this.#held.push(record);
      at = end;
    }
  }

  #isEarly(record: Buffer): boolean {
    const isEncrypted = record.readUInt16BE(3) > 0;
    const { cipher, connected } = this.#socket;
    if (isEncrypted && cipher.cipher === undefined) return true;
    return record[0] === CONTENT.applicationData && !connected;
  }

  #replay(): void {
    const held = this.#held;
    this.#held = [];
    for (const record of held) this.#receive(record);
  }

  #take(fragment: HandshakeFragment): void {
    const due = this.#order.add(fragment);
    if (due === "stale") return this.#takeStale(fragment);
    if (due.length === 0) return;
    // The peer has what we sent last, or else it had nothing new to say.
    this.#answered = true;
    clearTimeout(this.#timer);
    this.#due.push(...due.map((message) => asWhole(message, fragment)));
    void this.#handle();
  }

  /** A message that the peer sends again, for it misses our answer. */
  #takeStale({ msg_type, message_seq }: HandshakeFragment): void {
    const { flight } = this.#socket.dtls;
    if (msg_type === MESSAGE.clientHello) {
      // The first one is answered anew until there is a second.
      if (message_seq + 1 === this.#order.next) this.#resend();
    } else if (
      msg_type === MESSAGE.serverHelloDone || msg_type === MESSAGE.finished
    ) {
      if (flight >= 5) this.#resend();
    }
  }

  /** Hands messages on, one after the other. */
  async #handle(): Promise<void> {
    if (this.#isHandling) return;
    this.#isHandling = true;
    let message;
    while ((message = this.#due.shift()) !== undefined) {
      this.#socket.onHandleHandshakes([message])
        .catch((error) => this.#socket.onError.execute(error));
      // It goes on in microtasks; all of it would wait for the next flight.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#socket.cipher.cipher !== undefined) this.#replay();
    }
    this.#isHandling = false;
  }

  #send(record: Buffer): Promise<void> {
    if (record[0] === CONTENT.applicationData) {
      return this.#sendDatagram(record);
    }
    // werift's own timer, or its answer to a message that came again.
    if (this.#flight.includes(record)) this.#resend();
    else {
      if (this.#answered) {
        this.#flight = [];
        this.#timeoutMs = this.#firstTimeout();
        this.#answered = false;
      }
      this.#flight.push(record);
      this.#unsent.push(record);
      if (this.#unsent.length === 1) queueMicrotask(() => this.#sendFlight());
    }
    return Promise.resolve();
  }

  #firstTimeout(): number {
    const rtt = this.#ice.nominated?.rtt;
    if (!rtt) return INITIAL_TIMEOUT_MS;
    return Math.max(MIN_TIMEOUT_MS, TIMEOUT_ROUND_TRIPS * rtt * 1000);
  }

  #resend(): void {
    if (performance.now() - this.#sentAt < MIN_RESEND_MS) return;
    this.#unsent = [...this.#flight];
    this.#sendFlight();
  }

  /** Sends what waits, several records a datagram (section 4.1.1). */
  #sendFlight(): void {
    const records = this.#unsent;
    this.#unsent = [];
    if (records.length === 0) return;
    this.#sentAt = performance.now();
    let datagram: Buffer[] = [];
    let bytes = 0;
    for (const record of records) {
      if (bytes > 0 && bytes + record.length > MAX_DATAGRAM_BYTES) {
        this.#put(datagram);
        datagram = [];
        bytes = 0;
      }
      datagram.push(record);
      bytes += record.length;
    }
    this.#put(datagram);
    clearTimeout(this.#timer);
    if (this.#socket.connected || this.#answered) return;
    this.#timer = setTimeout(() => {
      this.#timeoutMs = Math.min(2 * this.#timeoutMs, MAX_TIMEOUT_MS);
      this.#resend();
    }, this.#timeoutMs);
  }

  #put(records: Buffer[]): void {
    this.#sendDatagram(Buffer.concat(records)).catch(() => {
      // The timer sends it again.
    });
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
