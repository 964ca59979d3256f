import type { Logger } from "../../log.ts";

/** Times further apart are of two clocks: simulated time, or none at all. */
const SAME_CLOCK_MS = 3_600_000;

/**
 * Makes capture times of the stamps of a topic. A robot that counts from its
 * start, or plays what it simulates, has stamps of no use here: its messages
 * are captured when they come, which is said once.
 */
export class Stamps {
  readonly #log: Logger;
  #isSaid = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Gives a message's capture time, milliseconds since the Unix epoch.
   *
   * @param stamp of the message.
   * @param cameAt when it came, by this machine's clock.
   */
  captureTime(stamp: number, cameAt: number): number {
    if (Math.abs(stamp - cameAt) <= SAME_CLOCK_MS) return stamp;
    if (!this.#isSaid) {
      this.#log.warn(
        "its stamps are far from this machine's time: what comes is " +
          "captured when it comes",
        { stamp: new Date(clampDate(stamp)).toISOString() },
      );
    }
    this.#isSaid = true;
    return cameAt;
  }
}

/** What a date can hold. */
function clampDate(ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, Math.min(ms, 8.64e15)) : 0;
}
