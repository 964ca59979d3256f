/** What a run is of, and what runs of any kind do. */
import { setTimeout as delay } from "node:timers/promises";
import { unlessAborted } from "../../../lib/async.ts";
import type { RelayProcess } from "../../impair/relay_process.ts";
import { processorTimes } from "../../proc.ts";
import type { Codec, Leg, VideoCondition } from "./conditions.ts";
import { type Figures, legFigures } from "./figures.ts";
import type { PageScripts, WatcherTab } from "./pages.ts";

/** One run of a condition. */
export interface VideoRun {
  condition: VideoCondition;
  codec: Codec;
  /** None where nothing is impaired. */
  leg: Leg | undefined;
  /** Length of the measurement. */
  seconds: number;
  /** The same seed loses the same packets. */
  seed: number;
  /** Whether a browser watches, where one is enough. */
  isWatched: boolean;
  /** More options of the client. */
  clientArgs: string[];
  scripts: PageScripts;
  signal: AbortSignal;
}

export const CODEC_NAMES = { vp8: "VP8", h264: "H264" } as const;

/** Longest that a first picture is waited for, milliseconds. */
const FIRST_PICTURE_MS = 15_000;
/** Time between two looks for it, milliseconds. */
const LOOK_MS = 50;

/**
 * Waits for a first picture, but not for ever: where none comes, that is what
 * the figures say.
 */
export async function waitForPicture(
  hasPicture: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + FIRST_PICTURE_MS;
  while (performance.now() < until) {
    if (await unlessAborted(hasPicture(), signal)) return;
    await delay(LOOK_MS, undefined, { signal });
  }
}

/**
 * Lets the measured seconds pass, and changes the network in them.
 *
 * @returns how busy the machine was.
 */
export async function passSeconds(
  { condition, seconds, signal }: VideoRun,
  relay: RelayProcess | undefined,
): Promise<Figures> {
  const before = await processorTimes(Deno.pid);
  const started = performance.now();
  const waitUntil = async (second: number) => {
    const ms = started + second * 1000 - performance.now();
    await delay(Math.max(0, ms), undefined, { signal });
  };
  for (const { at, rate } of condition.changes ?? []) {
    await waitUntil(at);
    await relay?.impair({ rate });
  }
  await waitUntil(seconds);
  const after = await processorTimes(Deno.pid);
  const percent = (name: "busy" | "own") =>
    100 * (after[name] - before[name]) / (after.all - before.all);
  return { processorBusy: percent("busy"), processorOwn: percent("own") };
}

/** Waits for a tab's picture, and lets the measured seconds pass. */
export async function passWatched(
  run: VideoRun,
  tab: WatcherTab,
  relay: RelayProcess | undefined,
): Promise<Figures> {
  await waitForPicture(() => tab.hasPicture(), run.signal);
  return await passSeconds(run, relay);
}

/** What of the media on a leg was repair. */
export async function repairFigures(
  relay: RelayProcess | undefined,
  direction: "toAnswerer" | "toOfferer",
): Promise<Figures> {
  if (relay === undefined) return {};
  const { pairs } = await relay.counters();
  const newest = pairs.at(-1);
  return newest === undefined ? {} : legFigures(newest.rtp[direction]);
}
