/**
 * SCTP packets as they are on the wire (RFC 9260 section 3), big-endian: what
 * the data path writes and reads: DATA, SACK, and what probes the path's MTU.
 */
import { Buffer } from "node:buffer";
import { packetChecksum } from "./crc32c.ts";

/** Bytes of the common header: ports, verification tag, checksum. */
export const COMMON_HEADER_BYTES = 12;
/** Bytes of a DATA chunk before its user data. */
export const DATA_HEADER_BYTES = 16;
/** Bytes of a SACK chunk without gap blocks and duplicates. */
export const SACK_HEADER_BYTES = 16;

/** Bytes of a chunk's header, and of a parameter's. */
const HEADER_BYTES = 4;
/** Type and bytes of our Heartbeat Info parameter (section 3.3.5), a nonce. */
const HEARTBEAT_INFO = 1;
const NONCE_BYTES = 8;
/** Bytes of a HEARTBEAT chunk with a nonce alone. */
export const HEARTBEAT_BYTES = 2 * HEADER_BYTES + NONCE_BYTES;

/** Types of chunks (section 3.2; RFC 6525, RFC 4820 and RFC 3758). */
export const CHUNK = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  error: 9,
  reconfig: 130,
  pad: 132,
  forwardTsn: 192,
} as const;

/** Flags of a DATA chunk (RFC 9260 section 3.3.1, RFC 7053 for the I bit). */
export const DATA_FLAG = {
  ending: 1,
  beginning: 2,
  unordered: 4,
  immediate: 8,
} as const;

/** Where packets of an association go. */
export interface PacketAddress {
  sourcePort: number;
  destinationPort: number;
  verificationTag: number;
}

/** A DATA chunk to write. */
export interface DataChunk {
  flags: number;
  /** On the wire, uint32. */
  tsn: number;
  streamId: number;
  streamSequence: number;
  protocol: number;
  userData: Uint8Array;
}

/** A SACK chunk (RFC 9260 section 3.3.4). */
export interface SackChunk {
  /** On the wire, uint32. */
  cumulativeTsn: number;
  /** Advertised receiver window credit, bytes. */
  window: number;
  /** First and last of each block, offsets from the cumulative TSN. */
  gaps: [first: number, last: number][];
  /** TSNs that came again, on the wire. */
  duplicates: number[];
}

/** Writes packets into one buffer, which each packet overwrites. */
export class PacketWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #length = 0;

  /** @param maxBytes largest packet that is written. */
  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes of the packet so far. */
  get length(): number {
    return this.#length;
  }

  /** Starts a packet. */
  begin(address: PacketAddress): void {
    const view = this.#view;
    view.setUint16(0, address.sourcePort);
    view.setUint16(2, address.destinationPort);
    view.setUint32(4, address.verificationTag);
    view.setUint32(8, 0);
    this.#length = COMMON_HEADER_BYTES;
  }

  /** Adds a DATA chunk, padded to a multiple of four bytes. */
  data(chunk: DataChunk): void {
    const view = this.#view;
    const at = this.#length;
    const { userData } = chunk;
    const length = DATA_HEADER_BYTES + userData.length;
    view.setUint8(at, CHUNK.data);
    view.setUint8(at + 1, chunk.flags);
    view.setUint16(at + 2, length);
    view.setUint32(at + 4, chunk.tsn);
    view.setUint16(at + 8, chunk.streamId);
    view.setUint16(at + 10, chunk.streamSequence);
    view.setUint32(at + 12, chunk.protocol);
    this.#bytes.set(userData, at + DATA_HEADER_BYTES);
    const end = at + length;
    this.#length = paddedLength(end);
    this.#bytes.fill(0, end, this.#length);
  }

  /** Adds a SACK chunk. */
  sack(sack: SackChunk): void {
    const view = this.#view;
    const { gaps, duplicates } = sack;
    let at = this.#length;
    view.setUint8(at, CHUNK.sack);
    view.setUint8(at + 1, 0);
    view.setUint16(
      at + 2,
      SACK_HEADER_BYTES + 4 * (gaps.length + duplicates.length),
    );
    view.setUint32(at + 4, sack.cumulativeTsn);
    view.setUint32(at + 8, sack.window);
    view.setUint16(at + 12, gaps.length);
    view.setUint16(at + 14, duplicates.length);
    at += SACK_HEADER_BYTES;
    for (const [first, last] of gaps) {
      view.setUint16(at, first);
      view.setUint16(at + 2, last);
      at += 4;
    }
    for (const tsn of duplicates) {
      view.setUint32(at, tsn);
      at += 4;
    }
    this.#length = at;
  }

  /**
   * Adds a HEARTBEAT chunk, which is answered with what it says.
   *
   * @param filler bytes of it besides, a multiple of four.
   */
  heartbeat(nonce: bigint, filler = 0): void {
    const view = this.#view;
    const at = this.#length;
    const length = HEARTBEAT_BYTES + filler;
    this.#bytes.fill(0, at, at + length);
    view.setUint8(at, CHUNK.heartbeat);
    view.setUint16(at + 2, length);
    view.setUint16(at + 4, HEARTBEAT_INFO);
    view.setUint16(at + 6, length - HEADER_BYTES);
    view.setBigUint64(at + 2 * HEADER_BYTES, nonce);
    this.#length = at + length;
  }

  /** Adds a PAD chunk of so many bytes, a multiple of four (RFC 4820). */
  pad(length: number): void {
    const at = this.#length;
    this.#bytes.fill(0, at, at + length);
    this.#view.setUint8(at, CHUNK.pad);
    this.#view.setUint16(at + 2, length);
    this.#length = at + length;
  }

  /**
   * Finishes the packet. @returns a view of it, valid until the next begins.
   */
  finish(): Uint8Array<ArrayBuffer> {
    const packet = this.#bytes.subarray(0, this.#length);
    this.#view.setUint32(8, packetChecksum(packet), true);
    return packet;
  }
}

/** A multiple of four that is no less. */
export function paddedLength(bytes: number): number {
  return bytes + 3 & ~3;
}

/** Reads big-endian numbers; the packet's own bytes may lie anywhere. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Whether `packet` has a whole header and the right checksum, which SCTP has
 * little-endian.
 */
export function isSoundPacket(packet: Uint8Array, view: DataView): boolean {
  return packet.length >= COMMON_HEADER_BYTES + 4 &&
    view.getUint32(8, true) === packetChecksum(packet);
}

/** Makes a packet of one chunk of another. */
export function packetOfChunk(
  packet: Buffer,
  at: number,
  length: number,
): Buffer {
  const end = at + paddedLength(length);
  const single = Buffer.alloc(COMMON_HEADER_BYTES + paddedLength(length));
  packet.copy(single, 0, 0, COMMON_HEADER_BYTES);
  packet.copy(single, COMMON_HEADER_BYTES, at, end);
  viewOf(single).setUint32(8, packetChecksum(single), true);
  return single;
}

/**
 * Reads a SACK chunk at `at` of `length` bytes, its header included.
 *
 * @returns `undefined` where it is cut off.
 */
export function readSack(
  view: DataView,
  at: number,
  length: number,
): SackChunk | undefined {
  if (length < SACK_HEADER_BYTES) return undefined;
  const gapCount = view.getUint16(at + 12);
  const duplicateCount = view.getUint16(at + 14);
  if (length < SACK_HEADER_BYTES + 4 * (gapCount + duplicateCount)) {
    return undefined;
  }
  const sack: SackChunk = {
    cumulativeTsn: view.getUint32(at + 4),
    window: view.getUint32(at + 8),
    gaps: [],
    duplicates: [],
  };
  at += SACK_HEADER_BYTES;
  for (let i = 0; i < gapCount; i++, at += 4) {
    sack.gaps.push([view.getUint16(at), view.getUint16(at + 2)]);
  }
  for (let i = 0; i < duplicateCount; i++, at += 4) {
    sack.duplicates.push(view.getUint32(at));
  }
  return sack;
}

/**
 * Reads the nonce of a HEARTBEAT ACK chunk at `at` of `length` bytes.
 *
 * @returns `undefined` where it is none of ours.
 */
export function readNonce(
  view: DataView,
  at: number,
  length: number,
): bigint | undefined {
  if (length < HEARTBEAT_BYTES) return undefined;
  return view.getBigUint64(at + 2 * HEADER_BYTES);
}
