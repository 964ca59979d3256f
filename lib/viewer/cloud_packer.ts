/** Clouds as the graphics card takes them, in buffers that come back. */
import type { PointCloud } from "../points/cloud.ts";

/** Names of fields that are the strength of what came back. */
const INTENSITY = new Set([
  "intensity",
  "intensities",
  "reflectivity",
  "reflectance",
  "remission",
  "signal",
  "i",
]);

/** A cloud of x, y, z and, where `stride` is 4, its intensity. */
export interface PackedCloud {
  points: number;
  /** Values of a point. */
  stride: 3 | 4;
  /** Shape (points, stride), C order, and room to spare at the end. */
  values: Float32Array<ArrayBuffer>;
}

/** Values in the smallest buffer: 4096 points of 4. */
const LEAST_VALUES = 1 << 14;

/**
 * Copies clouds into buffers whose length doubles when it must and else stays,
 * so that they can be used again, here and on the graphics card.
 */
export class CloudPacker {
  #length = LEAST_VALUES;
  readonly #free: Float32Array<ArrayBuffer>[] = [];

  /** Copies a cloud into a buffer that is the caller's until it is recycled. */
  pack({ fields, points, values }: PointCloud): PackedCloud {
    const intensity = fields.findIndex((name) =>
      INTENSITY.has(name.toLowerCase())
    );
    const stride = intensity < 0 ? 3 : 4;
    const target = this.#take(points * stride);
    if (fields.length === stride && intensity <= 3) {
      target.set(values);
      return { points, stride, values: target };
    }
    for (let to = 0, from = 0; to < points * stride; from += fields.length) {
      target[to++] = values[from];
      target[to++] = values[from + 1];
      target[to++] = values[from + 2];
      if (stride === 4) target[to++] = values[from + intensity];
    }
    return { points, stride, values: target };
  }

  /** Takes a buffer back; one that has become too small is let go. */
  recycle(values: Float32Array<ArrayBuffer>): void {
    if (values.length === this.#length) this.#free.push(values);
  }

  #take(needed: number): Float32Array<ArrayBuffer> {
    if (needed > this.#length) {
      while (this.#length < needed) this.#length *= 2;
      this.#free.length = 0;
    }
    return this.#free.pop() ?? new Float32Array(this.#length);
  }
}
