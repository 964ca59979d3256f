/** What the page has to say to those who look into its console. */
import type { LogFields, Logger } from "../logger.ts";

const WRITTEN = ["warn", "error"];

/** Warnings and errors alone. */
export const CONSOLE_LOG: Logger = {
  debug() {},
  info() {},
  warn: write,
  error: write,
  child: () => CONSOLE_LOG,
  isEnabled: (level) => WRITTEN.includes(level),
};

function write(message: string, fields: LogFields = {}): void {
  console.warn(message, fields);
}
