/** Where things are in a packet, for one configuration of a sensor. */
import type { OusterMetadata } from "./metadata.ts";
import { type PixelBits, type PixelProfile, PROFILES } from "./profiles.ts";

/** What a packet says of itself. */
export interface PacketHeader {
  /** The number of the frame, which wraps at `frameIds`. */
  frameId: number;
  /** The sensor's serial number; 0 where the packet has none. */
  serial: number;
}

/** Reads the packets of a sensor; they are of `bytes` bytes, little-endian. */
export class PacketLayout {
  readonly profile: PixelProfile;
  /** Bytes of a packet. */
  readonly bytes: number;
  /** Numbers that frames have: the next after the last is 0. */
  readonly frameIds: number;
  readonly rows: number;
  /** Columns of a packet. */
  readonly columns: number;
  readonly #isLegacy: boolean;
  readonly #isFusa: boolean;
  readonly #headerBytes: number;
  readonly #columnHeaderBytes: number;
  readonly #columnBytes: number;

  constructor(metadata: OusterMetadata, profile: PixelProfile) {
    const { rows, columnsPerPacket, profile: name, isFusa } = metadata;
    this.profile = profile;
    this.rows = rows;
    this.columns = columnsPerPacket;
    this.#isLegacy = name === "LEGACY";
    this.#isFusa = isFusa && !this.#isLegacy;
    this.#headerBytes = this.#isLegacy ? 0 : 32;
    this.#columnHeaderBytes = this.#isLegacy ? 16 : 12;
    const columnFooterBytes = this.#isLegacy ? 4 : 0;
    this.#columnBytes = this.#columnHeaderBytes + rows * profile.bytes +
      columnFooterBytes;
    // Header and footer are of one size.
    this.bytes = 2 * this.#headerBytes + columnsPerPacket * this.#columnBytes;
    this.frameIds = this.#isFusa ? 2 ** 32 : 2 ** 16;
  }

  /** Tells whether a packet of the right size holds points. */
  hasPoints(packet: DataView): boolean {
    if (this.#isLegacy) return true;
    const type = this.#isFusa ? packet.getUint8(0) : packet.getUint16(0, true);
    return type === 1;
  }

  header(packet: DataView): PacketHeader {
    if (this.#isLegacy) {
      return { frameId: packet.getUint16(10, true), serial: 0 };
    }
    const frameId = this.#isFusa
      ? packet.getUint32(4, true)
      : packet.getUint16(2, true);
    const at = this.#isFusa ? 11 : 7;
    const serial = packet.getUint32(at, true) +
      packet.getUint8(at + 4) * 2 ** 32;
    return { frameId, serial };
  }

  /** Nanoseconds: since the epoch, or since the sensor started. */
  timestamp(packet: DataView, column: number): bigint {
    return packet.getBigUint64(this.#startOf(column), true);
  }

  /** The place of a column in the frame. */
  measurementId(packet: DataView, column: number): number {
    return packet.getUint16(this.#startOf(column) + 8, true);
  }

  status(packet: DataView, column: number): number {
    return this.#isLegacy
      ? packet.getUint32(this.#startOf(column + 1) - 4, true)
      : packet.getUint16(this.#startOf(column) + 10, true);
  }

  /** Tells whether the sensor measured in a column. */
  isValid(packet: DataView, column: number): boolean {
    const status = this.status(packet, column);
    return this.#isLegacy ? status === 0xffffffff : (status & 1) === 1;
  }

  /**
   * Reads the same bits of every pixel.
   *
   * @param values receives them: shape (rows, columns), C order.
   */
  readPixels(packet: DataView, field: PixelBits, values: Uint32Array): void {
    const { word, shift, mask, up } = field;
    const { rows, columns } = this;
    const { bytes } = this.profile;
    for (let column = 0; column < columns; column++) {
      let at = this.#startOf(column) + this.#columnHeaderBytes + word;
      for (let to = column; to < rows * columns; to += columns, at += bytes) {
        values[to] = ((packet.getUint32(at, true) >>> shift) & mask) << up;
      }
    }
  }

  #startOf(column: number): number {
    return this.#headerBytes + column * this.#columnBytes;
  }
}

/** Sizes that pixels, rows and columns of a packet come in. */
const PIXEL_BYTES = [...new Set([...PROFILES.values()].map((p) => p.bytes))];
const ROWS = [16, 32, 64, 128, 256];
const COLUMNS = [1, 2, 4, 8, 16];

/** Where the second column begins, by a packet's size. */
const SECOND_COLUMNS = secondColumns();

function secondColumns(): ReadonlyMap<number, readonly [number, number][]> {
  const found = new Map<number, [number, number][]>();
  const add = (bytes: number, header: number, column: number) => {
    const known = found.get(bytes) ?? [];
    found.set(bytes, [...known, [header, column]]);
  };
  for (const rows of ROWS) {
    for (const columns of COLUMNS) {
      if (columns === 1) continue;
      const legacy = 16 + rows * 12 + 4;
      add(columns * legacy, 0, legacy);
      for (const pixel of PIXEL_BYTES) {
        const column = 12 + rows * pixel;
        add(64 + columns * column, 32, column);
      }
    }
  }
  return found;
}

/**
 * Tells whether a payload looks like a packet of points of any configuration:
 * it is of such a size, and its second column follows the first.
 */
export function looksLikePacket(payload: Uint8Array): boolean {
  const candidates = SECOND_COLUMNS.get(payload.length);
  if (candidates === undefined) return false;
  const { buffer, byteOffset, length } = payload;
  const packet = new DataView(buffer, byteOffset, length);
  return candidates.some(([header, column]) => {
    if (header > 0 && packet.getUint8(0) !== 1) return false;
    const first = packet.getUint16(header + 8, true);
    const second = packet.getUint16(header + column + 8, true);
    return second === first + 1;
  });
}
