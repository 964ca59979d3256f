import type { LogFields, Logger, LogLevel } from "../log.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Lines that may come at once. */
const BURST_LINES = 5;
/** Lines a second after that. */
const LINES_PER_SECOND = 1;

/** Logs some of the lines that a peer can cause as often as it likes. */
export class LogThrottle {
  readonly #log: Logger;
  readonly #bucket: TokenBucket;
  #unsaid = 0;

  constructor(log: Logger, now?: () => number) {
    this.#log = log;
    this.#bucket = new TokenBucket({
      rate: LINES_PER_SECOND,
      capacity: BURST_LINES,
      now,
    });
  }

  /** Logs what happened, as it should, or counts it. */
  info(message: string, fields?: LogFields): void {
    this.#write("info", message, fields);
  }

  /** Logs a warning, or counts it. */
  warn(message: string, fields?: LogFields): void {
    this.#write("warn", message, fields);
  }

  /** Logs a failure, or counts it. */
  error(message: string, fields?: LogFields): void {
    this.#write("error", message, fields);
  }

  /** Logs a line, or counts it: the next one says how many were left out. */
  #write(level: LogLevel, message: string, fields?: LogFields): void {
    if (!this.#bucket.take()) {
      this.#unsaid++;
      return;
    }
    const unsaid = this.#unsaid > 0 ? { leftOut: this.#unsaid } : {};
    this.#unsaid = 0;
    this.#log[level](message, { ...fields, ...unsaid });
  }
}
