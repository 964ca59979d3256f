import { whyNoName } from "../session_name.ts";
import { type OptionValues, UsageError } from "./options.ts";

/** The client's option about what its session is called. */
export const NAME_OPTION = {
  name: {
    type: "text",
    help: "What the session is called, such as robot-7 (the machine's name)",
  },
} as const;

/**
 * Reads what the session is to be called: by the option, else like the machine.
 *
 * @throws {UsageError} where that is no name.
 */
export function readName(
  { name }: OptionValues<typeof NAME_OPTION>,
): { name?: string; machine?: string } {
  if (name === undefined) return { machine: machineName() };
  const why = whyNoName(name);
  if (why === undefined) return { name };
  throw new UsageError(`--name "${name}" can't be used: ${why}`);
}

/** What this machine is called; nothing where that may not be asked. */
function machineName(): string | undefined {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "hostname",
  });
  return state === "granted" ? Deno.hostname() : undefined;
}
