/** Skips what stands before the vertices of a binary PLY file. */
import { PointsError } from "../errors.ts";
import { scalarBytes, scalarReader } from "../records/fields.ts";
import type { PlyElement } from "./header.ts";

/**
 * Finds the end of an element of a binary file that starts at `offset`.
 *
 * @throws {PointsError} `length`, naming the byte, when it reaches past the end
 * of the file or a list has a negative length.
 */
export function skipElement(
  bytes: Uint8Array,
  { name, count, properties }: PlyElement,
  { offset, isLittleEndian }: { offset: number; isLittleEndian: boolean },
): number {
  const check = (end: number): number => {
    if (end <= bytes.length) return end;
    throw new PointsError(
      "length",
      `Cannot read PLY: ${count} of element ${name} from byte ${offset} reach ` +
        `past the file's ${bytes.length} bytes`,
    );
  };
  if (properties.every(({ countType }) => countType === undefined)) {
    const size = properties.reduce(
      (sum, { type }) => sum + scalarBytes(type),
      0,
    );
    return check(offset + count * size);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = offset;
  for (let i = 0; i < count; i++) {
    for (const { name, type, countType } of properties) {
      let values = 1;
      if (countType !== undefined) {
        const start = at;
        at = check(at + scalarBytes(countType));
        values = scalarReader(countType)(view, start, isLittleEndian);
        if (values < 0) {
          throw new PointsError(
            "length",
            `Cannot read PLY: list ${name} at byte ${start} has a length of ` +
              `${values}`,
          );
        }
      }
      at = check(at + values * scalarBytes(type));
    }
  }
  return at;
}
