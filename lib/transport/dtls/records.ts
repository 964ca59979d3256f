import { Buffer } from "node:buffer";
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
} from "node:crypto";
import type { WeriftDtls } from "../werift/shapes.ts";

/** Bytes of a record's header (RFC 6347 section 4.1). */
const HEADER_BYTES = 13;
/** Bytes of the explicit nonce, and of the tag (RFC 5288 section 3). */
const NONCE_BYTES = 8;
const TAG_BYTES = 16;
/** Bytes that a record adds to what it carries. */
export const RECORD_OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;
/** Most bytes of content in one record. */
export const MAX_RECORD_CONTENT_BYTES = 1 << 14;

const APPLICATION_DATA = 23;
/** Content type, and the version of DTLS 1.2. */
const RECORD_START = [APPLICATION_DATA, 254, 253];

/**
 * Seals and opens the application data records of a DTLS 1.2 connection with
 * AES-GCM (RFC 5288), for which werift has made the keys. It does what werift's own
 * record layer does, with fewer objects a record; record numbers are taken from
 * werift's, so that both may send.
 */
export class DtlsRecords {
  readonly #dtls: WeriftDtls;
  readonly #algorithm: CipherGCMTypes;
  readonly #writeKey: Uint8Array;
  readonly #readKey: Uint8Array;
  readonly #writeNonce: Uint8Array;
  readonly #readNonce: Uint8Array;
  readonly #aad = new Uint8Array(HEADER_BYTES);

  private constructor(
    dtls: WeriftDtls,
    cipher: NonNullable<WeriftDtls["cipher"]["cipher"]>,
  ) {
    this.#dtls = dtls;
    this.#algorithm = cipher.blockAlgorithm as CipherGCMTypes;
    const isClient = dtls.sessionType === 1;
    const { clientWriteKey, serverWriteKey, clientNonce, serverNonce } = cipher;
    this.#writeKey = isClient ? clientWriteKey : serverWriteKey;
    this.#readKey = isClient ? serverWriteKey : clientWriteKey;
    this.#writeNonce = nonceOf(isClient ? clientNonce : serverNonce);
    this.#readNonce = nonceOf(isClient ? serverNonce : clientNonce);
  }

  /**
   * Makes it for a connection that is up.
   *
   * @returns `undefined` where it isn't, or its cipher is not AES-GCM.
   */
  static of(dtls: WeriftDtls | undefined): DtlsRecords | undefined {
    if (dtls === undefined || !dtls.connected) return undefined;
    const { cipher } = dtls.cipher;
    if (cipher === undefined || !/^aes-\d+-gcm$/.test(cipher.blockAlgorithm)) {
      return undefined;
    }
    return new DtlsRecords(dtls, cipher);
  }

  /** Whether it still has the keys of `dtls`, which may connect anew. */
  isOf(dtls: WeriftDtls | undefined): boolean {
    return dtls === this.#dtls;
  }

  /** Makes a record of `content`, at most 2^14 bytes. */
  seal(content: Uint8Array): Uint8Array<ArrayBuffer> {
    const { length } = content;
    const context = this.#dtls.dtls;
    const number = ++context.recordSequenceNumber;
    const record = Buffer.allocUnsafeSlow(RECORD_OVERHEAD_BYTES + length);
    record.set(RECORD_START);
    record.writeUInt16BE(context.epoch, 3);
    record.writeUIntBE(number, 5, 6);
    record.writeUInt16BE(NONCE_BYTES + length + TAG_BYTES, 11);
    // The explicit nonce is the epoch and the number (RFC 5288 section 3).
    record.copyWithin(HEADER_BYTES, 3, 11);
    const nonce = this.#writeNonce;
    nonce.set(record.subarray(3, 11), 4);
    const cipher = createCipheriv(this.#algorithm, this.#writeKey, nonce);
    cipher.setAAD(this.#additionalData(record, 0, length));
    record.set(cipher.update(content), HEADER_BYTES + NONCE_BYTES);
    cipher.final();
    record.set(cipher.getAuthTag(), HEADER_BYTES + NONCE_BYTES + length);
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
      const length = datagram[at + 11] << 8 | datagram[at + 12];
      const end = at + HEADER_BYTES + length;
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
    nonce.set(datagram.subarray(at + HEADER_BYTES, start), 4);
    const cipher = createDecipheriv(this.#algorithm, this.#readKey, nonce);
    cipher.setAuthTag(datagram.subarray(end - TAG_BYTES, end));
    cipher.setAAD(this.#additionalData(datagram, at, length));
    const content = cipher.update(datagram.subarray(start, end - TAG_BYTES));
    try {
      cipher.final();
      return content;
    } catch {
      return undefined;
    }
  }

  /** Epoch, number, type, version and length (RFC 5246 section 6.2.3.3). */
  #additionalData(record: Uint8Array, at: number, length: number): Uint8Array {
    const aad = this.#aad;
    for (let i = 0; i < 8; i++) aad[i] = record[at + 3 + i];
    for (let i = 0; i < 3; i++) aad[8 + i] = record[at + i];
    aad[11] = length >> 8;
    aad[12] = length;
    return aad;
  }
}

/** Whether all records of a datagram are application data of an epoch with keys. */
function isApplicationData(datagram: Uint8Array): boolean {
  if (datagram.length < RECORD_OVERHEAD_BYTES) return false;
  for (let at = 0; at < datagram.length;) {
    if (datagram[at] !== APPLICATION_DATA) return false;
    if ((datagram[at + 3] | datagram[at + 4]) === 0) return false;
    at += HEADER_BYTES + (datagram[at + 11] << 8 | datagram[at + 12]);
  }
  return true;
}

/** A nonce of its own with the implicit part of werift's. */
function nonceOf(implicit: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(4 + NONCE_BYTES);
  nonce.set(implicit.subarray(0, 4));
  return nonce;
}
