import type { LogFields, Logger } from "../log.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Lines at once, and lines a second after that. */
const BURST = 5;
const RATE = 1;

/** Logs warnings that a peer can cause as often as it likes, but not as often. */
export class LogThrottle {
  readonly #log: Logger;
  readonly #bucket: TokenBucket;
  #unsaid = 0;

  constructor(log: Logger, now?: () => number) {
    this.#log = log;
    this.#bucket = new TokenBucket({ rate: RATE, capacity: BURST, now });
  }

  /** Logs a line, or counts it: the next one tells how many were left out. */
  warn(message: string, fields?: LogFields): void {
    if (!this.#bucket.take()) {
      this.#unsaid++;
      return;
    }
    const unsaid = this.#unsaid > 0 ? { leftOut: this.#unsaid } : {};
    this.#unsaid = 0;
    this.#log.warn(message, { ...fields, ...unsaid });
  }
}
