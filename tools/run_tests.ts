/**
 * `deno task test`: runs most test files side by side, then one after the other
 * those that need the machine for themselves, those with a browser, which can't
 * be driven without all permissions, and the examples in comments. Arguments are
 * passed on to one `deno test` instead.
 *
 * @module
 */
import { TextLineStream } from "./text_lines.ts";

/** What fails where another test takes the processor for too long. */
const ALONE = [
  "tests/e2e/default_run_test.ts",
  "tests/e2e/flood_test.ts",
  "tests/e2e/lossy_test.ts",
  "tests/e2e/typed_test.ts",
  "tests/media/file_media_test.ts",
  "tests/peers/aiortc_test.ts",
];

const BROWSER = "tests/browser";

const RUNS = [
  ["-P=test", "--parallel", `--ignore=${[...ALONE, BROWSER]}`],
  ["-P=test", ...ALONE],
  ["-A", BROWSER],
  ["-P=test", "--parallel", "--doc", ...await modulesWithExamples("lib")],
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

/** Runs `deno test`; shows what it writes, and counts by its last line. */
async function run(args: string[]): Promise<{ ok: boolean; counts: number[] }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", ...args],
    env: {
      // Most of the long ones wait more than they compute.
      DENO_JOBS: `${navigator.hardwareConcurrency + 1}`,
      ...Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {},
    },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let counts = [0, 0, 0];
  for await (const line of child.stdout.pipeThrough(new TextLineStream())) {
    console.log(line);
    if (!line.includes(" passed ")) continue;
    counts = ["passed", "failed", "ignored"].map((what) =>
      Number(line.match(`(\\d+) ${what}`)?.[1] ?? 0)
    );
  }
  return { ok: (await child.status).success, counts };
}

const results: Awaited<ReturnType<typeof run>>[] = [];
const asked = Deno.args.length > 0 ? [["-P=test", ...Deno.args]] : RUNS;
for (const args of asked) {
  results.push(await run(args));
}
const [passed, failed, skipped] = [0, 1, 2].map((i) =>
  results.reduce((sum, { counts }) => sum + counts[i], 0)
);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(results.every(({ ok }) => ok) ? 0 : 1);
