import { Buffer } from "node:buffer";
import {
  DtlsRole,
  type DtlsSocket,
  type PlainRecord,
} from "../werift/dtls_socket.ts";
import type { IceAgent } from "../werift/ice.ts";
import {
  CONTENT,
  MESSAGE,
  RECORD_FIELD,
  RECORD_HEADER_BYTES,
  RECORD_NUMBER_BYTES,
} from "./protocol.ts";

/** Records of one flight go together in datagrams up to this size, bytes. */
const MAX_DATAGRAM_BYTES = 1200;
/** First wait for an answer, in round trips, and its bounds, milliseconds. */
const TIMEOUT_ROUND_TRIPS = 3;
const MIN_TIMEOUT_MS = 100;
const INITIAL_TIMEOUT_MS = 250;
const MAX_TIMEOUT_MS = 1500;
/** The peer doesn't make us send a flight again sooner, milliseconds. */
const MIN_RESEND_MS = 50;

/**
 * Sends the flights of one side's handshake: several records in a datagram (RFC
 * 6347 section 4.1.1), and again until they are answered (section 4.2.4), each
 * time as new records with numbers of their own (section 4.2.2): a peer that
 * refuses replays would take the same one for a copy.
 */
export class DtlsFlight {
  readonly #socket: DtlsSocket;
  readonly #ice: IceAgent;
  readonly #sendDatagram: (data: Buffer) => Promise<void>;
  /**
   * The last flight's records as werift made them; some may be in one buffer.
   */
  #records: Buffer[] = [];
  #unsent: Buffer[] = [];
  /** The Finished message's record before it was encrypted. */
  #finished: PlainRecord | undefined;
  #isAnswered = true;
  #sentAt = -Infinity;
  #timeoutMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  /** Takes over from a socket that has sent nothing. */
  constructor(socket: DtlsSocket, ice: IceAgent) {
    this.#socket = socket;
    this.#ice = ice;
    this.#sendDatagram = socket.interceptRecords((record) =>
      this.#send(record)
    );
    socket.onEncrypting(
      CONTENT.handshake,
      (finished) => this.#keepNumber(finished),
    );
  }

  /**
   * Call when the peer answers: what is sent from then on is another flight.
   */
  answered(): void {
    this.#isAnswered = true;
  }

  /** Sends the flight again, if that is what the peer waits for. */
  resend(): void {
    const age = performance.now() - this.#sentAt;
    if (!this.#isAnswered && age >= MIN_RESEND_MS) this.#sendAgain();
  }

  /** Sends nothing again from now on that isn't asked for. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * werift gives Finished the number after the first epoch's last, starts at 0
   * behind it, and would come to that number once more: one AES-GCM nonce for
   * two records (RFC 5288 section 3). The numbers go on from it instead.
   */
  #keepNumber(finished: PlainRecord): void {
    this.#finished = finished;
    this.#socket.recordNumber = finished.sequenceNumber;
  }

  #send(record: Buffer): Promise<void> {
    const [type] = record;
    if (type !== CONTENT.handshake && type !== CONTENT.changeCipherSpec) {
      return this.#sendDatagram(record);
    }
    // werift's own timer has nothing to add.
    if (this.#records.includes(record)) return Promise.resolve();
    if (this.#isAnswered) {
      this.#isAnswered = false;
      this.#records = [];
      this.#timeoutMs = this.#firstTimeout();
    }
    this.#records.push(record);
    this.#unsent.push(record);
    if (this.#unsent.length === 1) queueMicrotask(() => this.#sendFirst());
    return Promise.resolve();
  }

  #firstTimeout(): number {
    const { roundTripMs } = this.#ice;
    if (roundTripMs === undefined) return INITIAL_TIMEOUT_MS;
    const timeoutMs = TIMEOUT_ROUND_TRIPS * roundTripMs;
    return Math.min(Math.max(MIN_TIMEOUT_MS, timeoutMs), MAX_TIMEOUT_MS);
  }

  #sendFirst(): void {
    const records = this.#unsent;
    this.#unsent = [];
    this.#sendRecords(records);
  }

  #sendAgain(): void {
    this.#sendRecords(this.#records.map((record) => this.#renumbered(record)));
  }

  #sendRecords(records: Buffer[]): void {
    this.#sentAt = performance.now();
    for (const datagram of packed(records)) {
      this.#sendDatagram(datagram).catch(() => {
        // Lost, as any may be.
      });
    }
    clearTimeout(this.#timer);
    if (this.#isStopped || this.#isLast) return;
    this.#timer = setTimeout(() => {
      this.#timeoutMs = Math.min(2 * this.#timeoutMs, MAX_TIMEOUT_MS);
      this.#sendAgain();
    }, this.#timeoutMs);
  }

  /**
   * Whether it is sent again only where the peer asks for it (section 4.2.4).
   */
  get #isLast(): boolean {
    const [first] = this.#records;
    const isVerifyRequest = first[0] === CONTENT.handshake &&
      first[RECORD_HEADER_BYTES] === MESSAGE.helloVerifyRequest;
    const { role, epoch } = this.#socket;
    return isVerifyRequest || role === DtlsRole.server && epoch > 0;
  }

  /** Makes records of the same content with new numbers. */
  #renumbered(records: Buffer): Buffer {
    const socket = this.#socket;
    if (records.readUInt16BE(RECORD_FIELD.epoch) > 0) {
      return this.#finished!.seal(++socket.recordNumber);
    }
    const again = Buffer.from(records);
    for (let at = 0; at < again.length;) {
      again.writeUIntBE(
        ++socket.recordNumber,
        at + RECORD_FIELD.number,
        RECORD_NUMBER_BYTES,
      );
      at += RECORD_HEADER_BYTES +
        again.readUInt16BE(at + RECORD_FIELD.length);
    }
    return again;
  }
}

/** Puts records into as few datagrams as they fit, in their order. */
function packed(records: Buffer[]): Buffer[] {
  const datagrams: Buffer[][] = [];
  let room = 0;
  for (const record of records) {
    if (record.length > room) {
      datagrams.push([]);
      room = MAX_DATAGRAM_BYTES;
    }
    datagrams.at(-1)!.push(record);
    room -= record.length;
  }
  return datagrams.map((each) => Buffer.concat(each));
}
