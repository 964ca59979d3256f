/**
 * `deno task bench:transport`: how fast data channels are, ours and every other
 * peer's that is installed, in one run and in turn. A table on standard output;
 * all figures with `--json FILE`.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import { MARKS } from "./peers/protocol.ts";
import {
  type Buffers,
  BUFFERS_OPTION,
  BUFFERS_TITLE,
  KernelBuffers,
} from "./transport/buffers.ts";
import {
  type Condition,
  CONDITIONS,
  type Entry,
  type Kind,
  type Medians,
} from "./transport/conditions.ts";
import { installedKinds } from "./transport/programs.ts";
import { type EntryResult, runEntry } from "./transport/run_entry.ts";
import { markdownTable, median } from "./transport/statistics.ts";

const USAGE = `Usage: deno task bench:transport [OPTIONS]

The table of docs/transport.md, on a quiet machine, as root, in 15 minutes:
  AIORTC_PYTHON=PYTHON deno task bench:transport > table.md
PYTHON is the one that has the newest aiortc (/usr/bin/python3).`;

const options = readCommandLine(USAGE, {
  runs: { type: "integer", min: 1, max: 99, default: 3, help: "Rounds" },
  seconds: {
    type: "integer",
    min: 1,
    max: 600,
    default: 4,
    help: "Seconds that each flow sends for",
  },
  kinds: { type: "text", help: "Kinds of peers to run, with commas" },
  only: { type: "text", help: "Conditions to run, their ids with commas" },
  // Those that are recommended: both take twice the time.
  buffers: { ...BUFFERS_OPTION, default: "large" },
  json: { type: "text", help: "File to write all figures to" },
});

/** What the peers' releases are releases of. */
const NAMES: Partial<Record<Kind, string>> = {
  stock: "werift",
  libdatachannel: "node-datachannel",
  pion: "Pion",
  chromium: "Chromium",
};

type Results = Record<string, EntryResult[]>;

const ids = options.only?.split(",");
const conditions = CONDITIONS.filter(({ id }) => ids?.includes(id) ?? true);
const kinds = await installedKinds(options.kinds?.split(","));
const buffers = new KernelBuffers();
buffers.restoreOnSignals();
const settings = buffers.choose(options.buffers);
const machine = await describeMachine();
const report: {
  machine: typeof machine;
  buffers: Record<string, Record<string, Results>>;
} = { machine, buffers: {} };

try {
  for (let round = 1; round <= options.runs; round++) {
    for (const setting of settings) await runRound(round, setting);
  }
} finally {
  buffers.restore();
}
for (const setting of settings) console.log(formatReport(setting));
console.log(Object.entries(machine).map((each) => each.join(" ")).join(", "));
Deno.exit(0);

async function runRound(round: number, setting: Buffers): Promise<void> {
  buffers.set(setting);
  for (const condition of conditions) {
    for (const entry of condition.entries.filter(isInstalled)) {
      const results = resultsOf(setting, condition, entry);
      const seconds = condition.seconds ?? options.seconds;
      try {
        const result = await runEntry(condition, entry, seconds);
        results.push(result);
        const rate = result.rate.toFixed(2);
        console.error(
          `${round} ${setting} ${condition.id} ${entry.name} ${rate} MB/s`,
        );
      } catch (error) {
        // A failure counts as a rate of 0: the peer is no faster than that.
        console.error(`${round} ${condition.id} ${entry.name}: ${error}`);
        results.push(nothing(entry));
      }
      if (options.json) await save(options.json);
    }
  }
}

function isInstalled(entry: Entry): boolean {
  return entry.flows.every(({ from, to }) => kinds.has(from) && kinds.has(to));
}

function resultsOf(
  setting: Buffers,
  { id }: Condition,
  { name }: Entry,
): EntryResult[] {
  const all = report.buffers[setting] ??= {};
  return (all[id] ??= {})[name] ??= [];
}

function nothing(entry: Entry): EntryResult {
  return {
    rate: 0,
    shares: entry.flows.map(() => 0),
    kernelDrops: 0,
    queueDropped: 0,
    cpuSending: 0,
    cpuReceiving: 0,
  };
}

async function save(file: string): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(report, null, 1));
}

function formatReport(setting: Buffers): string {
  const rows = [[
    ...["condition", "from, to", "MB/s", "resent", "wire", "kernel drops"],
    ...["100 kB, RTT", "1 MB, RTT", "CPU s/GB sent", "received"],
    ...["to reach", "reached"],
  ]];
  for (const condition of conditions) {
    const results = report.buffers[setting]?.[condition.id] ?? {};
    const medians = mediansOf(results);
    const verdicts = condition.targets.map((target) => ({
      text: target.text,
      verdict: target.judge(medians),
    }));
    const names = Object.keys(results);
    const count = Math.max(names.length, verdicts.length);
    for (let i = 0; i < count; i++) {
      const { text = "", verdict } = verdicts[i] ?? {};
      rows.push([
        i === 0 ? condition.title : "",
        ...formatEntry(names[i], results[names[i]] ?? [], condition),
        text,
        verdict === undefined
          ? ""
          : `${verdict.figure}: ${verdict.reached ? "yes" : "no"}`,
      ]);
    }
  }
  return `\n${BUFFERS_TITLE[setting]}\n\n${markdownTable(rows)}\n`;
}

function formatEntry(
  name: string | undefined,
  runs: EntryResult[],
  { roundTripMs = NaN }: Condition,
): string[] {
  if (name === undefined || runs.length === 0) return Array(9).fill("");
  const middle = (pick: (run: EntryResult) => number | undefined) => {
    const values = runs.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const show = (value: number | undefined, digits: number, unit = "") =>
    value === undefined || isNaN(value) ? "-" : value.toFixed(digits) + unit;
  return [
    name,
    show(middle((run) => run.rate), 2),
    show(middle((run) => run.retransmitted), 1, " %"),
    show(middle((run) => run.wireRatio), 2),
    show(middle((run) => run.kernelDrops), 0),
    ...MARKS.map((_, i) =>
      show(middle((run) => run.marksMs?.[i])! / roundTripMs, 1)
    ),
    show(middle((run) => run.cpuSending), 0),
    show(middle((run) => run.cpuReceiving), 0),
  ];
}

function mediansOf(results: Results): Medians {
  return Object.fromEntries(
    Object.entries(results).map(([name, runs]) => [name, {
      rate: median(runs.map(({ rate }) => rate)),
      shares: runs[0].shares.map((_, i) =>
        median(runs.map(({ shares }) => shares[i]))
      ),
      queueDropped: median(runs.map(({ queueDropped }) => queueDropped)),
      marksMs: medianMarks(runs),
    }]),
  );
}

function medianMarks(runs: EntryResult[]): number[] | undefined {
  const all = runs.map(({ marksMs = [] }) => marksMs);
  if (all.some((marks) => marks.length < MARKS.length)) return undefined;
  return MARKS.map((_, i) => median(all.map((marks) => marks[i])));
}

/** Describes what the figures are measured on. */
async function describeMachine(): Promise<Record<string, string>> {
  const cpu = /model name\s*: (.*)/.exec(await readCpuInfo())?.[1] ??
    Deno.build.arch;
  const others = [...kinds].filter(([_, version]) => version !== "")
    .map(([kind, version]) => [NAMES[kind] ?? kind, version]);
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${navigator.hardwareConcurrency} cores of ${cpu}`,
    Linux: Deno.osRelease(),
    Deno: Deno.version.deno,
    ...Object.fromEntries(others),
  };
}

/** Deno lets no program read /proc without all permissions. */
async function readCpuInfo(): Promise<string> {
  try {
    const command = new Deno.Command("cat", { args: ["/proc/cpuinfo"] });
    return new TextDecoder().decode((await command.output()).stdout);
  } catch {
    return "";
  }
}
