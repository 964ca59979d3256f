import type { PointCloud } from "./cloud.ts";

/** Bytes as words of one size. */
export type Words = Uint8Array | Uint16Array | Uint32Array;

/** A cloud's points as words, to be copied fast. */
export interface PointWords {
  readonly source: Words;
  /** Words of a point. */
  readonly size: number;
  /** Makes room for so many points, in words of the same size. */
  allocate(points: number): Words;
}

interface WordsConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): Words;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Words;
}

const LARGE: readonly WordsConstructor[] = [Uint32Array, Uint16Array];

/** Views a cloud's bytes as the largest words that its points are made of. */
export function wordsOf(
  { data, stride }: Pick<PointCloud, "data" | "stride">,
): PointWords {
  const { buffer, byteOffset, length } = data;
  const array: WordsConstructor =
    LARGE.find(({ BYTES_PER_ELEMENT: n }) =>
      stride % n === 0 && byteOffset % n === 0
    ) ?? Uint8Array;
  const size = stride / array.BYTES_PER_ELEMENT;
  const words = length / array.BYTES_PER_ELEMENT;
  return {
    source: new array(buffer, byteOffset, words),
    size,
    allocate: (points) => new array(points * size),
  };
}
