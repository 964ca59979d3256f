/**
 * Access units of H.264 and H.265 as WebRTC wants them, of any stream: start
 * codes, and the parameter sets before each keyframe.
 */
import { joinBytes } from "../points/join_bytes.ts";
import { nalUnits, START_CODE } from "./annex_b.ts";
import { h265UnitType } from "./h265.ts";

/** A codec of NAL units. */
export type NalCodec = "H264" | "H265";

/** What kind of unit each is. */
interface UnitKinds {
  typeOf(unit: Uint8Array): number;
  isParameterSet(type: number): boolean;
  /** The type of the set that tells of a whole sequence. */
  sps: number;
  isSlice(type: number): boolean;
  /** Whether decoding can begin with it: IDR, and IRAP of H.265. */
  isKeySlice(type: number): boolean;
}

/** ITU-T H.264 table 7-1, and H.265 table 7-1. */
const KINDS: Record<NalCodec, UnitKinds> = {
  H264: {
    typeOf: ([header]) => header & 0x1f,
    isParameterSet: (type) => type === 7 || type === 8,
    sps: 7,
    isSlice: (type) => type >= 1 && type <= 5,
    isKeySlice: (type) => type === 5,
  },
  H265: {
    typeOf: ([header]) => h265UnitType(header),
    isParameterSet: (type) => type >= 32 && type <= 34,
    sps: 33,
    isSlice: (type) => type <= 31,
    isKeySlice: (type) => type >= 16 && type <= 23,
  },
};

/** Parameter sets that are kept: more than any stream has. */
const MAX_SETS = 64;

/**
 * Completes the access units of one stream. Its parameter sets may come beside
 * it, once or now and then; the newest go before each keyframe that has none.
 */
export class ParameterSets {
  readonly #kinds: UnitKinds;
  /** Bytes of a unit's length; none where start codes are between them. */
  readonly #lengthBytes?: number;
  #sets: Uint8Array[];

  /**
   * @param extra what comes beside the stream: Annex B, or the configuration
   * record of ISO/IEC 14496-15.
   */
  constructor(codec: NalCodec, extra: Uint8Array) {
    this.#kinds = KINDS[codec];
    const record = readRecord(codec, extra);
    this.#lengthBytes = record?.lengthBytes;
    this.#sets = [...record?.units ?? nalUnits(extra)]
      .filter((unit) => this.#kinds.isParameterSet(this.#typeOf(unit)))
      .slice(0, MAX_SETS);
  }

  /** The newest sequence parameter set, from its header on. */
  get sps(): Uint8Array | undefined {
    return this.#sets.find((set) => this.#typeOf(set) === this.#kinds.sps);
  }

  /**
   * Gives an access unit as Annex B.
   *
   * @returns whether decoding can begin with it, too.
   */
  complete(unit: Uint8Array): { bytes: Uint8Array; isKey: boolean } {
    const lengthBytes = this.#lengthBytes;
    const bytes = lengthBytes === undefined
      ? unit
      : annexB([...sizedUnits(unit, lengthBytes)]);
    const own: Uint8Array[] = [];
    let isKey = false;
    for (const each of nalUnits(bytes)) {
      const type = this.#typeOf(each);
      if (this.#kinds.isParameterSet(type)) own.push(each);
      if (!this.#kinds.isSlice(type)) continue;
      isKey = this.#kinds.isKeySlice(type);
      break;
    }
    this.#replace(own);
    const isWhole = own.some((set) => this.#typeOf(set) === this.#kinds.sps);
    if (isWhole || !isKey) return { bytes, isKey };
    return { bytes: joinBytes([annexB(this.#sets), bytes]), isKey };
  }

  /** Takes sets instead of those of their types. */
  #replace(own: Uint8Array[]): void {
    if (own.length === 0) return;
    const types = new Set(own.map((set) => this.#typeOf(set)));
    const kept = this.#sets.filter((set) => !types.has(this.#typeOf(set)));
    // A set comes after those that it names, which are of lower types.
    this.#sets = [...kept, ...own.slice(0, MAX_SETS).map((set) => set.slice())]
      .sort((a, b) => this.#typeOf(a) - this.#typeOf(b));
  }

  #typeOf(unit: Uint8Array): number {
    return this.#kinds.typeOf(unit);
  }
}

function annexB(units: readonly Uint8Array[]): Uint8Array {
  return joinBytes(units.flatMap((unit) => [START_CODE, unit]));
}

/** Units that each come after their length, big-endian. */
function* sizedUnits(
  bytes: Uint8Array,
  lengthBytes: number,
): Generator<Uint8Array> {
  for (let at = 0; at + lengthBytes < bytes.length;) {
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[at++];
    if (length > 0) yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** Reads an `avcC` (ISO/IEC 14496-15 section 5.3.3) or `hvcC` (8.3.3). */
function readRecord(codec: NalCodec, bytes: Uint8Array) {
  // Annex B begins with a zero.
  if (bytes[0] !== 1) return undefined;
  return codec === "H264" ? readAvcC(bytes) : readHvcC(bytes);
}

function readAvcC(bytes: Uint8Array) {
  const lengthBytes = (bytes[4] & 0x03) + 1;
  const units: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    at = readSets(bytes, { at: at + 1, count: bytes[at] & mask, units });
  }
  return { lengthBytes, units };
}

function readHvcC(bytes: Uint8Array) {
  const lengthBytes = (bytes[21] & 0x03) + 1;
  const units: Uint8Array[] = [];
  let at = 23;
  for (let arrays = bytes[22]; arrays > 0 && at + 3 <= bytes.length; arrays--) {
    const count = bytes[at + 1] << 8 | bytes[at + 2];
    at = readSets(bytes, { at: at + 3, count, units });
  }
  return { lengthBytes, units };
}

/** Reads sets that each come after their length; returns where they end. */
function readSets(
  bytes: Uint8Array,
  sets: { at: number; count: number; units: Uint8Array[] },
): number {
  let { at, count } = sets;
  for (; count > 0 && at + 2 <= bytes.length; count--) {
    const length = bytes[at] << 8 | bytes[at + 1];
    sets.units.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return at;
}
