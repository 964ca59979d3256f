/** When pieces of sound begin, one after the other without a gap. */

/** A piece of sound. */
export interface TimedSound {
  /** When it was captured, milliseconds of the playout clock's origin. */
  captureTime: number;
  /** Seconds. */
  duration: number;
}

/** How far pieces may drift from their time before they are cut, seconds. */
const MOST_DRIFT_S = 0.06;

/** Times here are those of an audio clock, seconds. */
export class SoundSchedule {
  /** When the last piece is over, and the time of its capture then. */
  #end: { at: number; captureTime: number } | undefined;

  /**
   * Tells when the next piece is to begin: right after the last one where it
   * goes on with that and is in time, else when it is due.
   *
   * @param due when it would begin by the playout clock.
   * @returns nothing for one that comes too late.
   */
  begin(
    { captureTime, duration }: TimedSound,
    { due, now, rate }: { due: number; now: number; rate: number },
  ): number | undefined {
    const { at: end = NaN, captureTime: next = NaN } = this.#end ?? {};
    const goesOn = Math.abs(captureTime - next) < MOST_DRIFT_S * 1000 &&
      Math.abs(end - due) < MOST_DRIFT_S && end >= now;
    const at = goesOn ? end : due;
    if (at < now) return undefined;
    this.#end = {
      at: at + duration / rate,
      captureTime: captureTime + duration * 1000,
    };
    return at;
  }

  /** Forgets what was before. */
  clear(): void {
    this.#end = undefined;
  }
}
