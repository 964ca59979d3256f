import { STATUS_CODE } from "@std/http/status";
import type { SessionHost } from "../hosting/session_host.ts";
import { LimitCounters } from "../limits/limit_counters.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import {
  DEFAULT_REQUEST_LIMITS,
  type RequestLimits,
} from "../limits/request_limits.ts";
import type { Logger } from "../log.ts";
import { nameRequestSpan } from "../observability/request_span.ts";
import type { AnsweredRequest } from "../observability/server_metrics.ts";
import { type Authorize, forbidden, OPEN, type Right } from "./access.ts";
import { withCors } from "./cors.ts";
import { eventsRoute } from "./events.ts";
import { forwardedAddress, type ProxyField } from "./forwarded.ts";
import { offerRoute } from "./offer_route.ts";
import { healthRoutes } from "./health_routes.ts";
import { HttpProblem } from "./problem.ts";
import { problemOf } from "./problem_of.ts";
import { RequestGate } from "./request_gate.ts";
import { createRouter, type Route } from "./route.ts";
import { sessionRoutes } from "./session_routes.ts";
import { Streams } from "./streams.ts";
import { whepRoutes } from "./whep.ts";
import { whipRoutes } from "./whip.ts";

export interface HandlerOptions {
  host: SessionHost;
  log: Logger;
  /** Ends what would go on: event streams. */
  signal: AbortSignal;
  /** Tells whether new sessions are taken. @default always */
  isReady?: () => boolean;
  /** Is told of each request that was answered. */
  onAnswered?(request: AnsweredRequest): void;
  /** What else is there. @default nothing */
  more?: Route[];
  /** The page's files. @default none */
  page?: Route[];
  /** Tells who may do what. @default everybody everything */
  authorize?: Authorize;
  /** Origins whose pages may come in, or `*`. @default none */
  cors?: readonly string[];
  /** What may be asked for; sessions and watchers are the host's to count. */
  limits?: Partial<RequestLimits>;
  /** Counts the requests that a limit refuses. */
  counters?: LimitCounters;
  /** Where a reverse proxy before the server names the client. @default {"none"} */
  trustProxy?: ProxyField;
}

/**
 * Makes the HTTP side: `/offer`, `/whip`, `/whep/ID`, `/sessions`, `/events`,
 * `/healthz`, `/readyz`, and the page. Errors are problem documents (RFC 9457).
 */
export function createHandler(
  options: HandlerOptions,
): Deno.ServeHandler<Deno.NetAddr> {
  const { host, log, signal, authorize, onAnswered, cors = [] } = options;
  const { isReady = () => true, more = [], page = [] } = options;
  const { counters = new LimitCounters(), trustProxy = "none" } = options;
  const gate = new RequestGate({
    ...DEFAULT_REQUEST_LIMITS,
    ...options.limits,
  });
  const limited = new LogThrottle(log);
  const streams = new Streams();
  const told = host.subscribe({ onClosed: ({ id }) => streams.closed(id) });
  signal.addEventListener("abort", () => told[Symbol.dispose]());
  const check = async (request: Request, right: Right, session?: string) => {
    const access = await authorize?.(request, right, session) ?? OPEN;
    if (session === undefined || streams.covers(access, right, session)) {
      return access;
    }
    throw forbidden(`The token gives no right to ${right} session ${session}`);
  };
  const route = createRouter([
    offerRoute(host, streams),
    ...whipRoutes(host, streams),
    ...whepRoutes(host),
    ...sessionRoutes(host, streams),
    eventsRoute(host, streams, signal, gate),
    ...healthRoutes(isReady),
    ...more,
    ...page,
  ], check);

  return withCors(cors, async (request, { remoteAddr }) => {
    let at: string | undefined;
    const answer = await respond(request, remoteAddr, (pathname) => {
      at = pathname;
      nameRequestSpan(request.method, pathname);
    });
    const { method } = request;
    onAnswered?.({ method, route: at, status: answer.status });
    return answer;
  });

  async function respond(
    request: Request,
    remoteAddr: Deno.NetAddr,
    onRoute: (pathname: string) => void,
  ): Promise<Response> {
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
      return await route(request, remote, onRoute);
    } catch (error) {
      const problem = problemOf(error);
      const { status, limit } = problem;
      const shown = { method: request.method, path, status, remote };
      if (limit !== undefined) {
        counters.count(limit);
        limited.warn("request refused", { ...shown, limit, error: problem });
      } else if (status === STATUS_CODE.InternalServerError) {
        log.error("request refused", { ...shown, error: problem.cause });
      } else log.warn("request refused", { ...shown, error: problem });
      return problem.response();
    }
  }
}
