import { Counter, Gauge, type Registry } from "prom-client";

/** What is counted of one direction of the feeds between nodes. */
interface FeedCounts {
  readonly feeds: number;
  readonly bytes: number;
}

/** What is counted of a node's cluster. */
export interface ClusterSource {
  readonly counts: {
    readonly isConnected: boolean;
    readonly nodes: number;
    readonly sessions: number;
    readonly received: FeedCounts;
    readonly sent: FeedCounts;
  };
}

/** Makes the metrics of a node's cluster in `registry`. */
export function registerClusterMetrics(
  registry: Registry,
  cluster: ClusterSource,
): void {
  const registers = [registry];
  const directions = ["received", "sent"] as const;
  new Gauge({
    name: "pointwire_cluster_connected",
    help: "Whether NATS is connected: 1 or 0.",
    registers,
    collect() {
      this.set(cluster.counts.isConnected ? 1 : 0);
    },
  });
  new Gauge({
    name: "pointwire_cluster_nodes",
    help: "Other nodes of the cluster.",
    registers,
    collect() {
      this.set(cluster.counts.nodes);
    },
  });
  new Gauge({
    name: "pointwire_cluster_sessions",
    help: "Sessions that live on other nodes.",
    registers,
    collect() {
      this.set(cluster.counts.sessions);
    },
  });
  new Gauge({
    name: "pointwire_cluster_feeds",
    help: "Feeds of sessions that come from, or go to, other nodes.",
    labelNames: ["direction"],
    registers,
    collect() {
      for (const direction of directions) {
        this.set({ direction }, cluster.counts[direction].feeds);
      }
    },
  });
  new Counter({
    name: "pointwire_cluster_feed_bytes_total",
    help: "Bytes of feeds that came from, or went to, other nodes.",
    labelNames: ["direction"],
    registers,
    collect() {
      this.reset();
      for (const direction of directions) {
        this.inc({ direction }, cluster.counts[direction].bytes);
      }
    },
  });
}
