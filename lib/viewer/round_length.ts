/** Lengths for a picture of a cloud: round ones, that a person can read. */

/**
 * Gives the longest length, metres, that is 1, 2 or 5 times a power of ten and
 * fits `times` times into `extent` metres; 1 for an extent that is none.
 */
export function roundLength(extent: number, times: number): number {
  if (!(extent > 0) || !Number.isFinite(extent)) return 1;
  const most = extent / times * (1 + 1e-9);
  const power = 10 ** Math.floor(Math.log10(most));
  const factor = [5, 2, 1].find((step) => step * power <= most) ?? 1;
  return Number((factor * power).toPrecision(1));
}

/** Writes a length: `5 m`, `20 cm`, `2 km`. */
export function formatLength(metres: number): string {
  if (metres >= 1000) return `${trim(metres / 1000)} km`;
  if (metres >= 1) return `${trim(metres)} m`;
  if (metres >= 0.01) return `${trim(metres * 100)} cm`;
  return `${trim(metres * 1000)} mm`;
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}
