/** What logs, whatever becomes of its lines. */

/** Severities, least first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
/** How severe a line is. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Named values of a log line; an `Error` is written as its message. Texts are
 * cut at 200 characters, lists at 20 elements, messages of errors at 1,000:
 * some of them are what a stranger sent.
 */
export type LogFields = Record<string, unknown>;

/** Writes one line for each call, with the fields of its ancestors first. */
export interface Logger {
  /** Says what helps to find a fault, and nobody else wants to read. */
  debug(message: string, fields?: LogFields): void;
  /** Says what happened, as it should. */
  info(message: string, fields?: LogFields): void;
  /** Says what is not as it should be, and goes on. */
  warn(message: string, fields?: LogFields): void;
  /** Says what failed. */
  error(message: string, fields?: LogFields): void;
  /** Makes a logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger;
  /** Tells whether lines of `level` are written, to skip costly fields. */
  isEnabled(level: LogLevel): boolean;
}
