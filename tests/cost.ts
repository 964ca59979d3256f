/** Whether something takes much longer than something else, on any machine. */

/** How often it is done again before it counts as slow: others disturb it. */
const TRIES = 6;

/**
 * How long something takes at the quickest, milliseconds; done again as long as
 * it takes more than `enough`.
 */
export async function quickest(
  run: () => unknown,
  enough = 0,
): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < TRIES && least > enough; i++) {
    const startedAt = performance.now();
    await run();
    least = Math.min(least, performance.now() - startedAt);
  }
  return least;
}
