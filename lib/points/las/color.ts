/** Colour of 16 bits, which many writers fill with 8. */
import { LAS_COLOR, type LasField } from "./record.ts";

/** Records of points. */
interface Records {
  records: Uint8Array;
  stride: number;
  points: number;
}

/**
 * Makes colour one of 8 bits where that is exact in every point: as every value
 * is below 256, or a multiple of 256, or one of 257.
 */
export function narrowColor(
  fields: readonly LasField[],
  records: Records,
): readonly LasField[] {
  const colors = fields.filter(({ name }) => LAS_COLOR.includes(name));
  if (colors.length === 0) return fields;
  const byte = findColorByte(colors, records);
  if (byte === undefined) return fields;
  return fields.map((field) =>
    colors.includes(field)
      ? { ...field, type: "uint8", offset: field.offset + byte }
      : field
  );
}

/** Finds which byte of 16 bits is the colour, if one is. */
function findColorByte(
  colors: readonly LasField[],
  { records, stride, points }: Records,
): 0 | 1 | undefined {
  let isLow = true, isHigh = true, isDouble = true;
  for (const { offset } of colors) {
    for (let i = 0, at = offset; i < points; i++, at += stride) {
      const low = records[at], high = records[at + 1];
      if (high !== 0) isLow = false;
      if (low !== 0) isHigh = false;
      if (low !== high) isDouble = false;
    }
    if (!isLow && !isHigh && !isDouble) return;
  }
  return isLow ? 0 : 1;
}
