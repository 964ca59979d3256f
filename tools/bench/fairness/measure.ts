/** How two flows share a bottleneck. */
import { Bottleneck, type BottleneckOptions } from "./bottleneck.ts";
import type { StartFlow } from "./flows.ts";

/** What two flows got of a bottleneck. */
export interface Shares {
  /** Percent of what came, by the flow. */
  shares: [number, number];
  /** Percent of the bottleneck's rate that both took together. */
  full: number;
}

export interface MeasureOptions extends BottleneckOptions {
  /** Seconds that both flows run for before anything counts. */
  settleSeconds: number;
  /** Seconds that count. */
  seconds: number;
}

/** Starts two flows, and measures what each gets, in bytes on the wire. */
export async function measureShares(
  start: readonly [StartFlow, StartFlow],
  { settleSeconds, seconds, ...options }: MeasureOptions,
): Promise<Shares> {
  await using bottleneck = await Bottleneck.open(options);
  await using flows = new AsyncDisposableStack();
  const started = start.map((each, i) => each(bottleneck, bottleneck.pairs[i]));
  for (const each of await Promise.allSettled(started)) {
    if (each.status === "fulfilled") flows.use(each.value);
  }
  await Promise.all(started);
  await pause(settleSeconds);
  const [before, startedAt] = [await bottleneck.bytes(), performance.now()];
  await pause(seconds);
  const [after, endedAt] = [await bottleneck.bytes(), performance.now()];
  const [one, other] = after.map((each, i) => each - before[i]);
  const all = one + other;
  const capacity = options.rate * 1e6 / 8 * (endedAt - startedAt) / 1000;
  return {
    shares: [100 * one / all, 100 * other / all],
    full: 100 * all / capacity,
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
