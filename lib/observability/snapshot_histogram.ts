import type { Metric, Registry } from "prom-client";
import type { HistogramCounts } from "../histogram.ts";

/**
 * Makes a histogram in `registry` whose observations were counted elsewhere; the
 * library's own takes only what it counts itself.
 *
 * @param bounds upper ends of the ranges that `read` gives the counts of.
 * @param read is asked each time that the metric is.
 */
export function registerSnapshotHistogram(
  registry: Registry,
  name: string,
  help: string,
  bounds: readonly number[],
  read: () => HistogramCounts,
): void {
  function get() {
    const { counts, sum, count } = read();
    let below = 0;
    const buckets = bounds.map((le, range) => ({
      metricName: `${name}_bucket`,
      labels: { le },
      value: below += counts[range] ?? 0,
    }));
    const values = [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { le: "+Inf" }, value: count },
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: count },
    ];
    return Promise.resolve({
      name,
      help,
      type: "histogram",
      aggregator: "sum",
      values,
    });
  }
  // What a registry looks at of a metric; its type names the library's classes.
  registry.registerMetric({ name, get } as unknown as Metric);
}
