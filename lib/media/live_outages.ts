import type { Logger } from "../log.ts";
import type { FromMediaWorker } from "./media_worker_messages.ts";

/** Time between two lines about an input that stays away, milliseconds. */
const QUIET_MS = 60_000;

/**
 * Tells a log when a live input is gone, and when it is back; and whether its
 * video is encoded.
 */
export class LiveOutages {
  readonly #log: Logger;
  #since?: number;
  #toldAt = -Infinity;
  #why = "";

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Takes what the media's Worker tells. */
  take(message: FromMediaWorker): void {
    const now = performance.now();
    if (message.type === "outage") {
      this.#since ??= now;
      const isNews = message.why !== this.#why;
      const isDue = now - this.#toldAt >= (isNews ? QUIET_MS / 10 : QUIET_MS);
      if (!isDue) return;
      [this.#toldAt, this.#why] = [now, message.why];
      this.#log.warn("the media is gone, and opened again until it is back", {
        why: message.why,
      });
    } else if (message.type === "encoding") {
      if (message.why === undefined) {
        this.#log.info("the video is copied again");
      } else this.#log.info("the video is encoded", { why: message.why });
    } else if (message.type === "opened" && this.#since !== undefined) {
      const seconds = Math.round((now - this.#since) / 100) / 10;
      this.#since = undefined;
      this.#log.info("the media is back", { afterSeconds: seconds });
    }
  }
}
