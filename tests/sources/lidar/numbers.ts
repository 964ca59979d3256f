import { column, type PointCloud } from "../../../lib/points/cloud.ts";

/** Returns a function that gives numbers from 0 to 1, the same ones each time. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Copies a field's values, whatever their type. */
export function numbersOf(cloud: PointCloud, name: string): number[] {
  return Array.from(column(cloud, name), Number);
}
