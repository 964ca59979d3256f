import { Buffer } from "node:buffer";
import type { DtlsSocket, SessionKeys } from "../werift/dtls_socket.ts";
import { createAead, TAG_BYTES } from "./aead.ts";
import {
  CONTENT,
  DTLS_1_2,
  RECORD_FIELD,
  RECORD_HEADER_BYTES as HEADER_BYTES,
  RECORD_NUMBER_BYTES,
} from "./protocol.ts";

/** Bytes of a nonce's two parts (RFC 5288 section 3). */
const IMPLICIT_NONCE_BYTES = 4;
const NONCE_BYTES = 8;
/** Bytes that a record adds to what it carries. */
export const RECORD_OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;
/** Most bytes of content in one record. */
export const MAX_RECORD_CONTENT_BYTES = 1 << 14;

/** What all connections of this thread are encrypted by. */
const AEAD = createAead();

/** What the records of a connection are sealed and opened with. */
export type RecordSocket = Pick<DtlsSocket, "keys" | "epoch" | "recordNumber">;

/**
 * Seals records of a DTLS 1.2 connection, and opens those of application data,
 * with AES-GCM (RFC 5288), for which werift has made the keys. It does what
 * werift's own record layer does, with fewer objects a record; record numbers
 * are taken from werift's, so that both may send.
 */
export class DtlsRecords {
  readonly #socket: RecordSocket;
  readonly #writeKey: Uint8Array;
  readonly #readKey: Uint8Array;
  readonly #writeNonce: Uint8Array;
  readonly #readNonce: Uint8Array;
  readonly #aad = new Uint8Array(HEADER_BYTES);

  private constructor(socket: RecordSocket, keys: SessionKeys) {
    this.#socket = socket;
    this.#writeKey = keys.writeKey;
    this.#readKey = keys.readKey;
    this.#writeNonce = nonceOf(keys.writeNonce);
    this.#readNonce = nonceOf(keys.readNonce);
  }

  /**
   * Makes it for a connection that is up.
   *
   * @returns `undefined` where it isn't, or its cipher is not AES-GCM.
   */
  static of(socket: RecordSocket | undefined): DtlsRecords | undefined {
    const keys = socket?.keys;
    if (keys === undefined || !/^aes-(128|256)-gcm$/.test(keys.algorithm)) {
      return undefined;
    }
    return new DtlsRecords(socket!, keys);
  }

  /** Whether it still has the keys of a connection, which may be made anew. */
  isOf(socket: RecordSocket | undefined): boolean {
    return socket === this.#socket;
  }

  /** Makes a record of `content`, at most 2^14 bytes. */
  seal(
    content: Uint8Array,
    type: number = CONTENT.applicationData,
  ): Uint8Array<ArrayBuffer> {
    const { length } = content;
    const socket = this.#socket;
    const number = ++socket.recordNumber;
    const record = Buffer.allocUnsafeSlow(RECORD_OVERHEAD_BYTES + length);
    record[0] = type;
    [record[1], record[2]] = DTLS_1_2;
    record.writeUInt16BE(socket.epoch, RECORD_FIELD.epoch);
    record.writeUIntBE(number, RECORD_FIELD.number, RECORD_NUMBER_BYTES);
    record.writeUInt16BE(NONCE_BYTES + length + TAG_BYTES, RECORD_FIELD.length);
    // The explicit nonce is the epoch and the number (RFC 5288 section 3).
    record.copyWithin(HEADER_BYTES, RECORD_FIELD.epoch, RECORD_FIELD.length);
    const nonce = this.#writeNonce;
    nonce.set(
      record.subarray(RECORD_FIELD.epoch, RECORD_FIELD.length),
      IMPLICIT_NONCE_BYTES,
    );
    const aad = this.#additionalData(record, 0, length);
    const sealed = record.subarray(HEADER_BYTES + NONCE_BYTES);
    AEAD.seal({ key: this.#writeKey, nonce, aad }, content, sealed);
    return record;
  }

  /**
   * Opens the records of a datagram, which may be overwritten afterwards.
   *
   * @returns whether it was made of application data alone. Where not, nothing
   * was opened; a record that was tampered with is passed over.
   */
  open(
    datagram: Uint8Array,
    onContent: (content: Buffer) => void,
  ): boolean {
    if (!isApplicationData(datagram)) return false;
    let at = 0;
    while (at + RECORD_OVERHEAD_BYTES <= datagram.length) {
      const end = at + HEADER_BYTES + lengthOf(datagram, at);
      if (end > datagram.length) break;
      const content = this.#decipher(datagram, at, end);
      if (content !== undefined) onContent(content);
      at = end;
    }
    return true;
  }

  #decipher(
    datagram: Uint8Array,
    at: number,
    end: number,
  ): Buffer | undefined {
    const start = at + HEADER_BYTES + NONCE_BYTES;
    const length = end - TAG_BYTES - start;
    if (length < 0) return undefined;
    const nonce = this.#readNonce;
    nonce.set(
      datagram.subarray(at + HEADER_BYTES, start),
      IMPLICIT_NONCE_BYTES,
    );
    const aad = this.#additionalData(datagram, at, length);
    const sealed = datagram.subarray(start, end);
    return AEAD.open({ key: this.#readKey, nonce, aad }, sealed);
  }

  /** Epoch, number, type, version and length (RFC 5246 section 6.2.3.3). */
  #additionalData(record: Uint8Array, at: number, length: number): Uint8Array {
    const aad = this.#aad;
    const number = at + RECORD_FIELD.epoch;
    for (let i = 0; i < 8; i++) aad[i] = record[number + i];
    for (let i = 0; i < 3; i++) aad[8 + i] = record[at + i];
    aad[11] = length >> 8;
    aad[12] = length;
    return aad;
  }
}

/**
 * Whether all records of a datagram are application data of an epoch with keys.
 */
function isApplicationData(datagram: Uint8Array): boolean {
  if (datagram.length < RECORD_OVERHEAD_BYTES) return false;
  for (let at = 0; at < datagram.length;) {
    if (datagram[at] !== CONTENT.applicationData) return false;
    const epoch = at + RECORD_FIELD.epoch;
    if ((datagram[epoch] | datagram[epoch + 1]) === 0) return false;
    at += HEADER_BYTES + lengthOf(datagram, at);
  }
  return true;
}

/** Bytes that follow the header of the record at `at`. */
function lengthOf(datagram: Uint8Array, at: number): number {
  const length = at + RECORD_FIELD.length;
  return datagram[length] << 8 | datagram[length + 1];
}

/** A nonce of its own with the implicit part of werift's. */
function nonceOf(implicit: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(IMPLICIT_NONCE_BYTES + NONCE_BYTES);
  nonce.set(implicit.subarray(0, IMPLICIT_NONCE_BYTES));
  return nonce;
}
