import { unlessAborted } from "../async.ts";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import { type PointSource, withTime } from "../sources/source.ts";
import type { CapturedFrame } from "./points_sender.ts";
import type { Uplink } from "./uplink.ts";

export interface SendFramesOptions {
  source: PointSource;
  /** Clouds a second; 0 takes them as they come. */
  rate: number;
  /** Seconds to send for; 0 goes on until the source or the signal ends it. */
  duration: number;
  /** Called with each frame. */
  onFrame(frame: CapturedFrame): void;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/**
 * Lateness that is made up for; a source that falls behind more sets the pace.
 */
const CATCH_UP_MS = 1_000;
/** Time for the last frames to be acknowledged, while some still are. */
const DRAIN_TIMEOUT_MS = 10_000;
/** Time between two looks at what is not acknowledged yet. */
const DRAIN_INTERVAL_MS = 10;

/**
 * Takes clouds from a source at the rate, and gives them out as frames, until
 * the duration is over or the source has no more.
 *
 * @throws what the source throws, or the signal's reason when it is aborted.
 */
export async function sendFrames(
  options: SendFramesOptions,
  signal: AbortSignal,
): Promise<void> {
  const { source, rate, duration, clock = SYSTEM_CLOCK } = options;
  const { periodMs, frames, limitMs } = planOf(rate, duration);
  const started = clock.now();
  let due = started;
  for (let number = 0; number < frames; number++) {
    await clock.sleep(Math.max(0, due - clock.now()), signal);
    signal.throwIfAborted();
    const left = limitMs - (clock.now() - started);
    if (left <= 0) return;
    const seconds = number * periodMs / 1000;
    const next = source.next(number, seconds);
    const given = await settled(next, left, { clock, signal });
    if (given === undefined) return;
    options.onFrame({ number: number >>> 0, ...withTime(given) });
    // A source that is too slow for the rate sets the pace; nothing piles up.
    due = Math.max(due + periodMs, clock.now() - CATCH_UP_MS);
  }
}

/**
 * Waits for a source's cloud, but no longer than `ms`: a pipe may be silent.
 *
 * @returns nothing where it doesn't come in time.
 */
async function settled<T>(
  given: T | Promise<T>,
  ms: number,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<T | undefined> {
  if (!(given instanceof Promise) || ms === Infinity) {
    return await unlessAborted(given, signal);
  }
  const isHere = new AbortController();
  const timeout = clock.sleep(ms, AbortSignal.any([signal, isHere.signal]));
  try {
    const first = Promise.race([given, timeout.then(() => undefined)]);
    return await unlessAborted(first, signal);
  } finally {
    isHere.abort();
  }
}

function planOf(rate: number, duration: number) {
  const endless = duration === 0;
  if (rate === 0) {
    const limitMs = endless ? Infinity : duration * 1000;
    return { periodMs: 0, frames: Infinity, limitMs };
  }
  return {
    periodMs: 1000 / rate,
    frames: endless ? Infinity : Math.round(rate * duration),
    limitMs: endless ? Infinity : duration * 1000 + CATCH_UP_MS,
  };
}

/**
 * Waits until all frames are acknowledged, or nothing moves any more.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function whenAcknowledged(
  uplink: Pick<
    Uplink,
    "framesAcked" | "framesUndelivered" | "queuedBytes" | "updateAcked"
  >,
  signal: AbortSignal,
  clock: Clock = SYSTEM_CLOCK,
): Promise<void> {
  let state = "";
  let since = clock.now();
  while (true) {
    uplink.updateAcked();
    if (uplink.framesUndelivered === 0) return;
    const now = `${uplink.framesAcked} ${uplink.queuedBytes}`;
    if (now !== state) {
      state = now;
      since = clock.now();
    } else if (clock.now() - since > DRAIN_TIMEOUT_MS) return;
    await clock.sleep(DRAIN_INTERVAL_MS, signal);
    signal.throwIfAborted();
  }
}
