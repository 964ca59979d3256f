import type { Route } from "./route.ts";
import { unavailable } from "./problem.ts";

/** What probes ask, by whatever name they know the server. */
export const HEALTH_PATHS: readonly string[] = ["/healthz", "/readyz"];

/**
 * `GET /healthz`: the process answers. `GET /readyz`: it takes new sessions, or
 * 503 that says why not, so that a load balancer sends them elsewhere.
 *
 * @param refusal says why new sessions are not taken, in a clause.
 */
export function healthRoutes(
  refusal: () => string | undefined = () => undefined,
): Route[] {
  return [
    {
      pathname: "/healthz",
      methods: { GET: () => Response.json({ status: "ok" }) },
    },
    {
      pathname: "/readyz",
      methods: {
        GET: () => {
          const why = refusal();
          // Thrown, it would fill the log: balancers ask every few seconds.
          return why === undefined
            ? Response.json({ status: "ready" })
            : unavailable(`No new sessions: ${why}`).response();
        },
      },
    },
  ];
}
