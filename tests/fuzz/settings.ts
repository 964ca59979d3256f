/** How much is fuzzed, and with what. */
import { testWith } from "../support.ts";

/** Inputs of all targets together where nobody says. */
const DEFAULT_INPUTS = 8_000;
/** The same inputs each time, where nobody says. */
const DEFAULT_SEED = 20_260_101;

export interface FuzzSettings {
  /** Inputs of all targets together. */
  inputs: number;
  seed: number;
  /** A file with a failing input, to be tried alone. */
  replay?: string;
}

/**
 * Reads the settings from the environment: `FUZZ_INPUTS`, `FUZZ_SEED`,
 * `FUZZ_REPLAY`. Only tests with permissions may call it.
 */
export function fuzzSettings(): FuzzSettings {
  const read = (name: string) => Deno.env.get(name) || undefined;
  return {
    inputs: Number(read("FUZZ_INPUTS") ?? DEFAULT_INPUTS),
    seed: Number(read("FUZZ_SEED") ?? DEFAULT_SEED),
    replay: read("FUZZ_REPLAY"),
  };
}

/** Registers a test whose name says what is fuzzed. */
export const fuzzTest: typeof testWith = (needs, name, body, options) =>
  testWith(needs, `fuzz: ${name}`, body, options);
