import type { Logger } from "./log.ts";

/**
 * Logs errors that nobody caught in this thread, and goes on: the last line of
 * defence, so that a fault with one peer doesn't end the others.
 *
 * @param log may leave lines out: who finds one such fault can repeat it.
 */
export function logUncaught(log: Pick<Logger, "error">): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("unhandled rejection", { error: event.reason });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.error("uncaught error", { error: event.error });
  });
}
