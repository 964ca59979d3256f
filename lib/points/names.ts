/** Names that columns of a file get where it gives none, or others. */
import { XYZ } from "./field.ts";

/** Columns of the widest cloud that a file without names is read as. */
export const MAX_COLUMNS = 1024;

/** Names columns that have no names: x y z, then c3, c4 and so on. */
export function columnNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => XYZ[i] ?? `c${i}`);
}

/** Writes the names of coordinates small: X is x where nothing else is. */
export function lowerXyz(names: readonly string[]): string[] {
  return names.map((name) => {
    const lower = name.toLowerCase();
    return XYZ.includes(lower) && !names.includes(lower) ? lower : name;
  });
}
