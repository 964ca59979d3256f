/**
 * `deno task fuzz`: tries everything that reads what strangers send with
 * 100,000 mutations of real messages. Failing input stays in `fuzz-failures/`.
 *
 * @module
 */
import { EXIT, readCommandLine } from "../lib/cli/exit.ts";

const options = readCommandLine("Usage: deno task fuzz [OPTIONS]", {
  inputs: {
    type: "integer",
    min: 1,
    default: 100_000,
    help: "Messages, of all targets together",
  },
  seed: {
    type: "integer",
    min: 0,
    max: 2 ** 31 - 1,
    help: "Another seed makes other messages (by chance, and printed)",
  },
  replay: { type: "text", help: "File of fuzz-failures/ to try alone" },
});

const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
console.log(`seed ${seed}`);
const { success } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-P=test", "tests/fuzz"],
  env: {
    FUZZ_INPUTS: `${options.inputs}`,
    FUZZ_SEED: `${seed}`,
    FUZZ_REPLAY: options.replay ?? "",
  },
}).spawn().status;
console.log(`seed ${seed}`);
Deno.exit(success ? EXIT.ok : EXIT.failed);
