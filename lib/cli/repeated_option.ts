/** Options that may be given several times, each with options of its own. */

/**
 * The arguments of each time that an option is given: those before the first
 * are of all, those behind one are its own.
 *
 * @param option with its dashes.
 */
export function argumentsOfEach(
  args: readonly string[],
  option: string,
): string[][] {
  const starts = [...args.keys()].filter((i) =>
    args[i] === option || args[i].startsWith(`${option}=`)
  );
  if (starts.length <= 1) return [[...args]];
  const common = args.slice(0, starts[0]);
  return starts.map((start, i) => [
    ...common,
    ...args.slice(start, starts[i + 1]),
  ]);
}

/** `NAME=VALUE`; a path that looks like it is written `./a=b.pcd`. */
const NAMED = /^([A-Za-z0-9_][A-Za-z0-9_.-]*)=(.+)$/s;

/** Splits `NAME=VALUE`; without a name all is value. */
export function splitName(text: string): { name?: string; value: string } {
  const [, name, value = text] = NAMED.exec(text) ?? [];
  return { name, value };
}
