/** Which point of a cloud is meant by a place of the picture. */

/** Where a point is looked for, and how it is drawn. */
export interface PickQuery {
  /** Shape (points, 3), C order, and perhaps more. */
  positions: Float32Array;
  points: number;
  /** From positions to clip space, column by column, as WebGL has it. */
  matrix: ArrayLike<number>;
  /** Of the picture, CSS pixels. */
  width: number;
  height: number;
  /** The place, CSS pixels from the picture's left upper corner. */
  x: number;
  y: number;
  /** Points farther from it than this aren't meant, CSS pixels. */
  radius: number;
}

/** Of points that are this alike in distance, the front one is meant. */
const ALIKE_PIXELS = 3;

/** A point near the place. */
export interface Candidate {
  index: number;
  /** From the place, CSS pixels. */
  aside: number;
  /** From the camera, metres. */
  depth: number;
}

/**
 * Finds the point that is nearest to a place of the picture; of several, the
 * one in front.
 *
 * @returns nothing where no point is near.
 */
export function pickPoint(query: PickQuery): Candidate | undefined {
  return frontOf(candidatesOf(query));
}

/** Finds which of some points is meant. */
export function frontOf<T extends Candidate>(
  near: readonly T[],
): T | undefined {
  const least = near.reduce(
    (least, { aside }) => Math.min(least, aside),
    Infinity,
  );
  const alike = near.filter(({ aside }) => aside <= least + ALIKE_PIXELS);
  if (alike.length === 0) return undefined;
  return alike.reduce((a, b) => b.depth < a.depth ? b : a);
}

/** Looks at every point; the tests that most of them fail come first. */
function candidatesOf(
  { positions, points, matrix: m, ...query }: PickQuery,
): Candidate[] {
  const { width, height, radius } = query;
  const [m0, m4, m8, m12] = [m[0], m[4], m[8], m[12]];
  const [m1, m5, m9, m13] = [m[1], m[5], m[9], m[13]];
  const [m3, m7, m11, m15] = [m[3], m[7], m[11], m[15]];
  const halfWidth = width / 2, halfHeight = height / 2;
  const atX = query.x / halfWidth - 1, atY = 1 - query.y / halfHeight;
  const mostX = radius / halfWidth, mostY = radius / halfHeight;
  const found: Candidate[] = [];
  for (let index = 0, i = 0; index < points; index++, i += 3) {
    const x = positions[i], y = positions[i + 1], z = positions[i + 2];
    const w = m3 * x + m7 * y + m11 * z + m15;
    const dx = m0 * x + m4 * y + m8 * z + m12 - atX * w;
    // What is behind the camera, or no number, fails here too.
    if (!(Math.abs(dx) <= mostX * w)) continue;
    const dy = m1 * x + m5 * y + m9 * z + m13 - atY * w;
    if (!(Math.abs(dy) <= mostY * w)) continue;
    const aside = Math.hypot(dx / w * halfWidth, dy / w * halfHeight);
    if (aside <= radius) found.push({ index, aside, depth: w });
  }
  return found;
}
