/**
 * The numbers of DTLS 1.2 (RFC 6347) and of the TLS 1.2 below it (RFC 5246).
 */

/** Types of records (RFC 5246 section 6.2.1). */
export const CONTENT = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** The version in a record's header. */
export const DTLS_1_2 = [254, 253] as const;

/** Bytes of a record's header (RFC 6347 section 4.1). */
export const RECORD_HEADER_BYTES = 13;

/** Where in the header its fields begin. */
export const RECORD_FIELD = {
  epoch: 3,
  /** 48 bits. */
  number: 5,
  length: 11,
} as const;
/** Bytes of a record's number. */
export const RECORD_NUMBER_BYTES = 6;

/**
 * Types of handshake messages (RFC 5246 section 7.4, RFC 6347 section 4.3.2).
 */
export const MESSAGE = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** Of alerts: the levels, and the description that ends a connection. */
export const ALERT = { warning: 1, fatal: 2, closeNotify: 0 } as const;

/** Whether a datagram is DTLS and not STUN or RTP (RFC 7983 section 7). */
export function isDtls([first]: Uint8Array): boolean {
  return first >= 20 && first < 64;
}
