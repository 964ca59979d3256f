import { Counter, type Registry } from "prom-client";

/**
 * Makes the metric of how often the HTTP listener came back in `registry`.
 *
 * @param restarts how often that was so far.
 */
export function registerListenerMetrics(
  registry: Registry,
  restarts: () => number,
): void {
  new Counter({
    name: "pointwire_http_listener_restarts_total",
    help: "Times that the HTTP listener ended, and listened again.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(restarts());
    },
  });
}
