import { cutText, escapeControls } from "./foreign_text.ts";
import {
  LOG_LEVELS,
  type LogFields,
  type Logger,
  type LogLevel,
} from "./logger.ts";

export { LOG_LEVELS, type LogFields, type Logger, type LogLevel };

/** Shapes of a log line. */
export const LOG_FORMATS = ["text", "json"] as const;
/** The shape of a line: for people, or one JSON object. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Options of {@linkcode createLogger}. */
export interface LoggerOptions {
  /** Least severity that is written. @default {"info"} */
  level?: LogLevel;
  /** Shape of a line. @default {"text"} */
  format?: LogFormat;
  /** Receives each line without its line end. @default {standard error} */
  write?: (line: string) => void;
}

/** Most characters of an error's message: a sentence of ours, with values. */
const MAX_ERROR_CHARACTERS = 1_000;
/** Most characters of an error's stack. */
const MAX_STACK_CHARACTERS = 8_000;
/** Most elements of a list. */
const MAX_ELEMENTS = 20;

const encoder = new TextEncoder();

function writeToStderr(line: string): void {
  const bytes = encoder.encode(line + "\n");
  for (let written = 0; written < bytes.length;) {
    written += Deno.stderr.writeSync(bytes.subarray(written));
  }
}

/**
 * Makes a logger that writes to standard error, or to `options.write`.
 *
 * @example
 * ```ts
 * import { createLogger } from "@pointwire/pointwire";
 * import { assertMatch } from "@std/assert";
 *
 * const lines: string[] = [];
 * const log = createLogger({ write: (line) => lines.push(line) });
 * log.child({ session: "a1" }).info("connected", { points: 100 });
 * assertMatch(lines[0], / INFO  connected session=a1 points=100$/);
 * ```
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = "info", format = "text", write = writeToStderr } = options;
  const least = LOG_LEVELS.indexOf(level);

  function make(inherited: LogFields): Logger {
    const log = (at: LogLevel) => (message: string, fields?: LogFields) => {
      if (LOG_LEVELS.indexOf(at) < least) return;
      const line: Line = {
        time: new Date().toISOString(),
        level: at,
        message,
        fields: { ...inherited, ...fields },
        hasStacks: LOG_LEVELS[least] === "debug",
      };
      write(format === "json" ? jsonLine(line) : textLine(line));
    };
    return {
      debug: log("debug"),
      info: log("info"),
      warn: log("warn"),
      error: log("error"),
      child: (fields) => make({ ...inherited, ...fields }),
      isEnabled: (at) => LOG_LEVELS.indexOf(at) >= least,
    };
  }
  return make({});
}

/** A line before it is written. */
interface Line {
  time: string;
  level: LogLevel;
  message: string;
  fields: LogFields;
  /** Whether errors are written with their stacks. */
  hasStacks: boolean;
}

function jsonLine(
  { time, level, message, fields, hasStacks }: Line,
): string {
  return escapeControls(toJson({ time, level, message, ...fields }, hasStacks));
}

function toJson(value: unknown, hasStacks: boolean): string {
  return JSON.stringify(value, (_key, value) => {
    if (value instanceof Error) return describe(value, hasStacks);
    if (typeof value === "string") return cutText(value);
    if (Array.isArray(value)) return cutList(value);
    return typeof value === "bigint" ? value.toString() : value;
  });
}

function textLine(
  { time, level, message, fields, hasStacks }: Line,
): string {
  let line = `${time} ${level.toUpperCase().padEnd(5)} ${message}`;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    line += ` ${name}=${textValue(value, hasStacks)}`;
  }
  return line;
}

function textValue(value: unknown, hasStacks: boolean): string {
  if (value instanceof Error) return quoted(describe(value, hasStacks));
  if (typeof value === "string") return quoted(cutText(value));
  if (typeof value === "object") {
    return escapeControls(toJson(value, hasStacks));
  }
  return String(value);
}

/** Quotes what would break a line into more fields than it has. */
function quoted(text: string): string {
  return /^[^\s="\p{C}]+$/u.test(text)
    ? text
    : escapeControls(JSON.stringify(text));
}

function describe(error: Error, hasStacks: boolean): string {
  return hasStacks && error.stack
    ? cutText(error.stack, MAX_STACK_CHARACTERS)
    : cutText(error.message, MAX_ERROR_CHARACTERS);
}

function cutList(list: unknown[]): unknown[] {
  return list.length <= MAX_ELEMENTS
    ? list
    : [...list.slice(0, MAX_ELEMENTS), `… (${list.length} elements)`];
}
