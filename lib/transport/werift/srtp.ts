import { Buffer } from "node:buffer";
import type { IceAgent } from "./ice.ts";
import { demandShape, type Shape } from "./shape.ts";
import { admit, countRollover, type SrtpState } from "./srtp_index.ts";

/** What of werift's RTCDtlsTransport has to do with media. */
interface RawMedia {
  readonly state: string;
  srtpStarted: boolean;
  srtp?: {
    encrypt(payload: Buffer, header: RawHeader): Buffer;
    decrypt(datagram: Buffer): Buffer;
    localContext: RawContext;
    remoteContext: RawContext;
  };
  srtcp?: {
    encrypt(packet: Buffer): Buffer;
    decrypt(datagram: Buffer): Buffer;
  };
  startSrtp(): void;
  updateSrtpSession(): void;
  sendRtp(...args: unknown[]): Promise<number>;
  sendRtcp(...args: unknown[]): Promise<void>;
}

/** Counts the packets of each SSRC; a copy of the state where one came. */
interface RawContext {
  updateRolloverCount(sequenceNumber: number, state: SrtpState): void;
}

/** What werift's ciphers take of a header. */
interface RawHeader {
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly serializeSize: number;
  serialize(size: number): Buffer;
}

const MEDIA: Shape = {
  srtpStarted: "boolean",
  srtp: "undefined",
  srtcp: "undefined",
  startSrtp: "function",
  updateSrtpSession: "function",
  sendRtp: "function",
  sendRtcp: "function",
};

const SESSION: Shape = {
  "localContext.updateRolloverCount": "function",
  "remoteContext.updateRolloverCount": "function",
};

/** SSRCs of one peer that there is state of. */
const MAX_SSRCS = 64;

/** What takes RTP and RTCP packets, decrypted. */
export interface MediaPackets {
  rtp(packet: Uint8Array): void;
  rtcp(compound: Uint8Array): void;
}

/**
 * SRTP and SRTCP (RFC 3711, RFC 7714) of a DTLS transport, with werift's keys
 * and ciphers. werift itself is given no packet, and sends none.
 */
export class SrtpTransport {
  readonly #raw: RawMedia;
  readonly #ice: IceAgent;
  #packets: MediaPackets | undefined;
  /** Those of which authentic packets came. */
  readonly #ssrcs = new Set<number>();

  /** @throws {ConnectionError} where werift isn't as known. */
  constructor(raw: object, ice: IceAgent) {
    demandShape("DTLS transport", raw, MEDIA);
    this.#raw = raw as RawMedia;
    this.#ice = ice;
    this.#raw.startSrtp = () => this.#start();
    this.#raw.sendRtp = () => Promise.resolve(0);
    this.#raw.sendRtcp = () => Promise.resolve();
  }

  /** Has `packets` take what comes from now on. */
  receiveWith(packets: MediaPackets): void {
    this.#packets = packets;
  }

  /** Whether there are keys, and the transport is up. */
  get isReady(): boolean {
    return this.#raw.srtp !== undefined && this.#raw.state === "connected";
  }

  /**
   * Encrypts an RTP packet.
   *
   * @param header the packet's header, with extensions.
   */
  protect(
    header: Uint8Array,
    payload: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined {
    const view = new DataView(header.buffer, header.byteOffset);
    const bytes = bufferOf(header);
    return this.#raw.srtp?.encrypt(bufferOf(payload), {
      ssrc: view.getUint32(8),
      sequenceNumber: view.getUint16(2),
      serializeSize: header.length,
      serialize: () => bytes,
    }) as Buffer<ArrayBuffer> | undefined;
  }

  /** Sends a datagram that `protect` made; what can't be sent is lost. */
  send(datagram: Uint8Array): void {
    if (!this.isReady || !this.#ice.hasConsent) return;
    // The agent rejects where it is closed.
    this.#ice.send(datagram).catch(() => {});
  }

  /** Encrypts a compound RTCP packet and sends it. */
  sendRtcp(compound: Uint8Array): void {
    const { srtcp } = this.#raw;
    if (srtcp !== undefined) this.send(srtcp.encrypt(bufferOf(compound)));
  }

  #start(): void {
    const raw = this.#raw;
    if (raw.srtpStarted) return;
    raw.srtpStarted = true;
    raw.updateSrtpSession();
    demandShape("SRTP session", raw.srtp, SESSION);
    raw.srtp!.localContext.updateRolloverCount = countRollover;
    raw.srtp!.remoteContext.updateRolloverCount = admit;
    this.#ice.onDatagram((datagram) => this.#receive(datagram));
  }

  #receive(datagram: Buffer): void {
    // RFC 7983 section 7, RFC 5761 section 4.
    if (datagram.length < 12 || datagram[0] < 128 || datagram[0] > 191) return;
    const isRtcp = datagram[1] >= 192 && datagram[1] <= 223;
    const { srtp, srtcp } = this.#raw;
    const ssrc = datagram.readUInt32BE(8);
    if (!isRtcp && !this.#ssrcs.has(ssrc) && this.#ssrcs.size >= MAX_SSRCS) {
      return;
    }
    let packet: Buffer | undefined;
    try {
      packet = (isRtcp ? srtcp : srtp)?.decrypt(datagram);
    } catch {
      // Tampered with, sent twice by somebody else, or cut off.
      return;
    }
    if (packet === undefined) return;
    if (isRtcp) return this.#packets?.rtcp(packet);
    this.#ssrcs.add(ssrc);
    this.#packets?.rtp(packet);
  }
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, length);
}
