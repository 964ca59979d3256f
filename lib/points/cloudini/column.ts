/** How one field's values become tokens. */
import { BLOCK_TOKENS } from "./tokens.ts";

/** Points of a cloud, as the encoders read them. */
export interface Points {
  /** The cloud's bytes. */
  view: DataView;
  /** Byte where the first point begins. */
  start: number;
  /** Bytes from one point to the next. */
  stride: number;
  points: number;
}

/** Where tokens go: `step` from one point's to the next one's. */
export interface TokenPlace {
  first: number;
  step: number;
}

/** Turns a field's values into tokens, from the first of a chunk on. */
export interface ColumnEncoder {
  /** Begins a chunk: forgets the values before it. */
  reset(): void;
  /** @returns whether the rule can hold all values. */
  put(points: Points, place: TokenPlace): boolean;
}

/** Cuts points to blocks whose tokens there is room for. */
export function* blocksOf(chunk: Points, tokens: number): Generator<Points> {
  const most = tokens > 0 ? Math.floor(BLOCK_TOKENS / tokens) : chunk.points;
  for (let first = 0; first < chunk.points; first += most) {
    yield {
      ...chunk,
      start: chunk.start + first * chunk.stride,
      points: Math.min(most, chunk.points - first),
    };
  }
}

/**
 * Puts the tokens of a block.
 *
 * @returns the index of a column that can't hold a value, if there is one.
 */
export function putColumns(
  columns: readonly ColumnEncoder[],
  block: Points,
): number | undefined {
  const step = columns.length;
  const failed = columns.findIndex((column, first) =>
    !column.put(block, { first, step })
  );
  return failed < 0 ? undefined : failed;
}
