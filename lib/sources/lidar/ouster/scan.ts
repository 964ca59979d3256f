import { createCloud, type PointCloud } from "../../../points/cloud.ts";
import type { PointField } from "../../../points/field.ts";
import {
  RETURN_FIELD,
  RING_FIELD,
  TIME_FIELD,
  XYZ_FIELDS,
} from "../scan_fields.ts";
import { BEAM_NUMBERS, createBeamTable } from "./beam_table.ts";
import type { OusterMetadata } from "./metadata.ts";
import type { PacketLayout } from "./packet_layout.ts";
import type { PixelProfile } from "./profiles.ts";

/** Bytes from one point to the next: each value lies where its type may. */
const STRIDE = 24;
const [RING_AT, REFLECTIVITY_AT, RETURN_AT] = [16, 18, 19];
const [SIGNAL_AT, NEAR_IR_AT] = [20, 22];
const MAX_TIME = 2 ** 32 - 1;

/** The fields of a profile's points. */
function fieldsOf({ returns, nearIr }: PixelProfile): PointField[] {
  return [
    ...XYZ_FIELDS.map((field, i) => ({ ...field, offset: 4 * i })),
    { ...TIME_FIELD, offset: 12 },
    { ...RING_FIELD, offset: RING_AT },
    { name: "reflectivity", type: "uint8", offset: REFLECTIVITY_AT },
    ...returns.length === 1 ? [] : [{ ...RETURN_FIELD, offset: RETURN_AT }],
    ...returns[0].signal === undefined
      ? []
      : [{ name: "signal", type: "uint16", offset: SIGNAL_AT } as const],
    ...nearIr === undefined
      ? []
      : [{ name: "near_ir", type: "uint16", offset: NEAR_IR_AT } as const],
  ];
}

/** Where the points of a scan are built; one after the other is. */
export class ScanBuilder {
  readonly #layout: PacketLayout;
  readonly #fields: PointField[];
  readonly #columns: number;
  readonly #shifts: readonly number[];
  readonly #beams: Float32Array;
  /** The pixels of one packet, of each field. */
  readonly #range: Uint32Array;
  readonly #reflectivity: Uint32Array;
  readonly #signal: Uint32Array;
  readonly #nearIr: Uint32Array;
  /** Of one packet's columns: where they belong, or -1; and their times. */
  readonly #ids: Int32Array;
  readonly #times: Uint32Array;
  /** Which columns have come. */
  readonly #here: Uint8Array;
  #firstTime: bigint | undefined;
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  constructor(metadata: OusterMetadata, layout: PacketLayout) {
    const { rows, columns, pixelShifts } = metadata;
    this.#layout = layout;
    this.#fields = fieldsOf(layout.profile);
    this.#columns = columns;
    this.#shifts = pixelShifts.map((shift) => (shift + columns) % columns);
    this.#beams = createBeamTable(metadata);
    const pixels = rows * layout.columns;
    this.#range = new Uint32Array(pixels);
    this.#reflectivity = new Uint32Array(pixels);
    this.#signal = new Uint32Array(pixels);
    this.#nearIr = new Uint32Array(pixels);
    this.#ids = new Int32Array(layout.columns);
    this.#times = new Uint32Array(layout.columns);
    this.#here = new Uint8Array(columns);
  }

  /** Columns that have come. */
  get columnsHere(): number {
    return this.#here.reduce((n, isHere) => n + isHere, 0);
  }

  /** The sensor's stamp of the first column that came, nanoseconds. */
  get firstTime(): bigint | undefined {
    return this.#firstTime;
  }

  /** Adds the points of a packet, whose columns are all within the frame. */
  add(packet: DataView): void {
    this.#readColumns(packet);
    const { returns, nearIr } = this.#layout.profile;
    if (nearIr !== undefined) {
      this.#layout.readPixels(packet, nearIr, this.#nearIr);
    }
    for (const [i, bits] of returns.entries()) {
      this.#layout.readPixels(packet, bits.range, this.#range);
      this.#layout.readPixels(packet, bits.reflectivity, this.#reflectivity);
      if (bits.signal !== undefined) {
        this.#layout.readPixels(packet, bits.signal, this.#signal);
      }
      this.#writePoints(i);
    }
  }

  /** Gives the scan, and starts the next one. */
  finish(): PointCloud {
    const data = this.#data();
    this.#fillGaps(data);
    const { rows, profile } = this.#layout;
    const height = rows * profile.returns.length;
    this.#bytes = undefined;
    this.clear();
    return createCloud({ data, fields: this.#fields, stride: STRIDE, height });
  }

  /** Forgets what has come; the next scan is written over it. */
  clear(): void {
    this.#here.fill(0);
    this.#firstTime = undefined;
  }

  #data(): Uint8Array<ArrayBuffer> {
    const { rows, profile } = this.#layout;
    const points = rows * this.#columns * profile.returns.length;
    return this.#bytes ??= new Uint8Array(points * STRIDE);
  }

  #readColumns(packet: DataView): void {
    const layout = this.#layout;
    for (let column = 0; column < layout.columns; column++) {
      this.#ids[column] = -1;
      if (!layout.isValid(packet, column)) continue;
      const time = layout.timestamp(packet, column);
      this.#firstTime ??= time;
      const since = Number(time - this.#firstTime);
      this.#times[column] = Math.min(Math.max(0, since), MAX_TIME);
      const id = layout.measurementId(packet, column);
      this.#ids[column] = id;
      this.#here[id] = 1;
    }
  }

  /**
   * Writes the points of one return. Rows lie one after the other, so that the
   * columns of a packet are side by side in memory.
   */
  #writePoints(at: number): void {
    const { rows, columns, profile } = this.#layout;
    const width = this.#columns;
    const { buffer } = this.#data();
    const floats = new Float32Array(buffer);
    const words = new Uint32Array(buffer);
    const halves = new Uint16Array(buffer);
    const bytes = new Uint8Array(buffer);
    const hasSignal = profile.returns[at].signal !== undefined;
    const hasNearIr = profile.nearIr !== undefined;
    const beams = this.#beams;
    for (let row = 0, pixel = 0; row < rows; row++) {
      const first = (at * rows + row) * width;
      const shift = this.#shifts[row];
      for (let column = 0; column < columns; column++, pixel++) {
        const id = this.#ids[column];
        if (id < 0) continue;
        const point = first + (id + shift) % width;
        const byte = point * STRIDE;
        const word = byte / 4;
        const range = this.#range[pixel];
        if (range === 0) {
          floats[word] = floats[word + 1] = floats[word + 2] = NaN;
        } else {
          const beam = (row * width + id) * BEAM_NUMBERS;
          floats[word] = range * beams[beam] + beams[beam + 3];
          floats[word + 1] = range * beams[beam + 1] + beams[beam + 4];
          floats[word + 2] = range * beams[beam + 2] + beams[beam + 5];
        }
        words[word + 3] = this.#times[column];
        halves[(byte + RING_AT) / 2] = row;
        bytes[byte + REFLECTIVITY_AT] = this.#reflectivity[pixel];
        bytes[byte + RETURN_AT] = at;
        if (hasSignal) halves[(byte + SIGNAL_AT) / 2] = this.#signal[pixel];
        if (hasNearIr) halves[(byte + NEAR_IR_AT) / 2] = this.#nearIr[pixel];
      }
    }
  }

  /** Writes points without values where no column came. */
  #fillGaps({ buffer }: Uint8Array<ArrayBuffer>): void {
    const { rows, profile } = this.#layout;
    const width = this.#columns;
    const floats = new Float32Array(buffer);
    const halves = new Uint16Array(buffer);
    const bytes = new Uint8Array(buffer);
    for (let id = 0; id < width; id++) {
      if (this.#here[id] === 1) continue;
      for (let line = 0; line < rows * profile.returns.length; line++) {
        const row = line % rows;
        const point = line * width + (id + this.#shifts[row]) % width;
        const byte = point * STRIDE;
        bytes.fill(0, byte, byte + STRIDE);
        floats.fill(NaN, byte / 4, byte / 4 + 3);
        halves[(byte + RING_AT) / 2] = row;
        bytes[byte + RETURN_AT] = line < rows ? 0 : 1;
      }
    }
  }
}
