/** Pictures after which a rate is known, and the time for them, seconds. */
const FIRST_PICTURES = 6;
const FIRST_S = 0.5;
/** How long a stretch is that a rate is measured over, seconds. */
const STRETCH_S = 4;
const MIN_RATE = 1;
const MAX_RATE = 60;

/** Measures how many pictures a second come, of an input that doesn't say. */
export class FrameRateMeter {
  #rate?: number;
  #times: number[] = [];

  /** Frames a second, from 1 to 60; none before it is known. */
  get rate(): number | undefined {
    return this.#rate;
  }

  /** Takes the time of the next picture, seconds. */
  add(seconds: number): void {
    const first = this.#times[0];
    if (first !== undefined && seconds <= this.#times.at(-1)!) return;
    this.#times.push(seconds);
    const count = this.#times.length;
    const span = seconds - (first ?? seconds);
    if (this.#rate === undefined) {
      const isEnough = count >= FIRST_PICTURES || span >= FIRST_S;
      if (isEnough && count > 1) this.#rate = this.#measure();
    } else if (span >= STRETCH_S) {
      this.#rate = this.#measure();
      this.#times = [seconds];
    }
  }

  /** By the interval in the middle: a pause says nothing of the rate. */
  #measure(): number {
    const intervals = this.#times.slice(1)
      .map((time, i) => time - this.#times[i])
      .sort((a, b) => a - b);
    const middle = intervals[intervals.length >> 1];
    return Math.min(Math.max(1 / middle, MIN_RATE), MAX_RATE);
  }
}
