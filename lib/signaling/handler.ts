import { STATUS_CODE } from "@std/http/status";
import { HostError, type SessionHost } from "../hosting/session_host.ts";
import { LimitCounters } from "../limits/limit_counters.ts";
import { LimitError } from "../limits/limit_error.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import {
  DEFAULT_REQUEST_LIMITS,
  type RequestLimits,
} from "../limits/request_limits.ts";
import type { Logger } from "../log.ts";
import { eventsRoute } from "./events.ts";
import { forwardedAddress, type ProxyField } from "./forwarded.ts";
import { offerRoute } from "./offer_route.ts";
import { HttpProblem } from "./problem.ts";
import { RequestGate } from "./request_gate.ts";
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
  /** What may be asked for; sessions and watchers are the host's to count. */
  limits?: Partial<RequestLimits>;
  /** Counts the requests that a limit refuses. */
  counters?: LimitCounters;
  /** Where a reverse proxy before the server names the client. @default {"none"} */
  trustProxy?: ProxyField;
}

/**
 * Makes the HTTP side: `/offer`, `/whip`, `/whep/ID`, `/sessions`, `/events`,
 * `/healthz`, and the page. Errors are problem documents (RFC 9457).
 */
export function createHandler(
  options: HandlerOptions,
): Deno.ServeHandler<Deno.NetAddr> {
  const { host, log, signal, page = [], authorize, trustProxy = "none" } =
    options;
  const { counters = new LimitCounters() } = options;
  const gate = new RequestGate({
    ...DEFAULT_REQUEST_LIMITS,
    ...options.limits,
  });
  const limited = new LogThrottle(log);
  const route = createRouter([
    offerRoute(host),
    ...whipRoutes(host),
    ...whepRoutes(host),
    ...sessionRoutes(host),
    eventsRoute(host, signal, gate),
    {
      pathname: "/healthz",
      methods: { GET: () => Response.json({ status: "ok" }) },
    },
    ...page,
  ], authorize);

  return async (request, { remoteAddr }) => {
    // A Host field that is no host makes a URL that is none.
    const path = URL.parse(request.url)?.pathname;
    const remote = forwardedAddress(request.headers, trustProxy) ??
      remoteAddr.hostname;
    try {
      if (path === undefined) {
        throw new HttpProblem(STATUS_CODE.BadRequest, "The URL can't be read");
      }
      // Every POST is an offer.
      if (request.method === "POST") gate.offer(remote);
      return await route(request, remote);
    } catch (error) {
      const problem = problemOf(error);
      const { status, limit } = problem;
      const shown = { method: request.method, path, status, remote };
      if (limit !== undefined) {
        counters.count(limit);
        limited.warn("request refused", { ...shown, limit, error: problem });
      } else if (status >= 500) {
        log.error("request refused", { ...shown, error: problem.cause });
      } else log.warn("request refused", { ...shown, error: problem });
      return problem.response();
    }
  };
}

const HOST_STATUS = {
  "no-session": STATUS_CODE.NotFound,
  "no-watcher": STATUS_CODE.NotFound,
  "deleted": STATUS_CODE.Gone,
  "unanswerable": STATUS_CODE.BadRequest,
  "closed": STATUS_CODE.ServiceUnavailable,
};

/**
 * What is full for everybody is unavailable (RFC 9110 section 15.6.4); what is
 * full for one address is too much of it (RFC 6585 section 4).
 */
const FULL_FOR_ALL: LimitError["limit"][] = ["sessions", "watchers"];

function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof LimitError) {
    const { limit, message, retryAfterS } = error;
    return new HttpProblem(
      FULL_FOR_ALL.includes(limit)
        ? STATUS_CODE.ServiceUnavailable
        : STATUS_CODE.TooManyRequests,
      message,
      retryAfterS === undefined ? {} : { "retry-after": `${retryAfterS}` },
      { limit },
    );
  }
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
