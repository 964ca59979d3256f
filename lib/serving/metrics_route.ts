import type { ServerMetrics } from "../observability/server_metrics.ts";
import type { Route } from "./route.ts";

/** `GET /metrics`: Prometheus' text format. */
export function metricsRoute(
  metrics: Pick<ServerMetrics, "text" | "contentType">,
): Route {
  return {
    pathname: "/metrics",
    rights: { GET: "operate" },
    ofAll: true,
    methods: {
      GET: async () =>
        new Response(await metrics.text(), {
          headers: {
            "content-type": metrics.contentType,
            "cache-control": "no-store",
          },
        }),
    },
  };
}
