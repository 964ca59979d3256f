import fc from "fast-check";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { anyMutant, mutate } from "./mutations.ts";
import { fuzzSettings, inputsOf } from "./settings.ts";

export interface TryOptions<T> {
  /** The target's, for the file of a failing input. */
  name: string;
  /** Inputs that it gets. @default {those of its name} */
  inputs?: number;
  /** Makes what it is tried with: of plain values and bytes. */
  from: fc.Arbitrary<T>;
  /** Inputs in one of these; on average. @default {1} */
  inEach?: number;
  /** Where failing input is written. @default {"fuzz-failures"} */
  folder?: string;
  /** A file with failing input, to be tried alone. @default `FUZZ_REPLAY` */
  replay?: string;
}

/** What garbage that isn't collected yet may add, bytes. */
const MAX_GROWTH_BYTES = 24 * 1024 * 1024;

/**
 * Tries a target with what an arbitrary makes. `check` throws where something
 * is wrong with what became of it. Fails with the smallest input that it finds,
 * which it writes to `fuzz-failures/`, and where memory grows.
 */
export async function tryAll<T>(
  options: TryOptions<T>,
  check: (input: T) => unknown,
): Promise<void> {
  const { name, from, inEach = 1 } = options;
  const { seed, replay = options.replay, isTold } = fuzzSettings();
  if (replay !== undefined) {
    const kept = await replayOf<T>(name, replay);
    if (kept !== undefined) await check(kept);
    return;
  }
  const { inputs = inputsOf(name) } = options;
  let tried = 0;
  let slowestMs = 0;
  const property = fc.asyncProperty(from, async (input) => {
    tried++;
    const startedAt = performance.now();
    // A target may keep or change what it is given.
    await check(structuredClone(input));
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  });
  const before = memory();
  const result = await fc.check(property, {
    seed,
    numRuns: Math.ceil(inputs / inEach),
    // Else it would shrink on for minutes.
    interruptAfterTimeLimit: 600_000,
  });
  if (result.failed && result.counterexample !== null) {
    const [input] = result.counterexample;
    const file = await keep(name, seed, input, options.folder);
    throw new Error(`fuzz: ${name}, seed ${seed}: see ${file}`, {
      cause: result.errorInstance,
    });
  }
  const grown = memory() - before;
  if (grown > MAX_GROWTH_BYTES) {
    throw new Error(`fuzz: ${name}: memory grew by ${grown} bytes`);
  }
  if (!isTold) return;
  console.log(
    `${name}: ${inEach > 1 ? `about ${inEach} x ` : ""}${tried} inputs, seed ` +
      `${seed}; the slowest took ${slowestMs.toFixed(1)} ms; memory grew by ` +
      `${(grown / 1024).toFixed(0)} KiB`,
  );
}

export interface FuzzOptions extends Omit<TryOptions<never>, "from"> {
  /** Real messages. */
  corpus: readonly Uint8Array[];
  /** Most messages of one run, which come one after the other. @default {1} */
  most?: number;
}

/** Tries a target with mutated messages, as {@linkcode tryAll} does. */
export async function fuzz(
  { corpus, most = 1, ...options }: FuzzOptions,
  check: (messages: Uint8Array<ArrayBuffer>[]) => unknown,
): Promise<void> {
  const mutants = fc.array(anyMutant, {
    ...{ minLength: 1, maxLength: most, size: "max" },
  });
  const from = mutants.map((all) =>
    all.map((mutant) => mutate(corpus, mutant))
  );
  await tryAll({ ...options, from, inEach: (most + 1) / 2 }, check);
}

/** Writes input where {@linkcode replayOf} finds it. @returns the path. */
export async function keep(
  name: string,
  seed: number,
  input: unknown,
  folder = "fuzz-failures",
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${name.replace(/\W+/g, "-")}-${seed}.json`;
  const text = JSON.stringify(
    { name, input },
    (_key, value) =>
      value instanceof Uint8Array ? { base64: value.toBase64() } : value,
  );
  await Deno.writeTextFile(path, text);
  return path;
}

/** Reads what was kept; nothing where it is another target's. */
export async function replayOf<T>(
  target: string,
  path: string,
): Promise<T | undefined> {
  const { name, input } = JSON.parse(
    await Deno.readTextFile(path),
    (_key, value) =>
      typeof value?.base64 === "string"
        ? Uint8Array.fromBase64(value.base64)
        : value,
  );
  return name === target ? input : undefined;
}

/** Bytes in use once garbage is collected. */
function memory(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
