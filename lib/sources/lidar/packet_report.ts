import type { LogFields, Logger } from "../../log.ts";

/** Time from one line about packets to the next. */
const INTERVAL_MS = 10_000;

/** Says in the log what became of packets: at once, and then now and then. */
export class PacketReport {
  readonly #log: Logger;
  #said = "";
  #nextAt = -Infinity;

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Logs counts that have changed since.
   *
   * @param counts numbers that go up; a line is written where one isn't 0.
   * @param more fields of that line.
   */
  update(counts: Record<string, number>, more: LogFields = {}): void {
    const now = performance.now();
    if (now < this.#nextAt) return;
    const values = Object.values(counts);
    const text = values.join(" ");
    if (text === this.#said || values.every((value) => value === 0)) return;
    this.#said = text;
    this.#nextAt = now + INTERVAL_MS;
    this.#log.warn("packets of the lidar could not be used", {
      ...counts,
      ...more,
    });
  }
}
