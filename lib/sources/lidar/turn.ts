/** Hundredths of a degree in a turn, as Velodyne and Hesai count azimuths. */
export const TURN = 36_000;

/** How far beyond a turn the tables go, to either side. */
export const TURN_MARGIN = 4000;

/** Radians of a hundredth of a degree. */
export const HUNDREDTH = Math.PI / 18_000;

/**
 * The cosine and the sine of each hundredth of a degree, from -40 to 400
 * degrees. Between two of them a tangent is off by less than 4e-9.
 */
export interface TurnTables {
  /** Item i is of i - {@linkcode TURN_MARGIN} hundredths. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** Makes the tables. */
export function createTurnTables(): TurnTables {
  const angles = Float64Array.from(
    { length: TURN + 2 * TURN_MARGIN },
    (_, i) => (i - TURN_MARGIN) * HUNDREDTH,
  );
  return { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
}
