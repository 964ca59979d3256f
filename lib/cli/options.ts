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
  default?: string;
}
/**
 * May be given several times, and several values at once with commas between.
 */
interface ListOption extends OptionBase {
  type: "list";
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
  default?: number;
}
interface FlagOption extends OptionBase {
  type: "flag";
  /** What it is when it isn't given; `true` makes a `--no-NAME` of it. */
  default?: boolean;
}
/**
 * A word that isn't an option, in the order of the spec; it has to be there.
 */
interface OperandOption extends OptionBase {
  type: "operand";
}
export type Option =
  | OperandOption
  | TextOption
  | UrlOption
  | ListOption
  | ChoiceOption
  | NumberOption
  | FlagOption;

/** The options of a program by their names, without the leading dashes. */
export type OptionSpec = Record<string, Option>;

type ValueOf<O extends Option> = O extends ChoiceOption<infer C> ? C
  : O extends { type: "number" | "integer" }
    ? O extends { default: number } ? number : number | undefined
  : O extends FlagOption ? boolean
  : O extends ListOption ? string[]
  : O extends OperandOption ? string
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
  const named = (...types: Option["type"][]) =>
    entries.filter(([, { type }]) => types.includes(type)).map(([n]) => n);
  const on = named("flag").filter((name) => isOn(spec[name]));
  const valued = named("text", "url", "list", "choice", "number", "integer");
  const parsed: Record<string, unknown> = parseArgs(joinValues(args, valued), {
    string: [...valued, "_"],
    boolean: [...named("flag"), "help"],
    collect: named("list"),
    negatable: on,
    default: Object.fromEntries(on.map((name) => [name, true])),
    alias: { h: "help" },
    unknown: (name) => {
      if (!/^-./.test(name)) return true;
      throw new UsageError(`Unknown option ${name}; --help lists the options`);
    },
  });
  if (parsed.help) return undefined;
  const words = (parsed._ as (string | number)[]).map(String);
  for (const name of named("operand")) {
    const word = words.shift();
    if (word === undefined) {
      throw new UsageError(`${name.toUpperCase()} is missing`);
    }
    parsed[name] = word;
  }
  // What follows "--" is passed to nobody either, and must not go unnoticed.
  for (const word of words) throw unexpected(word);
  const values = entries.map((
    [name, option],
  ) => [name, readValue(name, option, parsed[name])]);
  return Object.fromEntries(values) as OptionValues<S>;
}

function isOn(option: Option): boolean {
  return option.type === "flag" && option.default === true;
}

/** Makes `--name=-5` of `--name -5`, which else is taken for another option. */
function joinValues(args: string[], names: string[]): string[] {
  const joined: string[] = [];
  const end = args.indexOf("--");
  for (let i = 0; i < args.length; i++) {
    const value = args[i + 1];
    const takes = (end < 0 || i + 1 < end) && args[i].startsWith("--") &&
      names.includes(args[i].slice(2));
    if (takes && /^-($|[^-])/.test(value ?? "")) {
      joined.push(`${args[i]}=${value}`);
      i++;
    } else joined.push(args[i]);
  }
  return joined;
}

function unexpected(argument: string): UsageError {
  return new UsageError(
    `Unexpected argument "${argument}"; --help lists the options`,
  );
}

function readValue(name: string, option: Option, given: unknown) {
  if (option.type === "flag") return given === true;
  if (option.type === "operand") return String(given);
  if (option.type === "list") return readList(name, given as string[]);
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

function readList(name: string, given: string[] = []): string[] {
  const values = given.flatMap((text) => text.split(","))
    .map((text) => text.trim());
  if (values.includes("")) throw new UsageError(`--${name} needs a value`);
  return values;
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
    if (option.type === "operand") {
      return [`  ${name.toUpperCase()}`, option.help];
    }
    const value = option.type === "flag"
      ? ""
      : option.type === "choice"
      ? ` ${option.choices.join("|")}`
      : ["text", "url", "list"].includes(option.type)
      ? ` ${option.type.toUpperCase()}`
      : " N";
    const fallback = isOn(option)
      ? ` (on; --no-${name} turns it off)`
      : "default" in option && option.default !== undefined
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
