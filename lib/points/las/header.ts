/** The public header of a LAS file (ASPRS LAS 1.4-R15, section 2.4). */
import { lasError } from "./errors.ts";
import { readExtraFields } from "./extra_fields.ts";
import { type LasField, lasFields } from "./record.ts";

/** What a file says of its points. */
export interface LasHeader {
  /** The fields of a record, coordinates and colour among them. */
  fields: LasField[];
  /** The number of the records' format. */
  format: number;
  /** Bytes of a record. */
  stride: number;
  points: number;
  /** Where the records begin. */
  offset: number;
  /** Coordinates are whole numbers times these, */
  scales: readonly number[];
  /** plus these. */
  origins: readonly number[];
  /** Whether the records are compressed: LAZ. */
  isCompressed: boolean;
}

const SIGNATURE = [0x4c, 0x41, 0x53, 0x46]; // LASF

/** Bytes of the header up to version 1.2. */
const HEADER_BYTES = 227;
/** Bytes of the header of version 1.4, which counts points in 64 bits. */
export const LARGE_HEADER_BYTES = 375;

/** Bits of the format's number that say that records are compressed. */
const COMPRESSED_BITS = 0xc0;

/**
 * Reads a file's header and checks it against the bytes there are.
 *
 * @throws {PointsError} `header`, `length`, or `unsupported` for a version or a
 * format of records that isn't read.
 */
export function readLasHeader(bytes: Uint8Array): LasHeader {
  if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    throw lasError("header", 'the file doesn\'t begin with "LASF"');
  }
  if (bytes.length < HEADER_BYTES) {
    throw lasError("header", "the header is cut off");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [major, minor] = [bytes[24], bytes[25]];
  if (major !== 1 || minor > 4) {
    throw lasError(
      "unsupported",
      `version ${major}.${minor}, expected 1.0–1.4`,
    );
  }
  const format = bytes[104] & ~COMPRESSED_BITS;
  const isCompressed = (bytes[104] & COMPRESSED_BITS) !== 0;
  const stride = view.getUint16(105, true);
  const standard = lasFields(format);
  if (stride < standard.bytes) {
    throw lasError(
      "header",
      `records of ${stride} bytes, but format ${format} has ${standard.bytes}`,
    );
  }
  const offset = view.getUint32(96, true);
  if (offset < HEADER_BYTES || offset > bytes.length) {
    throw lasError(
      "header",
      `the points begin at byte ${offset} of ${bytes.length}`,
    );
  }
  const points = countPoints(view, minor);
  if (!isCompressed) checkLength({ points, stride, offset }, bytes);
  const names = standard.fields.map(({ name }) => name);
  const extra = readExtraFields(bytes, { from: standard.bytes, stride, names });
  return {
    fields: [...standard.fields, ...extra],
    ...{ format, stride, points, offset, isCompressed },
    scales: readFactors(view, 131),
    origins: readFactors(view, 155),
  };
}

/** What a header that is written says. */
export interface WrittenHeader {
  format: number;
  stride: number;
  points: number;
  /** Where the points begin. */
  offset: number;
  /** Records between the header and the points. */
  records: number;
  /** The factors of x, y and z, and their bounds. */
  axes: readonly {
    scale: number;
    origin: number;
    min: number;
    max: number;
  }[];
}

/** Writes a header of version 1.4 into the first 375 bytes of a file. */
export function writeLasHeader(
  bytes: Uint8Array,
  { format, stride, points, offset, records, axes }: WrittenHeader,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  bytes.set(SIGNATURE);
  // Coordinate systems are in WKT, of which there is none: points of format 6
  // and above ask for it.
  view.setUint16(6, 0x10, true);
  bytes.set([1, 4], 24);
  new TextEncoder().encodeInto("pointwire", bytes.subarray(58, 90));
  view.setUint16(94, LARGE_HEADER_BYTES, true);
  view.setUint32(96, offset, true);
  view.setUint32(100, records, true);
  bytes[104] = format;
  view.setUint16(105, stride, true);
  axes.forEach(({ scale, origin, min, max }, i) => {
    view.setFloat64(131 + 8 * i, scale, true);
    view.setFloat64(155 + 8 * i, origin, true);
    view.setFloat64(179 + 16 * i, max, true);
    view.setFloat64(187 + 16 * i, min, true);
  });
  view.setBigUint64(247, BigInt(points), true);
  // All are first returns.
  view.setBigUint64(255, BigInt(points), true);
}

function countPoints(view: DataView, minor: number): number {
  const hasLargeCount = minor >= 4 &&
    view.getUint16(94, true) >= LARGE_HEADER_BYTES &&
    view.byteLength >= LARGE_HEADER_BYTES;
  return hasLargeCount
    ? Number(view.getBigUint64(247, true))
    : view.getUint32(107, true);
}

function checkLength(
  { points, stride, offset }: Pick<LasHeader, "points" | "stride" | "offset">,
  bytes: Uint8Array,
): void {
  const rest = bytes.length - offset;
  if (points * stride <= rest) return;
  throw lasError(
    "length",
    `${points} points of ${stride} bytes, but ${rest} bytes from byte ` +
      `${offset} on`,
  );
}

/** Reads a factor for each of x, y, z. */
function readFactors(view: DataView, offset: number): number[] {
  const factors = [0, 8, 16].map((at) => view.getFloat64(offset + at, true));
  if (factors.every(Number.isFinite)) return factors;
  throw lasError(
    "header",
    `scales and offsets are numbers, not ${factors.join(", ")}`,
  );
}
