/**
 * `deno task bench:cluster`: what nodes of a cluster take, and what is lost
 * when NATS stops, a node is killed, and all are drained in turn; or, with
 * `--soak`, whether their memory stays the same. It takes `nats-server`.
 */
import { setTimeout as delay } from "node:timers/promises";
import { EXIT, readCommandLine } from "../../lib/cli/exit.ts";
import { Balancer } from "./cluster/balancer.ts";
import { BenchCluster } from "./cluster/nodes.ts";
import { Peers } from "./cluster/peers.ts";
import { type Phase, PHASES } from "./cluster/phases.ts";
import { isFlat, soak, soakTable } from "./cluster/soak.ts";
import {
  nodesBetween,
  nodesTable,
  type PhaseFigures,
  publishersTable,
  watchersTable,
} from "./cluster/tables.ts";

const options = readCommandLine("Usage: deno task bench:cluster [OPTIONS]", {
  nodes: { type: "integer", min: 2, max: 26, default: 3, help: "Nodes" },
  publishers: {
    type: "integer",
    min: 1,
    max: 1000,
    default: 30,
    help: "Publishers, spread over the nodes",
  },
  watchers: {
    type: "integer",
    min: 1,
    max: 1000,
    default: 150,
    help: "Watchers behind a load balancer; each follows a name",
  },
  points: {
    type: "integer",
    min: 1,
    default: 2_000,
    help: "Points of each cloud",
  },
  rate: { type: "number", min: 0.1, default: 4, help: "Clouds a second" },
  libraries: {
    type: "flag",
    help: "The nodes may call the system's libraries (--allow-ffi)",
  },
  soak: {
    type: "number",
    min: 0.1,
    help: "Minutes without a fault in which others come and go, instead",
  },
  json: { type: "text", help: "File to write all figures to" },
});

/** Code is still being compiled in the first seconds. */
const WARM_UP_MS = 5_000;
/** After all came back: what was missed shows with the next cloud. */
const AFTERWARDS_MS = 2_000;

await using cluster = await BenchCluster.start(
  options.nodes,
  options.libraries ? ["--allow-ffi"] : [],
);
const urls = cluster.nodes.map(({ url }) => url);
await using balancer = new Balancer(urls);
await using peers = await Peers.start(urls, balancer.url, options);
await delay(WARM_UP_MS);
const isFine = options.soak === undefined
  ? await runPhases()
  : await runSoak(options.soak);
await peers[Symbol.asyncDispose]();
await balancer[Symbol.asyncDispose]();
await cluster[Symbol.asyncDispose]();
Deno.exit(isFine ? EXIT.ok : EXIT.failed);

/** Tells whether all publishers and watchers lived to the end. */
async function runPhases(): Promise<boolean> {
  const figures: PhaseFigures[] = [];
  for (const phase of PHASES) figures.push(await measure(phase));
  for (const table of [publishersTable, watchersTable, nodesTable]) {
    console.log(`\n${table(figures)}`);
  }
  await keep(figures);
  const ended = figures.flatMap(({ publishers, watchers }) => [
    ...publishers.ended,
    ...watchers.ended,
  ]);
  for (const why of ended) console.error(`ended: ${why}`);
  return ended.length === 0;
}

async function measure({ name, run }: Phase): Promise<PhaseFigures> {
  await peers.take();
  const [started, before] = [performance.now(), await cluster.usage()];
  await run(cluster, peers);
  await cluster.whenMet();
  await peers.settled();
  await delay(AFTERWARDS_MS);
  const seconds = (performance.now() - started) / 1000;
  const [activity, after] = [await peers.take(), await cluster.usage()];
  const nodes = nodesBetween(before, after, seconds);
  return { name, seconds, ...activity, nodes };
}

/** Tells whether no node's memory rose. */
async function runSoak(minutes: number): Promise<boolean> {
  await peers.take();
  const figures = await soak(cluster, minutes);
  const { publishers, watchers } = await peers.take();
  const flat = isFlat(figures);
  console.log(soakTable(figures));
  console.log(`\n${flat ? "flat" : "not flat"} after ${minutes} minutes`);
  console.log(JSON.stringify({ ...figures.visits, publishers, watchers }));
  await keep({ ...figures, publishers, watchers });
  return flat;
}

async function keep(figures: unknown): Promise<void> {
  if (options.json === undefined) return;
  await Deno.writeTextFile(options.json, JSON.stringify(figures, null, 2));
}
