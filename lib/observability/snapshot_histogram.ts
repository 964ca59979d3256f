import type { Metric, Registry } from "prom-client";
import type { HistogramCounts } from "../histogram.ts";

/** A histogram whose observations are counted elsewhere. */
export interface SnapshotHistogram {
  name: string;
  help: string;
  /** Upper ends of the ranges that are counted. */
  bounds: readonly number[];
  /** Gives the counts; called each time that the metric is read. */
  read(): HistogramCounts;
}

/**
 * Makes a histogram in `registry`; the library's own takes only what it counts
 * itself.
 */
export function registerSnapshotHistogram(
  registry: Registry,
  { name, help, bounds, read }: SnapshotHistogram,
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
