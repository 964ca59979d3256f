import {
  type AdaptationLevel,
  adaptationLevels,
  predictBytes,
  type Steps,
} from "./levels.ts";
import {
  type AdaptationSample,
  AdaptationSamples,
  type Stretch,
} from "./samples.ts";

/** The levels that were used. */
export interface AdaptationSummary {
  /** Times that the level changed. */
  changes: number;
  /** The level at which least was sent. */
  lowest: AdaptationLevel;
  /** Those that were used, all of the cloud first, and for how long. */
  levels: (AdaptationLevel & { seconds: number })[];
}

/** Shortfall after which less is sent, milliseconds. */
const SHORTFALL_MS = 500;
/** The same where nothing is dropped, but the queue doesn't empty any more. */
const STANDING_MS = 1_500;
/** Time without pressure after which more is sent, and then more again. */
const CALM_MS = 3_000;
const CALM_AGAIN_MS = 2_000;
/** Time after a raise in which a shortfall shows that it was too much. */
const TRIAL_MS = 5_000;
/** Time for which a limit that was met is believed, at first and at most. */
const MIN_BELIEF_MS = 10_000;
const MAX_BELIEF_MS = 60_000;
/**
 * Shares of the measured throughput that are used: going down, and going up.
 */
const LOWER_TO = 0.85;
const RAISE_TO = 0.8;
/** Most that one raise multiplies what is sent by. */
const MAX_STEP = 2;
/** What a throughput is multiplied by when the network has changed. */
const NEWS = 1.5;

/**
 * Decides how much of each cloud is sent, so that all frames get through: down
 * at once where the network can't keep up, up again bit by bit where it can.
 *
 * It compares what is offered with what leaves the channel, whatever the
 * reason. Two things keep it from swinging. The throughput at which it fell
 * short is believed to be the limit for a time, which doubles with each raise
 * that was too much; and after such a raise the next is smaller, by the square
 * root.
 *
 * It has no clock and no timers.
 */
export class Adaptation {
  readonly #allLevels: readonly AdaptationLevel[];
  /** Those of frames without steps. */
  readonly #thinningLevels: readonly AdaptationLevel[];
  #levels: readonly AdaptationLevel[];
  readonly #msAt = new Map<AdaptationLevel, number>();
  readonly #samples = new AdaptationSamples();
  #index = 0;
  #changes = 0;
  #tickedAt: number | undefined;
  /** Mean bytes of a frame at this level; none until one was begun at it. */
  #frameBytes: number | undefined;
  /** Since when there is no pressure, at this level. */
  #calmSince = 0;
  /** On the way down: what the first frames of the new level have to fit. */
  #fitting: { bytesPerFrame: number; tries: number } | undefined;
  /** The throughput at the last shortfall, and how long it is believed. */
  #limit = { throughput: Infinity, until: 0 };
  #beliefMs = MIN_BELIEF_MS;
  #step = MAX_STEP;
  /** The last raise: when it took effect, and the throughput it relied on. */
  #raise: { at: number; throughput: number; held: boolean } | undefined;
  /** Whether the first frame is to come, and what the path takes is known. */
  #isStarting = false;
  /** A throughput that a raise relied on in vain. */
  #refuted = 0;

  /** @param steps of the encoder; it has none where it doesn't round. */
  constructor(steps: Steps) {
    this.#allLevels = adaptationLevels(steps);
    this.#thinningLevels = steps.coarser
      ? adaptationLevels({})
      : this.#allLevels;
    this.#levels = this.#allLevels;
  }

  /** The level for the next frame. */
  get level(): AdaptationLevel {
    return this.#levels[this.#index];
  }

  /** Times that the level changed. */
  get changes(): number {
    return this.#changes;
  }

  /** Begins with another channel, at the same level. */
  restart(): void {
    this.#samples.restart();
    this.#frameBytes = undefined;
    this.#fitting = undefined;
    this.#raise = undefined;
    this.#limit = { throughput: Infinity, until: 0 };
  }

  /**
   * Has the first frame fit what the path is known to take, before it was ever
   * filled: begins at the whole cloud, and goes down as soon as a frame's bytes
   * are known.
   */
  expect(bytesPerSecond: number, framesPerSecond: number): void {
    this.#isStarting = true;
    const bytesPerFrame = LOWER_TO * bytesPerSecond / framesPerSecond;
    this.#fitting = { bytesPerFrame, tries: 2 };
    this.#limit = { throughput: bytesPerSecond, until: 0 };
  }

  /**
   * Whether the frame that was begun is to be encoded again, at the level that
   * fits the path: only the first one, and no more than twice.
   */
  takeRestart(): boolean {
    const again = this.#isStarting && this.#frameBytes === undefined;
    this.#isStarting = again;
    return again;
  }

  /**
   * Notes that a frame is being sent which has `bytes` at this level.
   *
   * @param isRounded false where the encoder had to keep its values as they
   * are.
   */
  begun(now: number, bytes: number, isRounded = true): void {
    this.#useLevels(isRounded ? this.#allLevels : this.#thinningLevels);
    if (this.#frameBytes !== undefined) {
      this.#frameBytes += 0.3 * (bytes - this.#frameBytes);
      return;
    }
    // What was measured before says nothing of this level.
    this.#samples.clear();
    this.#frameBytes = bytes;
    this.#calmSince = now;
    if (this.#raise?.at === Infinity) this.#raise.at = now;
    this.#fit();
  }

  /** Takes a sample: one each time that a frame was offered. */
  update(sample: AdaptationSample): void {
    const { now } = sample;
    this.#tick(now);
    if (this.#frameBytes === undefined) return;
    // What falls short of a limit that wasn't met is a machine that is busy.
    if (sample.isStarting) return this.#samples.clear();
    this.#samples.add(sample);
    const recent = this.#samples.last(SHORTFALL_MS);
    if (recent === undefined) return;
    if (recent.framesDropped > 0 || recent.busy > 0.97) this.#calmSince = now;
    const short = this.#findShortfall(recent);
    if (short) this.#lower(now, short);
    else if (this.#isCalm(now)) this.#raiseIfRoom(now);
  }

  /** Sums up what was done until now. */
  summary(now: number): AdaptationSummary {
    this.#tick(now);
    const levels = [...this.#msAt]
      .map(([level, ms]) => ({ ...level, seconds: ms / 1000 }))
      .filter(({ seconds }) => seconds > 0)
      .sort((a, b) =>
        b.pointShare - a.pointShare || a.resolutionFactor - b.resolutionFactor
      );
    const { seconds: _, ...lowest } = levels.at(-1) ??
      { ...this.level, seconds: 0 };
    return { changes: this.#changes, lowest, levels };
  }

  #findShortfall(recent: Stretch): Stretch | undefined {
    if (recent.framesDropped > 0 && this.#isTooMuch(recent)) return recent;
    const long = this.#samples.last(STANDING_MS);
    if (long && long.busy > 0.98 && this.#isTooMuch(long)) return long;
  }

  /**
   * Tells whether more is offered than leaves. Where nothing leaves at all,
   * less would not either; where more leaves, a backlog from before ends by
   * itself.
   */
  #isTooMuch({ busy, throughput, framesPerSecond }: Stretch): boolean {
    return busy > 0.9 && throughput > 0 &&
      framesPerSecond * this.#frameBytes! > 0.95 * throughput;
  }

  #lower(now: number, { throughput, framesPerSecond }: Stretch): void {
    const raise = this.#raise;
    if (raise && now - raise.at < TRIAL_MS) {
      this.#refuted = Math.max(this.#refuted, raise.throughput);
      this.#beliefMs = Math.min(2 * this.#beliefMs, MAX_BELIEF_MS);
      this.#step = Math.sqrt(this.#step);
    } else if (NEWS * throughput < this.#limit.throughput) {
      this.#refuted = 0;
      this.#beliefMs = MIN_BELIEF_MS;
      this.#step = MAX_STEP;
    }
    this.#raise = undefined;
    this.#limit = { throughput, until: now + this.#beliefMs };
    const bytesPerFrame = LOWER_TO * throughput / framesPerSecond;
    this.#fitting = { bytesPerFrame, tries: 2 };
    const index = Math.max(this.#indexFor(bytesPerFrame), this.#index + 1);
    this.#change(Math.min(index, this.#levels.length - 1));
  }

  /**
   * Corrects a level that was chosen by prediction, now that bytes are known.
   */
  #fit(): void {
    const fitting = this.#fitting;
    if (fitting === undefined || fitting.tries === 0) return;
    fitting.tries--;
    this.#change(this.#indexFor(fitting.bytesPerFrame));
  }

  #isCalm(now: number): boolean {
    const ms = now - this.#calmSince;
    if (this.#raise === undefined) return ms >= CALM_MS;
    // Where one was too much before, this one has to hold before another.
    return ms >= (this.#step < MAX_STEP ? TRIAL_MS : CALM_AGAIN_MS);
  }

  #raiseIfRoom(now: number): void {
    const calm = this.#samples.last(CALM_AGAIN_MS);
    if (calm === undefined || this.#index === 0) return;
    const { throughput, framesPerSecond } = calm;
    if (this.#raise && !this.#raise.held) {
      this.#raise.held = true;
      this.#step = Math.min(MAX_STEP, this.#step ** 2);
    }
    const known = Math.max(this.#limit.throughput, this.#refuted);
    const isNews = throughput > NEWS * known;
    if (isNews) this.#step = MAX_STEP;
    const isOpen = isNews || now >= this.#limit.until;
    const room = isOpen
      ? RAISE_TO * throughput
      : Math.min(RAISE_TO * throughput, 0.9 * this.#limit.throughput);
    const most = this.#step * this.#frameBytes!;
    let index = this.#indexFor(Math.min(room / framesPerSecond, most));
    // A careful step where the measurement promises no room, and none is lost.
    const next = framesPerSecond * this.#predict(this.#index - 1);
    const isLongCalm = now - this.#calmSince > 2 * CALM_MS;
    if (index >= this.#index && isOpen && isLongCalm && next < throughput) {
      index = this.#index - 1;
    }
    if (index >= this.#index) return;
    this.#fitting = undefined;
    this.#raise = { at: Infinity, throughput, held: false };
    this.#change(index);
  }

  /** The first level at which a frame has no more bytes than these. */
  #indexFor(bytesPerFrame: number): number {
    const index = this.#levels.findIndex((_, i) =>
      this.#predict(i) <= bytesPerFrame
    );
    return index < 0 ? this.#levels.length - 1 : index;
  }

  #predict(index: number): number {
    return predictBytes(this.#frameBytes!, this.level, this.#levels[index]);
  }

  #change(index: number): void {
    if (index === this.#index) return;
    this.#index = index;
    this.#changes++;
    this.#frameBytes = undefined;
  }

  /** Goes on at the same share of points, with or without coarser steps. */
  #useLevels(levels: readonly AdaptationLevel[]): void {
    if (levels === this.#levels) return;
    const { pointShare } = this.level;
    this.#levels = levels;
    this.#index = levels.findIndex((level) => level.pointShare <= pointShare);
  }

  #tick(now: number): void {
    const ms = now - (this.#tickedAt ?? now);
    this.#msAt.set(this.level, (this.#msAt.get(this.level) ?? 0) + ms);
    this.#tickedAt = now;
  }
}
