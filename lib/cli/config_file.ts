/** The file that `--config` names: options, and the sources that have them. */
import { whyNoName } from "../session_name.ts";
import {
  type Option,
  type OptionSpec,
  parseOptions,
  UsageError,
} from "./options.ts";

export const CONFIG_OPTION = {
  config: {
    type: "text",
    help: "Read options from a JSON file (docs/client.schema.json); those of " +
      "the command line come on top",
  },
} as const;

/** Named things of a file, each of which has options of its own. */
export interface ConfigSection {
  /** The option that begins one on a command line, as `NAME=VALUE`. */
  option: string;
  /** The options that one may have. */
  spec: OptionSpec;
  /** Reads the arguments of one. @throws {UsageError} for what is wrong. */
  check(args: string[]): void;
}

/** Reads a file into arguments. */
interface ConfigReader {
  /** Name of the file, for errors. */
  file: string;
  spec: OptionSpec;
  /** By the key that they stand under. */
  sections: Record<string, ConfigSection>;
}

/** Most bytes of a file: a robot of a thousand sensors. */
const MAX_BYTES = 1024 * 1024;
/** Names the schema, for editors. */
const SCHEMA_KEY = "$schema";

/**
 * Puts what the file of `--config` says into a command line: its options before
 * the line's own, which win, and its sources behind.
 *
 * @returns the arguments as they are, where they name no file.
 * @throws {UsageError} for a file that can't be read, and what is wrong in it,
 * with its place.
 */
export function withConfig(
  args: readonly string[],
  { spec, sections }: Pick<ConfigReader, "spec" | "sections">,
): string[] {
  const file = nameOf(args);
  if (file === undefined) return [...args];
  const reader = { file, spec, sections };
  const value = readJson(file);
  const common: string[] = [];
  const own: string[] = [];
  for (const [key, entry] of entriesOf(reader, "", value)) {
    if (key === SCHEMA_KEY) continue;
    const section = ownValue(sections, key);
    if (section === undefined || !isObject(entry)) {
      common.push(...argumentsOf(reader, { key, entry, spec, path: key }));
    } else {
      own.push(...argumentsOfSection(reader, key, section, entry));
    }
  }
  return [...common, ...args, ...own];
}

/** The file that a command line names last. */
function nameOf(args: readonly string[]): string | undefined {
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  const at = before.findLastIndex((arg) =>
    arg === "--config" || arg.startsWith("--config=")
  );
  if (at < 0) return undefined;
  const [, value = before[at + 1]] = /^--config=(.*)$/s.exec(before[at]) ?? [];
  if (value === undefined || value === "") {
    throw new UsageError("--config needs a value");
  }
  return value;
}

function readJson(file: string): unknown {
  let text;
  try {
    const { size, isFile } = Deno.statSync(file);
    if (!isFile || size > MAX_BYTES) {
      throw new UsageError(`${file} is no file of at most ${MAX_BYTES} bytes`);
    }
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--config ${file} can't be read: ${why}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${(error as Error).message}`);
  }
}

/** The arguments of a section's entries, each checked by itself. */
function argumentsOfSection(
  reader: ConfigReader,
  key: string,
  section: ConfigSection,
  entries: object,
): string[] {
  const all: string[] = [];
  for (const [name, value] of entriesOf(reader, key, entries)) {
    const path = `${key}.${name}`;
    const why = whyNoName(name);
    if (why !== undefined) throw fault(reader, path, `is no name: ${why}`);
    // A word alone is what the option takes.
    const given = typeof value === "string"
      ? { [section.option]: value }
      : value;
    const { [section.option]: main, ...others } = Object.fromEntries(
      entriesOf(reader, path, given),
    );
    if (typeof main !== "string" || main === "") {
      throw fault(reader, path, `needs "${section.option}", a text`);
    }
    const args = [`--${section.option}=${name}=${main}`];
    for (const [key, entry] of Object.entries(others)) {
      const { spec } = section;
      const inside = `${path}.${key}`;
      args.push(...argumentsOf(reader, { key, entry, spec, path: inside }));
    }
    inPlace(reader, path, () => section.check(args));
    all.push(...args);
  }
  return all;
}

/** The arguments of one option, its value checked. */
function argumentsOf(
  reader: ConfigReader,
  { key, entry, spec, path }: {
    key: string;
    entry: unknown;
    spec: OptionSpec;
    path: string;
  },
): string[] {
  const option = ownValue(spec, key);
  if (option === undefined || key === "config") {
    throw fault(reader, path, "is no option of this place");
  }
  const args = textOf(reader, { key, option, entry, path });
  inPlace(reader, path, () => void parseOptions(args, { [key]: option }));
  return args;
}

function textOf(
  reader: ConfigReader,
  { key, option, entry, path }: {
    key: string;
    option: Option;
    entry: unknown;
    path: string;
  },
): string[] {
  if (option.type === "flag") {
    if (typeof entry !== "boolean") {
      throw fault(reader, path, "is true or false");
    }
    if (entry) return [`--${key}`];
    return option.default === true ? [`--no-${key}`] : [];
  }
  const values = Array.isArray(entry) ? entry : [entry];
  const isText = values.length > 0 &&
    values.every((value) =>
      typeof value === "string" || typeof value === "number"
    );
  if (!isText) throw fault(reader, path, "is a text or a number");
  return [`--${key}=${values.join(",")}`];
}

function entriesOf(
  reader: ConfigReader,
  path: string,
  value: unknown,
): [string, unknown][] {
  if (isObject(value)) return Object.entries(value);
  throw fault(reader, path, "is an object of options: { … }");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ownValue<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Runs what may throw a `UsageError`, which is told with its place. */
function inPlace(reader: ConfigReader, path: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw fault(reader, path, error.message);
  }
}

function fault(
  { file }: ConfigReader,
  path: string,
  what: string,
): UsageError {
  return new UsageError(
    path === "" ? `${file} ${what}` : `${file}: ${path} ${what}`,
  );
}
