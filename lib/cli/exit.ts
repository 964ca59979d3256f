import {
  formatHelp,
  type OptionSpec,
  type OptionValues,
  parseOptions,
  UsageError,
} from "./options.ts";

/** Exit codes of the programs. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Reads the program's command line; ends the program where it asks for help or
 * can't be understood.
 *
 * @param check throws a {@linkcode UsageError} where options contradict each other.
 */
export function readCommandLine<const S extends OptionSpec>(
  usage: string,
  spec: S,
  check: (values: OptionValues<S>) => void = () => {},
): OptionValues<S> {
  const values = readOrExit(() => {
    const values = parseOptions(Deno.args, spec);
    if (values !== undefined) check(values);
    return values;
  });
  if (values !== undefined) return values;
  console.log(formatHelp(usage, spec));
  Deno.exit(EXIT.ok);
}

/** Reads what a command line says; ends the program where that is no use. */
export function readOrExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(EXIT.usage);
  }
}

/** What a program was told to end by. */
export class Termination extends Error {
  override readonly name = "Termination";
  constructor(readonly by: Deno.Signal) {
    super(`Stopped by ${by}`);
  }
}

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
    Deno.addSignalListener(name, () => {
      const next = waiting.shift();
      if (next === undefined) Deno.exit(EXIT.failed);
      next.abort(new Termination(name));
    });
  }
  return signals;
}
