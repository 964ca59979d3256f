/**
 * `deno task bench:video`: pictures, with points beside them, over networks
 * that lose packets or are narrow: the real server and client with browsers
 * that watch, and beside them libwebrtc with itself, through the same relay.
 */
import {
  abortOnTermination,
  EXIT,
  readCommandLine,
  readOrExit,
} from "../../lib/cli/exit.ts";
import { UsageError } from "../../lib/cli/options.ts";
import {
  type Codec,
  conditionsOf,
  type Leg,
  type Measured,
  type VideoCondition,
} from "./video/conditions.ts";
import { medianFigures } from "./video/figures.ts";
import { bundlePages } from "./video/pages.ts";
import type { VideoRun } from "./video/run.ts";
import { runBrowsers } from "./video/run_browsers.ts";
import { runOurs } from "./video/run_ours.ts";
import { formatFigures, formatTargets, type Row } from "./video/table.ts";

const options = readCommandLine("Usage: deno task bench:video [OPTIONS]", {
  only: { type: "text", help: "Conditions to run, their ids with commas" },
  seconds: {
    type: "integer",
    min: 2,
    max: 600,
    default: 30,
    help: "Seconds that are measured, where a condition has no own",
  },
  runs: {
    type: "integer",
    min: 1,
    max: 99,
    default: 1,
    help: "Runs of each, of whose figures the medians count",
  },
  codec: {
    type: "choice",
    choices: ["own", "vp8", "h264"],
    default: "own",
    help: "Codec of the video; own are those of each condition",
  },
  leg: {
    type: "choice",
    choices: ["both", "publisher", "watcher"],
    default: "both",
    help: "Leg that is impaired, of those that a condition has",
  },
  watcher: {
    type: "choice",
    choices: ["own", "browser", "none"],
    default: "own",
    help: "Who watches, where one is enough; none is lighter",
  },
  browsers: {
    type: "flag",
    default: true,
    help: "Compare with browser to browser",
  },
  client: { type: "text", help: "More options of the client, with spaces" },
  markdown: { type: "text", help: "File to write the tables to" },
  json: { type: "text", help: "File to write the figures of all runs to" },
});

/** A condition with the codec and the leg of its runs. */
interface Plan {
  condition: VideoCondition;
  codec: Codec;
  leg: Leg | undefined;
  runs: Measured[];
}

const conditions = readOrExit(() => {
  try {
    return conditionsOf(options.only?.split(","));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : `${error}`);
  }
});
const signal = abortOnTermination();
const plans = conditions.flatMap(plansOf);
let failures = 0;
try {
  await runAll();
} catch (error) {
  if (!signal.aborted) throw error;
  console.error("stopped: what was measured by now follows");
}
const rows = plans.filter(({ runs }) => runs.length > 0).map(rowOf);
const text = `${formatFigures(rows)}\n\n${formatTargets(rows)}\n`;
console.log(`\n${text}`);
if (options.markdown) await Deno.writeTextFile(options.markdown, text);
Deno.exit(signal.aborted || failures > 0 ? EXIT.failed : EXIT.ok);

function plansOf(condition: VideoCondition): Plan[] {
  const codecs = options.codec === "own" ? condition.codecs : [options.codec];
  const legs = condition.legs.length === 0
    ? [undefined]
    : condition.legs.filter((leg) =>
      options.leg === "both" || options.leg === leg
    );
  return codecs.flatMap((codec) =>
    legs.map((leg) => ({ condition, codec, leg, runs: [] }))
  );
}

async function runAll(): Promise<void> {
  const scripts = await bundlePages();
  for (let seed = 1; seed <= options.runs; seed++) {
    for (const plan of plans) {
      const { condition, codec, leg } = plan;
      const name = [condition.id, codec, leg].filter(Boolean).join(" ");
      const run: VideoRun = {
        ...{ condition, codec, leg, seed, scripts, signal },
        seconds: condition.seconds ?? options.seconds,
        isWatched: isWatched(condition),
        clientArgs: options.client?.split(" ").filter(Boolean) ?? [],
      };
      try {
        plan.runs.push(await runOnce(run));
        console.error(`${seed} ${name}: done`);
      } catch (error) {
        if (signal.aborted) throw error;
        failures++;
        console.error(`${seed} ${name}: failed: ${error}`);
      }
      if (options.json) {
        await Deno.writeTextFile(options.json, JSON.stringify(plans, null, 1));
      }
    }
  }
}

/** Both legs are one between browsers: they are measured for each all the same. */
async function runOnce(run: VideoRun): Promise<Measured> {
  const measured = await runOurs(run);
  if (!run.condition.isCompared || !options.browsers) return measured;
  return { ...measured, browsers: await runBrowsers(run) };
}

function isWatched({ watchers }: VideoCondition): boolean {
  if (watchers !== "one" && watchers !== "none") return true;
  if (options.watcher === "own") return watchers === "one";
  return options.watcher === "browser";
}

function rowOf({ condition, codec, leg, runs }: Plan): Row {
  const all = (pick: (run: Measured) => Measured["other"]) => {
    const figures = runs.map(pick).filter((each) => each !== undefined);
    return figures.length === 0 ? undefined : medianFigures(figures);
  };
  const measured = {
    ours: medianFigures(runs.map(({ ours }) => ours)),
    browsers: all(({ browsers }) => browsers),
    other: all(({ other }) => other),
  };
  return { condition, codec, leg, isWatched: isWatched(condition), measured };
}
