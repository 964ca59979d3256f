import type { ClockOffset } from "../wire/clock_offset.ts";

/** A clock that is further off counts as one that tells no time of day. */
const MAX_OFF_MS = 60_000;

/** What a publisher's clock says, in time of this machine's. */
export class PublisherClock {
  #offset = 0;
  /** What brings a clock without the time of day to now. */
  #shift = 0;

  /** Takes how far it is ahead, where that is known. */
  compare(clock: ClockOffset | undefined): void {
    if (clock !== undefined) this.#offset = clock.offset;
  }

  /** Takes a moment of it that has just been. */
  see(time: number, now: number): void {
    if (Math.abs(this.ownTime(time) - now) <= MAX_OFF_MS) return;
    this.#shift = now - time + this.#offset;
  }

  /** Gives a moment of it by this machine's clock, milliseconds. */
  ownTime(time: number): number {
    return time - this.#offset + this.#shift;
  }
}
