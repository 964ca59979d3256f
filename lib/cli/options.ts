import { parseArgs } from "@std/cli/parse-args";

/** Thrown for a command line that can't be understood; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

interface OptionBase {
  /** One line for `--help`. */
  help: string;
}
interface TextOption extends OptionBase {
  type: "text";
  default?: string;
}
interface UrlOption extends OptionBase {
  type: "url";
  default: string;
}
interface ChoiceOption<C extends string = string> extends OptionBase {
  type: "choice";
  choices: readonly C[];
  default: C;
}
interface NumberOption extends OptionBase {
  type: "number" | "integer";
  min: number;
  max?: number;
  default: number;
}
interface FlagOption extends OptionBase {
  type: "flag";
}
export type Option =
  | TextOption
  | UrlOption
  | ChoiceOption
  | NumberOption
  | FlagOption;

/** The options of a program by their names, without the leading dashes. */
export type OptionSpec = Record<string, Option>;

type ValueOf<O extends Option> = O extends ChoiceOption<infer C> ? C
  : O extends NumberOption ? number
  : O extends FlagOption ? boolean
  : O extends { default: string } ? string
  : string | undefined;

/** The values of a command line, by option name. */
export type OptionValues<S extends OptionSpec> = {
  [K in keyof S]: ValueOf<S[K]>;
};

/**
 * Reads a command line against its options.
 *
 * @returns the values, or `undefined` where `--help` was asked for.
 * @throws {UsageError} that names the option and what it takes.
 */
export function parseOptions<const S extends OptionSpec>(
  args: string[],
  spec: S,
): OptionValues<S> | undefined {
  const entries = Object.entries(spec);
  const named = (flags: boolean) =>
    entries.filter(([, o]) => (o.type === "flag") === flags).map(([n]) => n);
  const parsed: Record<string, unknown> = parseArgs(args, {
    string: named(false),
    boolean: [...named(true), "help"],
    alias: { h: "help" },
    unknown: (name) => {
      throw name.startsWith("-")
        ? new UsageError(`Unknown option ${name}; --help lists the options`)
        : unexpected(name);
    },
  });
  // What follows "--" is passed to nobody, and must not go unnoticed.
  for (const argument of parsed._ as (string | number)[]) {
    throw unexpected(argument);
  }
  if (parsed.help) return undefined;
  const values = entries.map((
    [name, option],
  ) => [name, readValue(name, option, parsed[name])]);
  return Object.fromEntries(values) as OptionValues<S>;
}

function unexpected(argument: string | number): UsageError {
  return new UsageError(
    `Unexpected argument "${argument}"; --help lists the options`,
  );
}

function readValue(name: string, option: Option, given: unknown) {
  if (option.type === "flag") return given === true;
  if (given === undefined) return option.default;
  const text = String(given);
  if (text.trim() === "") throw new UsageError(`--${name} needs a value`);
  switch (option.type) {
    case "text":
      return text;
    case "url":
      if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
      throw new UsageError(
        `--${name} is an http:// or https:// URL, not "${text}"`,
      );
    case "choice":
      if (option.choices.includes(text)) return text;
      throw new UsageError(
        `--${name} is one of ${option.choices.join(", ")}, not "${text}"`,
      );
    default:
      return readNumber(name, option, text);
  }
}

function readNumber(name: string, option: NumberOption, text: string): number {
  const { type, min, max = Infinity } = option;
  const value = Number(text);
  const fits = Number.isFinite(value) && value >= min && value <= max &&
    (type === "number" || Number.isInteger(value));
  if (fits) return value;
  const kind = type === "integer" ? "a whole number" : "a number";
  const range = max === Infinity
    ? `of at least ${min}`
    : `from ${min} to ${max}`;
  throw new UsageError(`--${name} is ${kind} ${range}, not "${text}"`);
}

/** Writes the text that `--help` shows. */
export function formatHelp(usage: string, spec: OptionSpec): string {
  const rows = Object.entries(spec).map(([name, option]) => {
    const value = option.type === "flag"
      ? ""
      : option.type === "choice"
      ? ` ${option.choices.join("|")}`
      : option.type === "text" || option.type === "url"
      ? ` ${option.type.toUpperCase()}`
      : " N";
    const fallback = "default" in option && option.default !== undefined
      ? ` (${option.default})`
      : "";
    return [`  --${name}${value}`, option.help + fallback];
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    usage,
    "",
    ...rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`),
    "",
  ].join("\n");
}
