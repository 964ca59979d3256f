/**
 * Plays a bag as fast as it can be read, and tells what memory that took:
 * play_bag.ts FILE. A program of its own, as a test's process has memory of
 * other tests.
 */
import { createLogger } from "../../../lib/log.ts";
import { openSource } from "../../../lib/sources/open.ts";

/** What the program prints, as JSON. */
export interface Played {
  clouds: number;
  seconds: number;
  /** Memory of the process before it opened the bag, and the most, bytes. */
  before: number;
  most: number;
}

if (import.meta.main) {
  const log = createLogger({ level: "warn" });
  const before = Deno.memoryUsage().rss;
  const started = performance.now();
  const played: Played = { clouds: 0, seconds: 0, before, most: before };
  const { streams: [{ source }] } = await openSource(Deno.args[0], {
    speed: 1_000,
    log,
  });
  while (await source.next(0, 0)) {
    played.clouds++;
    played.most = Math.max(played.most, Deno.memoryUsage().rss);
  }
  await source[Symbol.asyncDispose]?.();
  played.seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify(played));
}
