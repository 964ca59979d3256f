import {
  formatHelp,
  type OptionSpec,
  type OptionValues,
  parseOptions,
  UsageError,
} from "./options.ts";
import { printError } from "./print.ts";

/** Exit codes of the programs. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Reads the program's command line; ends the program where it asks for help or
 * makes no sense.
 *
 * @param check throws a {@linkcode UsageError} where options contradict each
 * other.
 */
export function readCommandLine<const S extends OptionSpec>(
  usage: string,
  spec: S,
  check: (values: OptionValues<S>) => void = () => {},
): OptionValues<S> {
  return readArguments({ usage, spec, args: Deno.args, check });
}

/** Does the same with arguments that are not quite those of the program. */
export function readArguments<const S extends OptionSpec>(
  { usage, spec, args, check = () => {} }: {
    usage: string;
    spec: S;
    args: string[];
    check?(values: OptionValues<S>): void;
  },
): OptionValues<S> {
  const values = readOrExit(() => {
    const values = parseOptions(args, spec);
    if (values !== undefined) check(values);
    return values;
  });
  if (values !== undefined) return values;
  console.log(formatHelp(usage, spec));
  Deno.exit(EXIT.ok);
}

/** Reads some of the command line; ends the program where it makes no sense. */
export function readOrExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    printError(error.message);
    Deno.exit(EXIT.usage);
  }
}

/** The signal that ended a program. */
export class Termination extends Error {
  override readonly name = "Termination";
  constructor(readonly by: Deno.Signal) {
    super(`Stopped by ${by}`);
  }
}

/**
 * Longest time between two arrivals of one Ctrl-C, milliseconds: a terminal
 * signals its whole process group, and `deno task` passes the signal on again.
 */
const SAME_SIGNAL_MS = 300;

/**
 * Makes a signal that is aborted by Ctrl-C or SIGTERM, with a
 * {@linkcode Termination}. The second one ends the program at once.
 */
export function abortOnTermination(): AbortSignal {
  return abortOnTerminations(1)[0];
}

/**
 * Makes signals that are aborted one after the other, each by another Ctrl-C or
 * SIGTERM. One more ends the program at once.
 */
export function abortOnTerminations(count: number): AbortSignal[] {
  const waiting = Array.from({ length: count }, () => new AbortController());
  const signals = waiting.map(({ signal }) => signal);
  const names: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  for (const name of names) {
    const isRepeat = createRepeatCheck();
    Deno.addSignalListener(name, () => {
      if (isRepeat()) return;
      const next = waiting.shift();
      if (next === undefined) Deno.exit(EXIT.failed);
      next.abort(new Termination(name));
    });
  }
  return signals;
}

/**
 * Makes a function to call at each arrival of a signal: true means that it is
 * the last one once more. Somebody who keeps on is heard again after 300 ms.
 *
 * @param now a clock that never goes back, milliseconds.
 */
export function createRepeatCheck(
  now: () => number = () => performance.now(),
): () => boolean {
  let countedAt = -Infinity;
  return () => {
    const at = now();
    if (at - countedAt < SAME_SIGNAL_MS) return true;
    countedAt = at;
    return false;
  };
}
