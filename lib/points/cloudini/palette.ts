import { CHUNK_POINTS } from "./first_stage.ts";
import { valueHigh, valueLow } from "./section_columns.ts";

// Shared as the columns are.

/** Half of the slots are free at least. */
const SLOTS = 2 * CHUNK_POINTS;

/** By a value's hash: one more than its index, or 0. */
const slots = new Uint16Array(SLOTS);
/** Where the distinct values come first, in their order. */
export const firstAt = new Uint16Array(CHUNK_POINTS);
/** The index of each point's value. */
export const indexes = new Uint16Array(CHUNK_POINTS);

/**
 * Numbers the distinct values of the section's column by their first
 * appearance.
 *
 * @returns how many there are.
 */
export function buildPalette(points: number): number {
  slots.fill(0);
  let count = 0;
  for (let i = 0; i < points; i++) {
    const lo = valueLow[i], hi = valueHigh[i];
    // Low bits that count up, as most do, go to slots of their own.
    let slot = lo + Math.imul(lo >>> 15 ^ hi, 0x9e3779b1) & SLOTS - 1;
    for (;; slot = slot + 1 & SLOTS - 1) {
      const index = slots[slot] - 1;
      if (index < 0) {
        slots[slot] = count + 1;
        firstAt[count] = i;
        indexes[i] = count++;
        break;
      }
      const first = firstAt[index];
      if (valueLow[first] === lo && valueHigh[first] === hi) {
        indexes[i] = index;
        break;
      }
    }
  }
  return count;
}

/** Returns how many bits an index takes among so many values. */
export function indexBits(count: number): number {
  return 32 - Math.clz32(count - 1);
}
