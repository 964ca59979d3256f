import { FIELD_TYPES } from "../field.ts";
import {
  type CloudiniField,
  type CloudiniInfo,
  COMPRESSIONS,
  ENCODINGS,
} from "./info.ts";
import { decodeText, malformed, unsupported } from "./header_errors.ts";
import { MAX_FIELDS } from "./header_fields.ts";

/** Bytes before the first field. */
const START_BYTES = 16;

/** Bytes of a field after its name: offset, type, resolution. */
const FIELD_BYTES = 9;

/**
 * Reads a binary header, little-endian: uint32 width, height and point step,
 * uint8 encoding and compression, uint16 number of fields; of each uint16
 * length and name, uint32 offset, uint8 type, float32 resolution.
 *
 * @param start where it begins, after the magic text.
 * @returns what it says, and the offset of the first chunk.
 * @throws {PointsError} `header`, or `unsupported` naming what isn't read.
 */
export function readBinaryHeader(
  bytes: Uint8Array,
  start: number,
): { info: CloudiniInfo; offset: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (start + START_BYTES > bytes.length) throw cutOff();
  const encoding = ENCODINGS.at(view.getUint8(start + 12));
  const compression = COMPRESSIONS.at(view.getUint8(start + 13));
  if (encoding === undefined) {
    throw unsupported(`encoding ${view.getUint8(start + 12)}`);
  }
  if (compression === undefined) {
    throw unsupported(`compression ${view.getUint8(start + 13)}`);
  }
  const count = view.getUint16(start + 14, true);
  if (count > MAX_FIELDS) {
    throw unsupported(`${count} fields, expected at most ${MAX_FIELDS}`);
  }
  const fields: CloudiniField[] = [];
  let offset = start + START_BYTES;
  for (let i = 0; i < count; i++) {
    if (offset + 2 > bytes.length) throw cutOff();
    const nameEnd = offset + 2 + view.getUint16(offset, true);
    if (nameEnd + FIELD_BYTES > bytes.length) throw cutOff();
    fields.push({
      name: decodeText(bytes.subarray(offset + 2, nameEnd)),
      ...readField(view, nameEnd),
    });
    offset = nameEnd + FIELD_BYTES;
  }
  const info = {
    width: view.getUint32(start, true),
    height: view.getUint32(start + 4, true),
    stride: view.getUint32(start + 8, true),
    encoding,
    compression,
    fields,
  };
  return { info, offset };
}

/** Reads what follows a field's name. */
function readField(view: DataView, at: number): Omit<CloudiniField, "name"> {
  const number = view.getUint8(at + 4);
  const type = FIELD_TYPES[number - 1];
  if (type === undefined) throw unsupported(`a field of type ${number}`);
  const offset = view.getUint32(at, true);
  const resolution = view.getFloat32(at + 5, true);
  if (resolution <= 0) return { type, offset };
  if (!(resolution < Infinity)) throw malformed(`resolution ${resolution}`);
  return { type, offset, resolution };
}

function cutOff() {
  return malformed("its header is cut off");
}
