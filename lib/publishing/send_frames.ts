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
    if (clock.now() - started >= limitMs) return;
    const seconds = number * periodMs / 1000;
    const given = await unlessAborted(source.next(number, seconds), signal);
    if (given === undefined) return;
    options.onFrame({ number: number >>> 0, ...withTime(given) });
    // A source that is too slow for the rate sets the pace; nothing piles up.
    due = Math.max(due + periodMs, clock.now() - CATCH_UP_MS);
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
