import { Buffer } from "node:buffer";
import {
  createHash,
  createHmac,
  type KeyObject,
  timingSafeEqual,
  verify,
  X509Certificate,
} from "node:crypto";
import { ConnectionError } from "../errors.ts";
import { FINGERPRINT_HASHES } from "../sdp/fingerprint.ts";
import { DtlsRole, type DtlsSocket } from "../werift/dtls_socket.ts";
import type { Fingerprint } from "../werift/dtls_transport.ts";
import type { HandshakeMessage } from "./message_order.ts";
import { MESSAGE } from "./protocol.ts";

/** What is known of a handshake while it goes on. */
export type HandshakeState = Pick<
  DtlsSocket,
  "role" | "localRandom" | "remoteRandom" | "masterSecret" | "transcript"
>;

/**
 * What may come after what, from a server and from a client; 0 is the start.
 */
const AFTER: Record<"server" | "client", Record<number, number[]>> = {
  server: {
    0: [MESSAGE.helloVerifyRequest, MESSAGE.serverHello],
    [MESSAGE.helloVerifyRequest]: [MESSAGE.serverHello],
    [MESSAGE.serverHello]: [MESSAGE.certificate],
    [MESSAGE.certificate]: [MESSAGE.serverKeyExchange],
    [MESSAGE.serverKeyExchange]: [
      MESSAGE.certificateRequest,
      MESSAGE.serverHelloDone,
    ],
    [MESSAGE.certificateRequest]: [MESSAGE.serverHelloDone],
    [MESSAGE.serverHelloDone]: [MESSAGE.finished],
  },
  client: {
    0: [MESSAGE.clientHello],
    [MESSAGE.clientHello]: [MESSAGE.clientHello, MESSAGE.certificate],
    // RFC 8827 section 6.5: both sides have a certificate, and prove it.
    [MESSAGE.certificate]: [MESSAGE.clientKeyExchange],
    [MESSAGE.clientKeyExchange]: [MESSAGE.certificateVerify],
    [MESSAGE.certificateVerify]: [MESSAGE.finished],
  },
};

/**
 * Hash functions of signatures by their number (RFC 5246 section 7.4.1.4.1).
 */
const SIGNATURE_HASHES: Record<number, string> = {
  4: "sha256",
  5: "sha384",
  6: "sha512",
};
/** Kinds of keys by the number of their signature algorithm. */
const SIGNATURE_KEYS: Record<number, string> = { 1: "rsa", 3: "ec" };
/** The cipher suites that werift offers: ECDHE with AES-128-GCM and SHA-256. */
const CIPHER_SUITES = [0xc02b, 0xc02f];
/** Bytes of a hello's version and random. */
const HELLO_START_BYTES = 2 + 32;
/** Bytes of a Finished message (RFC 5246 section 7.4.9). */
const VERIFY_DATA_BYTES = 12;

/**
 * Holds what the peer says in a DTLS 1.2 handshake against what makes it the
 * peer that signaling named. werift 0.25.2 does less: it compares the
 * certificate with the fingerprint, but never checks that the peer has the
 * certificate's key, nor that both sides saw the same handshake.
 *
 * - Messages come in their order, and none is left out (RFC 5246 section 7.3).
 * - The certificate is the one of the SDP's `a=fingerprint` (RFC 8122 section
 *   5).
 * - Its key signed the server's key share (ServerKeyExchange, RFC 8422 section
 *   5.4) or the client's handshake (CertificateVerify, RFC 5246 section 7.4.8).
 * - Finished is the digest of the handshake under the new secret (section
 *   7.4.9).
 */
export class HandshakeVerifier {
  readonly #state: HandshakeState;
  readonly #fingerprints: readonly Fingerprint[];
  readonly #from: "server" | "client";
  #last = 0;
  #key: KeyObject | undefined;

  /** @param fingerprints those of the peer's SDP. */
  constructor(
    state: HandshakeState,
    fingerprints: readonly Fingerprint[],
  ) {
    this.#state = state;
    this.#fingerprints = fingerprints;
    this.#from = state.role === DtlsRole.client ? "server" : "client";
  }

  /**
   * Checks the peer's next message. Call before werift handles it, and after it
   * handled those before.
   *
   * @throws {ConnectionError} `failed`, naming what is wrong.
   */
  check({ type, body }: HandshakeMessage): void {
    if (!AFTER[this.#from][this.#last]?.includes(type)) {
      throw failure(`its message ${type} came after ${this.#last}`);
    }
    this.#last = type;
    try {
      this.#checkContent(type, Buffer.from(body));
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      throw failure(`its message ${type} can't be read`, error);
    }
  }

  #checkContent(type: number, body: Buffer): void {
    switch (type) {
      case MESSAGE.serverHello:
        return checkServerHello(body);
      case MESSAGE.certificate:
        return this.#checkCertificate(body);
      case MESSAGE.serverKeyExchange:
        return this.#checkKeyExchange(body);
      case MESSAGE.certificateVerify:
        return this.#checkSignature(body, this.#state.transcript, "handshake");
      case MESSAGE.finished:
        return this.#checkFinished(body);
    }
  }

  #checkCertificate(body: Buffer): void {
    // The first is the peer's own (RFC 5246 section 7.4.2).
    const length = body.readUIntBE(0, 3) > 0 ? body.readUIntBE(3, 3) : 0;
    if (length === 0) throw failure("it has no certificate");
    const certificate = body.subarray(6, 6 + length);
    if (certificate.length < length) {
      throw failure("its certificate is cut off");
    }
    if (!matchesFingerprint(certificate, this.#fingerprints)) {
      throw failure("its certificate is not the one of its a=fingerprint");
    }
    this.#key = new X509Certificate(certificate).publicKey;
  }

  #checkKeyExchange(body: Buffer): void {
    // Curve type, curve, length of the public key, and the key.
    const end = 4 + body.readUInt8(3);
    const { localRandom, remoteRandom } = this.#state;
    const signed = Buffer.concat([
      localRandom!,
      remoteRandom!,
      body.subarray(0, end),
    ]);
    this.#checkSignature(body.subarray(end), signed, "key share");
  }

  /** @param signature hash, algorithm, length and the signature itself. */
  #checkSignature(signature: Buffer, signed: Uint8Array, what: string): void {
    const hash = SIGNATURE_HASHES[signature.readUInt8(0)];
    const kind = SIGNATURE_KEYS[signature.readUInt8(1)];
    const end = 4 + signature.readUInt16BE(2);
    const isVerified = hash !== undefined && end === signature.length &&
      this.#key!.asymmetricKeyType === kind &&
      verify(hash, signed, this.#key!, signature.subarray(4));
    if (isVerified) return;
    throw failure(`its ${what} is not signed with its certificate's key`);
  }

  #checkFinished(body: Buffer): void {
    const { masterSecret, transcript } = this.#state;
    const label = `${this.#from} finished`;
    const expected = verifyData(masterSecret!, label, transcript);
    if (body.length === expected.length && timingSafeEqual(body, expected)) {
      return;
    }
    throw failure("its Finished is not that of this handshake");
  }
}

/**
 * Whether a certificate is one of those that fingerprints name: the strongest
 * hash function that is known decides (RFC 8122 section 5).
 *
 * @param certificate in DER.
 */
export function matchesFingerprint(
  certificate: Uint8Array,
  fingerprints: readonly Fingerprint[],
): boolean {
  const named = fingerprints.map(({ algorithm, value }) => ({
    algorithm: algorithm.trim().toLowerCase(),
    value: value.trim().toLowerCase(),
  }));
  const strongest = FINGERPRINT_HASHES.find((hash) =>
    named.some(({ algorithm }) => algorithm === hash)
  );
  if (strongest === undefined) return false;
  const digest = createHash(strongest.replace("-", "")).update(certificate)
    .digest("hex").replace(/..(?=.)/g, "$&:");
  return named.some(({ algorithm, value }) =>
    algorithm === strongest && value === digest
  );
}

/** Bytes of a Finished message: P_SHA256 (RFC 5246 sections 5 and 7.4.9). */
function verifyData(
  secret: Uint8Array,
  label: string,
  transcript: Uint8Array,
): Buffer {
  const hash = createHash("sha256").update(transcript).digest();
  const seed = Buffer.concat([Buffer.from(label), hash]);
  const hmac = (data: Buffer) =>
    createHmac("sha256", secret).update(data).digest();
  return hmac(Buffer.concat([hmac(seed), seed])).subarray(0, VERIFY_DATA_BYTES);
}

function checkServerHello(body: Buffer): void {
  const sessionBytes = body.readUInt8(HELLO_START_BYTES);
  const suite = body.readUInt16BE(HELLO_START_BYTES + 1 + sessionBytes);
  if (CIPHER_SUITES.includes(suite)) return;
  throw failure(`it chose cipher suite ${suite}, which wasn't offered`);
}

function failure(why: string, cause?: unknown): ConnectionError {
  return new ConnectionError(
    "failed",
    `The connection failed, as the other side's DTLS handshake is refused: ${why}`,
    { cause },
  );
}
