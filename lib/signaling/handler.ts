import { STATUS_CODE } from "@std/http/status";
import { HostError, type SessionHost } from "../hosting/session_host.ts";
import type { Logger } from "../log.ts";
import { eventsRoute } from "./events.ts";
import { offerRoute } from "./offer_route.ts";
import { HttpProblem } from "./problem.ts";
import { type Authorize, createRouter, type Route } from "./route.ts";
import { sessionRoutes } from "./session_routes.ts";
import { whepRoutes } from "./whep.ts";
import { whipRoutes } from "./whip.ts";

export interface HandlerOptions {
  host: SessionHost;
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
  { host, log, signal, page = [], authorize }: HandlerOptions,
): Deno.ServeHandler<Deno.NetAddr> {
  const route = createRouter([
    offerRoute(host),
    ...whipRoutes(host),
    ...whepRoutes(host),
    ...sessionRoutes(host),
    eventsRoute(host, signal),
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
      const problem = problemOf(error);
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

const HOST_STATUS = {
  "no-session": STATUS_CODE.NotFound,
  "no-watcher": STATUS_CODE.NotFound,
  "deleted": STATUS_CODE.Gone,
  "unanswerable": STATUS_CODE.BadRequest,
  "unreachable": STATUS_CODE.ServiceUnavailable,
  "closed": STATUS_CODE.ServiceUnavailable,
};

function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof HostError) {
    const { code, message } = error;
    return new HttpProblem(HOST_STATUS[code], message, {}, { cause: error });
  }
  return new HttpProblem(
    STATUS_CODE.InternalServerError,
    "The server failed to answer; its log says why",
    {},
    { cause: error },
  );
}
