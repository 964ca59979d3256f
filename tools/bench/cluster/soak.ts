/** A cluster that carries the same for long, and whether it stays the same. */
import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../../impair/random.ts";
import { comeAndGo, type VisitCounts } from "../../soak/load.ts";
import { type Trend, trendOf } from "../../soak/trend.ts";
import { MEMORY_RISE } from "../../soak/verdict.ts";
import { markdownTable } from "../transport/statistics.ts";
import { type BenchCluster, nodeName } from "./nodes.ts";

/** A node over the time, MiB. */
export interface NodeMemory {
  start: number;
  end: number;
  trend: Trend;
}

export interface SoakFigures {
  nodes: NodeMemory[];
  visits: VisitCounts;
}

/**
 * Takes the nodes' memory for so many minutes, while at each of them a
 * publisher and a watcher, of any session, come and go.
 */
export async function soak(
  { nodes }: BenchCluster,
  minutes: number,
): Promise<SoakFigures> {
  const ending = new AbortController();
  const visits: VisitCounts = { visits: {}, failures: {}, messages: 0 };
  const visiting = nodes.map((server, i) =>
    comeAndGo(
      { server, visitors: 1, signal: ending.signal },
      seededRandom(i),
      visits,
    )
  );
  const samples = nodes.map((): { seconds: number; value: number }[] => []);
  const started = performance.now();
  const durationMs = minutes * 60_000;
  const intervalMs = Math.min(5_000, durationMs / 20);
  while (performance.now() - started < durationMs) {
    await delay(intervalMs);
    const seconds = (performance.now() - started) / 1000;
    for (const [i, node] of nodes.entries()) {
      samples[i].push({ seconds, value: (await node.usage()).memory });
    }
  }
  ending.abort();
  await Promise.all(visiting);
  return {
    nodes: samples.map((each) => ({
      start: each[0].value,
      end: each[each.length - 1].value,
      trend: trendOf(each),
    })),
    visits,
  };
}

/** Whether no node's memory has higher peaks than in the beginning. */
export function isFlat({ nodes }: SoakFigures): boolean {
  return nodes.every(({ trend }) => trend.peakRise <= MEMORY_RISE);
}

export function soakTable({ nodes }: SoakFigures): string {
  return markdownTable([
    ["node", "MiB at the start", "at the end", "mean", "peaks rose by"],
    ...nodes.map(({ start, end, trend }, i) => [
      nodeName(i),
      ...[start, end, trend.mean, trend.peakRise].map((each) =>
        each.toFixed(0)
      ),
    ]),
  ]);
}
