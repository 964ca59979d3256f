import type { BitrateRange } from "./rendition.ts";

/** Room over what a camera sends, so that more is seen to fit. */
const HEADROOM = 1.25;
/** What changes less isn't told, as a share. */
const SAME_SHARE = 0.2;
/** What rounding and sharing out take of all, as a share. */
const ROUNDING = 0.01;

/** The bitrates that live video can take, which follow what a camera sends. */
export class LiveBitrates {
  readonly #tell: (bitrates: BitrateRange) => void;
  #told: BitrateRange;
  /** Who is told asks for the old ones for a moment. */
  #before: BitrateRange;

  constructor(
    bitrates: BitrateRange,
    tell: (bitrates: BitrateRange) => void,
  ) {
    this.#told = this.#before = bitrates;
    this.#tell = tell;
  }

  /** Takes the bits a second that a camera sends. */
  follow(rate: number | undefined): void {
    if (rate === undefined) return;
    const most = Math.round(Math.max(HEADROOM * rate, this.#told.least));
    if (Math.abs(most / this.#told.most - 1) < SAME_SHARE) return;
    this.#before = this.#told;
    this.#told = { ...this.#told, most };
    this.#tell(this.#told);
  }

  /** Whether nothing holds video back where it may take so much. */
  isAll(bitsPerSecond: number): boolean {
    const most = Math.min(this.#told.most, this.#before.most);
    return bitsPerSecond >= (1 - ROUNDING) * most;
  }
}
