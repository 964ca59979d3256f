/** How often what live sessions send comes, by their counters. */

/** What was counted, and when. */
interface Count {
  frames: number;
  at: number;
  /** Frames a second, rounded; none before the second count. */
  hertz?: number;
}

/** Time that a rate is taken over, milliseconds. */
const SPAN_MS = 3_000;

/** The frames a second of one kind of each session, over the last seconds. */
export class SessionRates {
  #counts = new Map<string, Count>();

  /**
   * Takes the counters of all sessions.
   *
   * @param now milliseconds that only go up.
   * @returns frames a second by id; none of those that have sent none.
   */
  update(
    sessions: readonly { id: string; frames: number }[],
    now: number,
  ): Map<string, number> {
    const counts = new Map<string, Count>();
    const rates = new Map<string, number>();
    for (const { id, frames } of sessions) {
      const before = this.#counts.get(id);
      const count = next(before, frames, now);
      counts.set(id, count);
      if (count.hertz !== undefined) rates.set(id, count.hertz);
    }
    this.#counts = counts;
    return rates;
  }
}

function next(before: Count | undefined, frames: number, now: number): Count {
  if (before === undefined) return { frames, at: now };
  if (now - before.at < SPAN_MS) return before;
  if (frames === 0) return { frames, at: now };
  const hertz = (frames - before.frames) / (now - before.at) * 1000;
  return { frames, at: now, hertz: round(hertz) };
}

/** Two digits are enough, and flicker less. */
function round(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
}
