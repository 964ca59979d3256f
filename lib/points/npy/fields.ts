/** The names of the columns of `.npy` arrays of shape (N, 3) to (N, 6). */
import { XYZ } from "../cloud.ts";

const COLUMNS = [...XYZ, "intensity", "c4", "c5"];

/** Columns of the widest array. */
export const MAX_NPY_COLUMNS = COLUMNS.length;

/**
 * Names the columns of an array: x, y, z, intensity, c4, c5, as many as there
 * are.
 */
export function npyColumnNames(columns: number): string[] {
  return COLUMNS.slice(0, columns);
}

/** Tells whether fields can go without their names, as columns. */
export function areNpyColumns(fields: readonly string[]): boolean {
  return fields.length <= COLUMNS.length &&
    fields.every((name, i) => name === COLUMNS[i]);
}
