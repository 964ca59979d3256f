/**
 * `deno task test`: runs most test files side by side, then those that are in
 * time only where nothing else takes the processor, those that need all
 * permissions, as browsers do, and the examples in comments.
 * Arguments are passed on to one `deno test` instead.
 *
 * @module
 */
import { TextLineStream } from "./text_lines.ts";

/** What fails where others take all of the processor; two of these don't. */
const TWO_AT_ONCE = [
  "tests/e2e/lossy_test.ts",
  "tests/e2e/pressure_test.ts",
  "tests/e2e/recorded_media_test.ts",
  "tests/e2e/recording_test.ts",
  "tests/e2e/sources_test.ts",
  "tests/media/file_media_test.ts",
  "tests/media/live_media_test.ts",
  "tests/peers/aiortc_test.ts",
  "tests/peers/firefox_test.ts",
  "tests/peers/gstreamer_test.ts",
  "tests/peers/libwebrtc_test.ts",
  "tests/peers/passed_codecs_test.ts",
  "tests/peers/pion_test.ts",
  "tests/peers/rtsp_test.ts",
];

/** What takes, and needs, the processor for itself. */
const ALONE = [
  "tests/e2e/camera_test.ts",
  "tests/e2e/default_run_test.ts",
  "tests/e2e/fairness_test.ts",
  "tests/e2e/flood_test.ts",
  "tests/e2e/held_bytes_test.ts",
  "tests/e2e/typed_test.ts",
  "tests/media/camera_media_test.ts",
  "tests/tools/bench/glass_test.ts",
];

/** Browsers, and libraries of the system, are driven with all permissions. */
const FREELY = ["tests/browser", "tests/peers/libdatachannel_test.ts"];

/** What `deno test` is asked for, and how many files it runs at once. */
interface Run {
  args: string[];
  jobs: number;
}

const ELSEWHERE = [...TWO_AT_ONCE, ...ALONE, ...FREELY];
const CORES = navigator.hardwareConcurrency;
/** Types are looked at by `deno task check`, once and not for each run. */
const RUN = ["--no-check", "-P=test"];
const RUN_FREELY = ["--no-check", "-A"];
const RUNS: Run[] = [
  // Most of the long ones wait more than they compute.
  { args: [...RUN, `--ignore=${ELSEWHERE}`], jobs: CORES + 2 },
  { args: [...RUN, ...TWO_AT_ONCE], jobs: 2 },
  { args: [...RUN, ...ALONE], jobs: 1 },
  // Without a graphics card each takes all of the processor.
  { args: [...RUN_FREELY, ...FREELY], jobs: 1 },
  {
    args: ["-P=test", "--doc", ...await modulesWithExamples("lib")],
    jobs: CORES,
  },
];

/** The modules in a folder, and below it, whose comments have an example. */
async function modulesWithExamples(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await modulesWithExamples(path));
    else if (!name.endsWith(".ts")) continue;
    else if (/^ *\* ```ts/m.test(await Deno.readTextFile(path))) {
      found.push(path);
    }
  }
  return found.toSorted();
}

/** What became of a run of `deno test`. */
interface Result {
  ok: boolean;
  /** How many passed, failed and were skipped. */
  counts: number[];
  /** The names and places of those that failed. */
  failures: string[];
}

/** Runs `deno test`; shows what it writes, and reads its summary. */
async function run({ args, jobs }: Run): Promise<Result> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", ...jobs > 1 ? ["--parallel"] : [], ...args],
    env: {
      ...jobs > 1 ? { DENO_JOBS: `${jobs}` } : {},
      ...Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {},
    },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let counts = [0, 0, 0];
  let failures: string[] | undefined;
  for await (const line of child.stdout.pipeThrough(new TextLineStream())) {
    console.log(line);
    if (/\bFAILURES\b/.test(line)) failures = [];
    else if (line.includes(" => ")) failures?.push(line);
    if (!line.includes(" passed ")) continue;
    counts = ["passed", "failed", "ignored"].map((what) =>
      Number(line.match(`(\\d+) ${what}`)?.[1] ?? 0)
    );
  }
  const { success } = await child.status;
  return { ok: success, counts, failures: failures ?? [] };
}

const results: Result[] = [];
const asked = Deno.args.length > 0
  ? [{ args: ["-P=test", ...Deno.args], jobs: 1 }]
  : RUNS;
for (const each of asked) results.push(await run(each));
const [passed, failed, skipped] = [0, 1, 2].map((i) =>
  results.reduce((sum, { counts }) => sum + counts[i], 0)
);
// Once more, where they are seen without the long output above.
for (const { failures } of results) failures.forEach((it) => console.log(it));
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(results.every(({ ok }) => ok) ? 0 : 1);
