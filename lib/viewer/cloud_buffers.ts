/** Buffers for clouds, which come back from the page and are used again. */

/** Room for a cloud's points: all of it is in one buffer. */
export interface CloudRoom {
  /** Shape (points, 3), C order, and room to spare at the end. */
  positions: Float32Array<ArrayBuffer>;
  /** One value of a point, and room to spare at the end. */
  values: Float32Array<ArrayBuffer>;
  /** Red, green, blue and 255 of a point, where its value is else. */
  colors: Uint8Array<ArrayBuffer>;
}

/** Points in the smallest buffer. */
const LEAST_POINTS = 1 << 12;

const POSITION_BYTES = 12;
const POINT_BYTES = POSITION_BYTES + 4;

/**
 * Gives out buffers whose length doubles when it must and else stays, so that
 * they can be used again, here and on the graphics card.
 */
export class CloudBuffers {
  #points = LEAST_POINTS;
  readonly #free: ArrayBuffer[] = [];

  /** Gives room that is the caller's until it is recycled. */
  take(points: number): CloudRoom {
    if (points > this.#points) {
      while (this.#points < points) this.#points *= 2;
      this.#free.length = 0;
    }
    const room = this.#points;
    const buffer = this.#free.pop() ?? new ArrayBuffer(room * POINT_BYTES);
    const at = room * POSITION_BYTES;
    return {
      positions: new Float32Array(buffer, 0, room * 3),
      values: new Float32Array(buffer, at, room),
      colors: new Uint8Array(buffer, at, room * 4),
    };
  }

  /** Takes a buffer back; one that has become too small is let go. */
  recycle(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#points * POINT_BYTES) {
      this.#free.push(buffer);
    }
  }
}
