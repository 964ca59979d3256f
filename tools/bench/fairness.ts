/**
 * `deno task bench:fairness`: what ours leaves to others on a link, and gets of
 * it, in network namespaces of Linux. A table on standard output.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import { points, type StartFlow, tcp } from "./fairness/flows.ts";
import { measureShares, type Shares } from "./fairness/measure.ts";
import { markdownTable, median } from "./transport/statistics.ts";

const USAGE = `Usage: deno task bench:fairness [OPTIONS]

As root, with Debian's iproute2 and iperf3; video takes ffmpeg.`;

const options = readCommandLine(USAGE, {
  runs: { type: "integer", min: 1, max: 99, default: 3, help: "Rounds" },
  seconds: {
    type: "integer",
    min: 1,
    max: 600,
    default: 30,
    help: "Seconds that count, after the first ones",
  },
  settle: {
    type: "integer",
    min: 0,
    max: 600,
    default: 5,
    help: "Seconds before, for which both flows run",
  },
  rate: {
    type: "integer",
    min: 1,
    max: 1000,
    default: 20,
    help: "What the link takes, Mbit/s",
  },
  queue: {
    type: "integer",
    min: 1,
    max: 10_000,
    default: 100,
    help: "What its full queue takes, milliseconds",
  },
  json: { type: "text", help: "File to write all figures to" },
});

const libraries = { permissions: ["--allow-ffi"] };
/** The last ones are what others of the kind do there. */
const PAIRS: Record<string, [StartFlow, StartFlow]> = {
  "points, TCP CUBIC": [points(), tcp("cubic")],
  "points with libraries, TCP CUBIC": [points(libraries), tcp("cubic")],
  "points with sound and video, TCP CUBIC": [
    points({ media: true }),
    tcp("cubic"),
  ],
  "points, TCP BBR": [points(), tcp("bbr")],
  "points, points": [points(), points()],
  "TCP BBR, TCP CUBIC": [tcp("bbr"), tcp("cubic")],
  "TCP CUBIC, TCP CUBIC": [tcp("cubic"), tcp("cubic")],
};

const all: Record<string, Shares[]> = {};
for (let round = 1; round <= options.runs; round++) {
  for (const [name, flows] of Object.entries(PAIRS)) {
    const shares = await measureShares(flows, {
      rate: options.rate,
      queueMs: options.queue,
      settleSeconds: options.settle,
      seconds: options.seconds,
    });
    (all[name] ??= []).push(shares);
    console.error(`${round} ${name}: ${shares.shares[0].toFixed(1)} %`);
  }
}
const rows = [["flows", "share of the first", "runs", "link taken"]];
for (const [name, runs] of Object.entries(all)) {
  const first = runs.map(({ shares }) => shares[0]);
  const show = (value: number) => value.toFixed(0);
  rows.push([
    name,
    `${show(median(first))} %`,
    `${show(Math.min(...first))} to ${show(Math.max(...first))} %`,
    `${show(median(runs.map(({ full }) => full)))} %`,
  ]);
}
console.log(markdownTable(rows));
const date = new Date().toISOString().slice(0, 10);
console.log(
  `\n${date}, Linux ${Deno.osRelease()}, Deno ${Deno.version.deno}, ` +
    `${navigator.hardwareConcurrency} cores`,
);
if (options.json) {
  await Deno.writeTextFile(options.json, JSON.stringify(all, null, 2));
}
