import type { Buffer } from "node:buffer";
import type { Fragments } from "../ice/fragments.ts";
import { UdpSocket } from "../ice/udp_socket.ts";
import type { DtlsTransport } from "../werift/dtls_transport.ts";
import { DtlsRecords } from "./records.ts";

/** How a record is sent. */
export interface RecordOptions {
  /** Type of its content. @default {application data} */
  type?: number;
  /** Whether its datagram may be cut on its way. @default {"usual"} */
  fragments?: Fragments;
}

/**
 * Sends and receives the application data of a DTLS transport past werift:
 * between our records and our sockets, where its keys and sockets are such.
 */
export class RecordLink {
  readonly #transport: DtlsTransport;
  readonly #onError: (error: unknown) => void;
  #records: DtlsRecords | undefined;

  /** @param onError called where werift's socket can't send. */
  constructor(transport: DtlsTransport, onError: (error: unknown) => void) {
    this.#transport = transport;
    this.#onError = onError;
  }

  /** Whether what it sends can be kept from being cut on its way. */
  get canForbidFragments(): boolean {
    const { socket } = this.#transport.ice;
    return socket instanceof UdpSocket && socket.canForbidFragments;
  }

  /**
   * Opens the records of a datagram, which may be overwritten afterwards.
   *
   * @returns whether it was application data, and so was taken.
   */
  open(datagram: Uint8Array, onContent: (content: Buffer) => void): boolean {
    const records = this.#currentRecords();
    if (records === undefined || !records.open(datagram, onContent)) {
      return false;
    }
    this.#transport.ice.countReceived(datagram.length);
    return true;
  }

  /**
   * Sends content, whose bytes may be used again afterwards. What goes out
   * while the peer doesn't consent is lost.
   *
   * @returns whether it could: not before there are keys of AES-GCM.
   */
  send(
    content: Uint8Array,
    { type, fragments }: RecordOptions = {},
  ): boolean {
    const records = this.#currentRecords();
    if (records === undefined) return false;
    const { ice } = this.#transport;
    if (!ice.hasConsent) return true;
    const record = records.seal(content, type);
    const { remoteAddress, socket } = ice;
    if (remoteAddress === undefined || !(socket instanceof UdpSocket)) {
      ice.send(record).catch(this.#onError);
      return true;
    }
    socket.sendTo(record, remoteAddress[0], remoteAddress[1], fragments);
    ice.countSent(record.length);
    return true;
  }

  /** Those of the connection that there is now. */
  #currentRecords(): DtlsRecords | undefined {
    const { socket } = this.#transport;
    if (this.#records?.isOf(socket) !== true) {
      this.#records = DtlsRecords.of(socket);
    }
    return this.#records;
  }
}
