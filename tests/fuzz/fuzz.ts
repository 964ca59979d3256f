import fc from "fast-check";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { anyMutant, mutate } from "./mutations.ts";
import { fuzzSettings } from "./settings.ts";

export interface FuzzOptions {
  /** The target's, for the file of a failing input. */
  name: string;
  /** Of all inputs, those for this target: 0 to 1. */
  share: number;
  /** Real messages. */
  corpus: readonly Uint8Array[];
  /** Where failing input is written. @default {"fuzz-failures"} */
  folder?: string;
  /** A file with failing input, to be tried alone. @default `FUZZ_REPLAY` */
  replay?: string;
  /** Most messages of one run, which come one after the other. @default {1} */
  most?: number;
}

type Check = (messages: Uint8Array<ArrayBuffer>[]) => void | Promise<void>;

/** What garbage that isn't collected yet may add, bytes. */
const MAX_GROWTH_BYTES = 24 * 1024 * 1024;

/**
 * Tries a target with mutated messages. `check` throws where something is wrong
 * with what became of them. Fails with the smallest input that it finds, which it
 * writes to `fuzz-failures/`, and where memory grows.
 */
export async function fuzz(options: FuzzOptions, check: Check): Promise<void> {
  const { name, share, corpus, most = 1 } = options;
  const { inputs, seed, replay = options.replay } = fuzzSettings();
  if (replay !== undefined) return await tryAgain(name, replay, check);
  let tried = 0;
  let slowest = { ms: 0, messages: [] as Uint8Array[] };
  const property = fc.asyncProperty(
    fc.array(anyMutant, { minLength: 1, maxLength: most, size: "max" }),
    async (mutants) => {
      const messages = mutants.map((mutant) => mutate(corpus, mutant));
      tried += messages.length;
      const startedAt = performance.now();
      // A target may keep or change what it is given.
      await check(messages.map((message) => message.slice()));
      const ms = performance.now() - startedAt;
      if (ms > slowest.ms) slowest = { ms, messages };
    },
  );
  const numRuns = Math.ceil(inputs * share / ((most + 1) / 2));
  const before = memory();
  const result = await fc.check(property, {
    seed,
    numRuns,
    // Else it would shrink on for minutes.
    interruptAfterTimeLimit: 600_000,
  });
  if (result.failed && result.counterexample !== null) {
    const [mutants] = result.counterexample;
    const messages = mutants.map((mutant) => mutate(corpus, mutant));
    const file = await keep(name, seed, messages, options.folder);
    throw new Error(`fuzz: ${name}, seed ${seed}: see ${file}`, {
      cause: result.errorInstance,
    });
  }
  const grown = memory() - before;
  if (grown > MAX_GROWTH_BYTES) {
    throw new Error(`fuzz: ${name}: memory grew by ${grown} bytes`);
  }
  if (Deno.env.has("FUZZ_INPUTS")) {
    const bytes = slowest.messages.reduce((sum, m) => sum + m.length, 0);
    console.log(
      `${name}: ${tried} inputs, seed ${seed}; the slowest took ` +
        `${slowest.ms.toFixed(1)} ms, ${bytes} bytes; memory grew by ` +
        `${(grown / 1024).toFixed(0)} KiB`,
    );
  }
}

/** Writes messages where {@linkcode tryAgain} finds them. @returns the path. */
export async function keep(
  name: string,
  seed: number,
  messages: Uint8Array[],
  folder = "fuzz-failures",
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${name.replace(/\W+/g, "-")}-${seed}.json`;
  const encoded = messages.map((message) => message.toBase64());
  await Deno.writeTextFile(path, JSON.stringify({ name, messages: encoded }));
  return path;
}

async function tryAgain(
  target: string,
  path: string,
  check: Check,
): Promise<void> {
  const { name, messages } = JSON.parse(await Deno.readTextFile(path));
  if (name !== target) return;
  await check(messages.map((text: string) => Uint8Array.fromBase64(text)));
}

/** Bytes in use once garbage is collected. */
function memory(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
