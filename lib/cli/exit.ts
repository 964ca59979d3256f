import { formatHelp, parseOptions, UsageError } from "./options.ts";
import type { OptionSpec, OptionValues } from "./options.ts";

/** Exit codes of the programs. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Reads the program's command line; ends the program where it asks for help or
 * can't be understood.
 */
export function readCommandLine<const S extends OptionSpec>(
  usage: string,
  spec: S,
): OptionValues<S> {
  const values = readOrExit(() => parseOptions(Deno.args, spec));
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

/**
 * Makes a signal that is aborted by Ctrl-C or SIGTERM. The second one ends the
 * program at once.
 */
export function abortOnTermination(): AbortSignal {
  const controller = new AbortController();
  const names: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  for (const name of names) {
    Deno.addSignalListener(name, () => {
      if (controller.signal.aborted) Deno.exit(EXIT.failed);
      controller.abort(new Error(`Stopped by ${name}`));
    });
  }
  return controller.signal;
}
