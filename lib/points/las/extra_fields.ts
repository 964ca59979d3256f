/** Fields of a file's own: "extra bytes" (ASPRS LAS 1.4-R15, section 3.4). */
import { type FieldType, type NamedType, typeBytes } from "../field.ts";
import { uniqueNames } from "../records/record.ts";
import type { LasField } from "./record.ts";

/** Bytes of a record of variable length before its content. */
const RECORD_HEADER_BYTES = 54;
const EXTRA_BYTES_RECORD = 4;
/** Bytes of the description of one field. */
const DESCRIPTION_BYTES = 192;

/** The types by number; 0 is bytes without a type. */
const TYPES: readonly (FieldType | undefined)[] = [
  ...[undefined, "uint8", "int8", "uint16", "int16", "uint32"] as const,
  ...["int32", "uint64", "int64", "float32", "float64"] as const,
];
/** Most bytes of a field's name. */
const NAME_BYTES = 32;

/** Bits that say that a value is scaled, or has an offset. */
const SCALE_BIT = 8;
const OFFSET_BIT = 16;

/**
 * Lists the fields that a file describes beyond those of its format. Bytes that
 * it doesn't describe are passed over; a name that is taken gets a number.
 */
export function readExtraFields(
  bytes: Uint8Array,
  { from, stride, names }: {
    from: number;
    stride: number;
    names: readonly string[];
  },
): LasField[] {
  const content = from < stride ? findDescriptions(bytes) : undefined;
  if (content === undefined) return [];
  const view = new DataView(
    content.buffer,
    content.byteOffset,
    content.length,
  );
  const fields: LasField[] = [];
  let offset = from;
  for (
    let at = 0;
    at + DESCRIPTION_BYTES <= content.length;
    at += DESCRIPTION_BYTES
  ) {
    const type = TYPES[content[at + 2]];
    // Without a type the options are a number of bytes.
    const size = type === undefined ? content[at + 3] : typeBytes(type);
    const isKnown = type !== undefined || content[at + 2] === 0;
    if (!isKnown || offset + size > stride) break;
    const name = readText(content.subarray(at + 4, at + 4 + NAME_BYTES));
    if (type !== undefined && name !== "") {
      fields.push({ name, offset, ...readScale(view, at, type) });
    }
    offset += size;
  }
  const unique = uniqueNames([...names, ...fields.map(({ name }) => name)]);
  return fields.map((field, i) => ({
    ...field,
    name: unique[names.length + i],
  }));
}

function readScale(
  view: DataView,
  at: number,
  type: FieldType,
): Pick<LasField, "type" | "stored" | "scale"> {
  const options = view.getUint8(at + 3);
  if ((options & (SCALE_BIT | OFFSET_BIT)) === 0) return { type };
  const factor = options & SCALE_BIT ? view.getFloat64(at + 112, true) : 1;
  const origin = options & OFFSET_BIT ? view.getFloat64(at + 136, true) : 0;
  return { type: "float64", stored: type, scale: { factor, origin } };
}

/** Finds the record that describes fields among those after the header. */
function findDescriptions(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = view.getUint32(96, true);
  let at = view.getUint16(94, true);
  for (let left = view.getUint32(100, true); left > 0; left--) {
    const start = at + RECORD_HEADER_BYTES;
    if (start > end) return;
    const user = readText(bytes.subarray(at + 2, at + 18));
    const id = view.getUint16(at + 18, true);
    at = start + view.getUint16(at + 20, true);
    if (at > end) return;
    if (user === "LASF_Spec" && id === EXTRA_BYTES_RECORD) {
      return bytes.subarray(start, at);
    }
  }
}

/** Reads text that zeros fill up. */
function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
    .trim();
}

/**
 * Writes the record that describes fields, which follow those of the format in
 * this order.
 */
export function describeExtraFields(
  fields: readonly NamedType[],
): Uint8Array<ArrayBuffer> {
  const length = fields.length * DESCRIPTION_BYTES;
  const record = new Uint8Array(RECORD_HEADER_BYTES + length);
  const view = new DataView(record.buffer);
  const text = new TextEncoder();
  text.encodeInto("LASF_Spec", record.subarray(2, 18));
  view.setUint16(18, EXTRA_BYTES_RECORD, true);
  view.setUint16(20, length, true);
  fields.forEach(({ name, type }, i) => {
    const at = RECORD_HEADER_BYTES + i * DESCRIPTION_BYTES;
    record[at + 2] = TYPES.indexOf(type);
    // What of a name there is no room for is left out, a character at a time.
    text.encodeInto(name, record.subarray(at + 4, at + 4 + NAME_BYTES));
  });
  return record;
}
