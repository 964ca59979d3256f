/** What happens to a cluster, one after the other. */
import { setTimeout as delay } from "node:timers/promises";
import type { BenchCluster } from "./nodes.ts";
import type { Peers } from "./peers.ts";

export interface Phase {
  name: string;
  run(cluster: BenchCluster, peers: Peers): Promise<void>;
}

const CALM_MS = 10_000;
/** For which NATS, and a node, are away. */
const AWAY_MS = 3_000;

export const PHASES: readonly Phase[] = [
  { name: "calm", run: () => delay(CALM_MS) },
  { name: "NATS away for 3 s", run: restartNats },
  { name: "a node killed", run: killNode },
  { name: "a rolling drain", run: drainAll },
];

async function restartNats({ nats }: BenchCluster): Promise<void> {
  await nats.kill();
  await delay(AWAY_MS);
  await nats.startAgain();
}

async function killNode({ nodes }: BenchCluster): Promise<void> {
  await nodes[1].stop("SIGKILL");
  await delay(AWAY_MS);
  await nodes[1].startAgain();
}

async function drainAll(cluster: BenchCluster, peers: Peers): Promise<void> {
  for (const node of cluster.nodes) {
    await node.stop("SIGTERM");
    await node.startAgain();
    await cluster.whenMet();
    // As who updates servers waits for each, watchers of this one are back.
    await peers.settled();
  }
}
