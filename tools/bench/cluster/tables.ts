/** What the phases of the cluster bench came to, as tables. */
import { markdownTable } from "../transport/statistics.ts";
import { nodeName, type NodeUsage } from "./nodes.ts";
import type { Activity } from "./peers.ts";

export interface PhaseFigures extends Activity {
  name: string;
  /** How long it took, until clouds came to all watchers again. */
  seconds: number;
  /** Of each node: cores in use, and MiB in the end. */
  nodes: { cores: number; memory: number }[];
}

/** Tells what nodes took between two moments. */
export function nodesBetween(
  before: readonly NodeUsage[],
  after: readonly NodeUsage[],
  seconds: number,
): PhaseFigures["nodes"] {
  return after.map(({ cpu, memory }, i) => ({
    cores: (cpu - before[i].cpu) / seconds,
    memory,
  }));
}

export function publishersTable(phases: readonly PhaseFigures[]): string {
  return markdownTable([
    [
      ...["phase", "seconds", "clouds", "sent", "dropped unconnected"],
      ...["dropped behind", "longest gap", "ended"],
    ],
    ...phases.map(({ name, seconds, publishers }) => [
      name,
      seconds.toFixed(1),
      ...[
        publishers.captured,
        publishers.sent,
        publishers.droppedUnconnected,
        publishers.droppedBehind,
      ].map(String),
      inSeconds(publishers.longestGapMs),
      `${publishers.ended.length}`,
    ]),
  ]);
}

export function watchersTable(phases: readonly PhaseFigures[]): string {
  return markdownTable([
    [
      ...["phase", "clouds", "missed in a session", "missed between two"],
      ...["came twice", "longest gap", "moved", "ended"],
    ],
    ...phases.map(({ name, watchers }) => [
      name,
      ...[
        watchers.clouds,
        watchers.missedWithin,
        watchers.missedBetween,
        watchers.again,
      ].map(String),
      inSeconds(watchers.longestGapMs),
      `${watchers.moved}`,
      `${watchers.ended.length}`,
    ]),
  ]);
}

export function nodesTable(phases: readonly PhaseFigures[]): string {
  const [{ nodes }] = phases;
  return markdownTable([
    [
      "phase",
      ...nodes.map((_, i) => nodeName(i)),
    ],
    ...phases.map(({ name, nodes }) => [
      name,
      ...nodes.map(({ cores, memory }) =>
        `${cores.toFixed(2)} cores, ${memory.toFixed(0)} MiB`
      ),
    ]),
  ]);
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
