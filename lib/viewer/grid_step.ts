/** Cells that a grid has from side to side, about. */
const CELLS = 24;

/**
 * Gives the side of a grid's cells, metres: 1, 2 or 5 times a power of ten, so
 * that `extent` metres are about two dozen of them.
 */
export function gridStep(extent: number): number {
  if (!(extent > 0) || !Number.isFinite(extent)) return 1;
  const ideal = extent / CELLS;
  const power = 10 ** Math.floor(Math.log10(ideal));
  const factor = [1, 2, 5, 10].find((step) => step * power >= ideal * 0.999);
  return Number(((factor ?? 10) * power).toPrecision(1));
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
