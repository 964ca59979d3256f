import { STATUS_CODE } from "@std/http/status";
import type { Logger } from "../log.ts";
import type { SessionRegistry } from "../session/registry.ts";
import type { WatcherRegistry } from "../watching/watcher_registry.ts";
import { eventsRoute } from "./events.ts";
import { offerRoute } from "./offer_route.ts";
import { HttpProblem } from "./problem.ts";
import { type Authorize, createRouter, type Route } from "./route.ts";
import { sessionRoutes } from "./session_routes.ts";
import { whepRoutes } from "./whep.ts";
import { whipRoutes } from "./whip.ts";

export interface HandlerOptions {
  registry: SessionRegistry;
  watchers: WatcherRegistry;
  log: Logger;
  /** Ends what would go on: event streams. */
  signal: AbortSignal;
  /** The page's files. @default none */
  page?: Route[];
  /** Tells who may do what. @default everybody everything */
  authorize?: Authorize;
}

/**
 * Makes the HTTP side: `/offer`, `/whip`, `/whep/ID`, `/sessions`, `/events`,
 * `/healthz`, and the page. Errors are problem documents (RFC 9457).
 */
export function createHandler(
  { registry, watchers, log, signal, page = [], authorize }: HandlerOptions,
): Deno.ServeHandler<Deno.NetAddr> {
  const route = createRouter([
    offerRoute(registry, log),
    ...whipRoutes(registry, log),
    ...whepRoutes(registry, watchers, log),
    ...sessionRoutes(registry),
    eventsRoute(registry, signal),
    {
      pathname: "/healthz",
      methods: { GET: () => Response.json({ status: "ok" }) },
    },
    ...page,
  ], authorize);

  return async (request, { remoteAddr }) => {
    // A Host field that is no host makes a URL that is none.
    const path = URL.parse(request.url)?.pathname;
    try {
      if (path === undefined) {
        throw new HttpProblem(STATUS_CODE.BadRequest, "The URL can't be read");
      }
      return await route(request, remoteAddr.hostname);
    } catch (error) {
      const problem = error instanceof HttpProblem ? error : new HttpProblem(
        STATUS_CODE.InternalServerError,
        "The server failed to answer; its log says why",
        {},
        { cause: error },
      );
      const failed = problem.status >= 500;
      log[failed ? "error" : "warn"]("request refused", {
        method: request.method,
        path,
        status: problem.status,
        remote: remoteAddr.hostname,
        error: failed ? problem.cause : problem,
      });
      return problem.response();
    }
  };
}
