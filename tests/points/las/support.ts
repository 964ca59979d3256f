/** LAS files made by the tests. */

/** Bytes of a record, by the number of its format. */
export const RECORD_BYTES = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

/** What a file is made of. */
export interface LasParts {
  format: number;
  records: readonly Uint8Array[];
  minor?: number;
  scales?: readonly number[];
  origins?: readonly number[];
  /** Bytes of a record, where it is longer than its format. */
  stride?: number;
  /** What describes the fields of its own. */
  extra?: readonly Uint8Array[];
  /** The count in the header, where it lies. */
  points?: number;
}

const RECORD_HEADER_BYTES = 54;

/** Writes a file as ASPRS LAS 1.4-R15 describes it. */
export function las(parts: LasParts): Uint8Array<ArrayBuffer> {
  const { format, records, minor = format < 6 ? 2 : 4, extra = [] } = parts;
  const { scales = [1, 1, 1], origins = [0, 0, 0] } = parts;
  const { stride = RECORD_BYTES[format], points = records.length } = parts;
  const headerBytes = minor === 4 ? 375 : 227;
  const extraBytes = extra.reduce((sum, { length }) => sum + length, 0);
  const offset = headerBytes +
    (extraBytes > 0 ? RECORD_HEADER_BYTES + extraBytes : 0);
  const file = new Uint8Array(offset + stride * records.length);
  const view = new DataView(file.buffer);
  file.set(ascii("LASF"));
  file.set([1, minor], 24);
  view.setUint16(94, headerBytes, true);
  view.setUint32(96, offset, true);
  view.setUint32(100, extraBytes > 0 ? 1 : 0, true);
  file[104] = format;
  view.setUint16(105, stride, true);
  if (minor < 4) view.setUint32(107, points, true);
  else view.setBigUint64(247, BigInt(points), true);
  scales.forEach((value, i) => view.setFloat64(131 + 8 * i, value, true));
  origins.forEach((value, i) => view.setFloat64(155 + 8 * i, value, true));
  if (extraBytes > 0) {
    file.set(ascii("LASF_Spec"), headerBytes + 2);
    view.setUint16(headerBytes + 18, 4, true);
    view.setUint16(headerBytes + 20, extraBytes, true);
    let at = headerBytes + RECORD_HEADER_BYTES;
    for (const field of extra) {
      file.set(field, at);
      at += field.length;
    }
  }
  records.forEach((record, i) => file.set(record, offset + i * stride));
  return file;
}

/** Describes a field of a file's own. */
export function describeField(
  type: number,
  name: string,
  { options = 0, scale = 0, origin = 0 } = {},
): Uint8Array {
  const bytes = new Uint8Array(192);
  const view = new DataView(bytes.buffer);
  bytes[2] = type;
  bytes[3] = options;
  bytes.set(ascii(name), 4);
  view.setFloat64(112, scale, true);
  view.setFloat64(136, origin, true);
  return bytes;
}

/** Fills a record with bytes that all differ from their neighbours. */
export function anyRecord(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + seed * 101));
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
