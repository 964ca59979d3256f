import type { Route } from "./route.ts";
import { unavailable } from "./problem.ts";

/**
 * `GET /healthz`: the process answers. `GET /readyz`: it takes new sessions, or 503
 * while it drains, so that a load balancer sends them elsewhere.
 */
export function healthRoutes(isReady: () => boolean): Route[] {
  return [
    {
      pathname: "/healthz",
      methods: { GET: () => Response.json({ status: "ok" }) },
    },
    {
      pathname: "/readyz",
      methods: {
        GET: () => {
          // Asked again and again: nothing to be logged as refused.
          return isReady()
            ? Response.json({ status: "ready" })
            : unavailable("No new sessions: the server stops").response();
        },
      },
    },
  ];
}
