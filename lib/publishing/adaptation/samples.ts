import type { FrameQueue, QueuedFrame } from "../../wire/frame_queue.ts";

/** What a points channel did since it was opened. */
export interface AdaptationSample {
  /** Milliseconds of a clock that doesn't go back. */
  now: number;
  /** Frames that were to be sent. */
  framesOffered: number;
  framesDropped: number;
  /** Bytes that left the channel. */
  bytesLeft: number;
  /** Time in which it had something to send, milliseconds. */
  busyMs: number;
  /** Whether it has not met the network's limit so far. @default {false} */
  isStarting?: boolean;
}

/** What of a queue makes a sample. */
export type SampledQueue = Pick<
  FrameQueue<QueuedFrame>,
  "counters" | "drain" | "isStarting"
>;

/** Takes the sample of a queue, at `now`. */
export function sampleOf(
  { counters, drain, isStarting }: SampledQueue,
  framesOffered: number,
  now: number,
): AdaptationSample {
  const { bytesLeft, busyMs } = drain;
  const { framesDropped } = counters;
  const channel = { framesDropped, bytesLeft, busyMs, isStarting };
  return { now, framesOffered, ...channel };
}

/** What a points channel did between two samples. */
export interface Stretch {
  framesPerSecond: number;
  framesDropped: number;
  /** Share of the time in which there was something to send. */
  busy: number;
  /** Bytes a second that left while there was; NaN where there never was. */
  throughput: number;
}

/** Longest time that is looked back, milliseconds. */
const WINDOW_MS = 3_000;
/** Least time between two samples that are kept, milliseconds. */
const SPACING_MS = 40;
/** Time to send in which nothing left that is a stall, milliseconds. */
const STALL_MS = 500;
/** Time in which only one stall is passed over, milliseconds. */
const STALL_EVERY_MS = 10_000;

/** The last samples of a points channel. */
export class AdaptationSamples {
  #samples: AdaptationSample[] = [];
  /** When bytes were last seen to leave: what had left, and in what time. */
  #moved = { bytesLeft: 0, busyMs: 0 };
  #nextStallFrom = 0;

  /** Begins with another channel, whose samples start again at 0. */
  restart(): void {
    this.#samples = [];
    this.#moved = { bytesLeft: 0, busyMs: 0 };
  }

  /** Forgets the samples so far. */
  clear(): void {
    this.#samples = [];
  }

  add(sample: AdaptationSample): void {
    if (this.#endsStall(sample)) this.#samples = [];
    const samples = this.#samples;
    const [before, last] = samples.slice(-2);
    if (last?.now - before?.now < SPACING_MS) samples.pop();
    samples.push(sample);
    while (sample.now - samples[1]?.now > WINDOW_MS) samples.shift();
  }

  /**
   * Sums up the last `ms` milliseconds, or a little more; nothing where less is
   * known.
   */
  last(ms: number): Stretch | undefined {
    const to = this.#samples.at(-1);
    if (to === undefined) return;
    const from = this.#samples.findLast(({ now }) => to.now - now >= ms);
    if (from === undefined) return;
    const passed = to.now - from.now;
    const busyMs = to.busyMs - from.busyMs;
    return {
      framesPerSecond: (to.framesOffered - from.framesOffered) / passed * 1000,
      framesDropped: to.framesDropped - from.framesDropped,
      busy: busyMs / passed,
      throughput: (to.bytesLeft - from.bytesLeft) / busyMs * 1000,
    };
  }

  /**
   * A mean over a time in which nothing left is no measure of the network as it
   * is now. But one that stalls again and again is that slow.
   */
  #endsStall({ now, bytesLeft, busyMs }: AdaptationSample): boolean {
    const moved = this.#moved;
    if (bytesLeft === moved.bytesLeft) return false;
    this.#moved = { bytesLeft, busyMs };
    const hasStalled = busyMs - moved.busyMs > STALL_MS;
    if (!hasStalled || now < this.#nextStallFrom) return false;
    this.#nextStallFrom = now + STALL_EVERY_MS;
    return true;
  }
}
