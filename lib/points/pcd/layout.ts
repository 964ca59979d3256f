/** Where a PCD file's fields are in a point. */
import { type PointField, typeBytes } from "../field.ts";
import { uniqueNames } from "../records/record.ts";
import type { TextToken } from "../records/text_rows.ts";
import { PADDING, type PcdField } from "./header.ts";

/** How the values of a point lie, in bytes and on a line. */
export interface PcdLayout {
  /** The fields of the cloud. */
  fields: PointField[];
  /** Bytes of a point, with padding. */
  stride: number;
  /** The numbers of a line, in order. */
  tokens: TextToken[];
}

/** Colours of a byte for each channel, by the name of their field. */
const CHANNELS: Readonly<Record<string, readonly string[]>> = {
  rgb: ["r", "g", "b"],
  rgba: ["r", "g", "b", "a"],
};

/** Lays a point out as FIELDS, SIZE, TYPE and COUNT say. */
export function pcdLayout(written: readonly PcdField[]): PcdLayout {
  const values = written.flatMap(valuesOf);
  const kept = values.filter(({ name }) => name !== PADDING);
  const names = uniqueNames(kept.map(({ name }) => name));
  const fields: PointField[] = [];
  const tokens: TextToken[] = [];
  let stride = 0;
  for (const { name, type } of values) {
    if (name === PADDING) tokens.push({ kind: "skip" });
    else {
      const field = { name: names[fields.length], type, offset: stride };
      fields.push(field);
      tokens.push({ kind: "value", field });
    }
    stride += typeBytes(type);
  }
  return { fields, stride, tokens };
}

/** Names each value of a field. */
function valuesOf({ name, type, count }: PcdField) {
  const channels = Object.hasOwn(CHANNELS, name) ? CHANNELS[name] : [];
  const isColor = type === "uint8" && channels.length === count;
  return Array.from({ length: count }, (_, i) => {
    if (name === PADDING || count === 1) return { name, type };
    return { name: isColor ? channels[i] : `${name}_${i}`, type };
  });
}
