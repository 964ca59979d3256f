import { STATUS_CODE } from "@std/http/status";
import type { FarPosting } from "../hosting/far_posting.ts";
import { FrameConverter } from "../hosting/frame_converter.ts";
import { feedsOf } from "../hosting/session_feeds.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import type { SessionNames } from "../hosting/session_names.ts";
import { ByteBudget } from "../limits/byte_budget.ts";
import type { LimitCounters } from "../limits/limit_counters.ts";
import {
  DEFAULT_REQUEST_LIMITS,
  type RequestLimits,
} from "../limits/request_limits.ts";
import type { SharedCounts } from "../limits/shared_counts.ts";
import { WatcherPlaces } from "../limits/watcher_places.ts";
import type { Logger } from "../log.ts";
import type { IceServer } from "../transport/network.ts";
import { nameRequestSpan } from "../observability/request_span.ts";
import type { AnsweredRequest } from "../observability/server_metrics.ts";
import { type Authorize, forbidden, OPEN } from "./access.ts";
import { cloudRoute } from "./cloud_route.ts";
import { cloudsRoute } from "./clouds_route.ts";
import { withCors } from "./cors.ts";
import { eventsRoute } from "./events.ts";
import { checkInitiator } from "./foreign_pages.ts";
import { FoxgloveDoor } from "./foxglove/door.ts";
import { DoorCounters } from "./foxglove/door_counters.ts";
import { foxgloveRoute } from "./foxglove/route.ts";
import { forwardedAddress, type ProxyField } from "./forwarded.ts";
import { CloudPosting } from "./cloud_posting.ts";
import { postRoute } from "./post_route.ts";
import { offerRoute } from "./offer_route.ts";
import { HEALTH_PATHS, healthRoutes } from "./health_routes.ts";
import { HostNames } from "./host_names.ts";
import { IceLinks } from "./ice_links.ts";
import { HttpProblem } from "./problem.ts";
import { problemOf } from "./problem_of.ts";
import { Refusals } from "./refusals.ts";
import { RequestGate } from "./request_gate.ts";
import type { RecordingControl } from "../hosting/recording_control.ts";
import { recordingRoutes } from "./recording_routes.ts";
import { recordedRoutes } from "./recorded_routes.ts";
import { RecordingFolder } from "../recording/recording_folder.ts";
import type { RecordingLibrary } from "../recording/recording_library.ts";
import { createRouter, type Route, type RouteAccess } from "./route.ts";
import { Readings } from "./session_body/readings.ts";
import { sessionRoutes } from "./session_routes.ts";
import { Lineages } from "./lineages.ts";
import { pictureRoute } from "./picture_route.ts";
import { Publishing } from "./publishing.ts";
import { whepRoutes } from "./whep.ts";
import { whipRoutes } from "./whip.ts";

/** Most bytes of clouds that are held for readers who take their time. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

export interface HandlerOptions {
  host: SessionHost;
  /** What its sessions are called. @default {by their ids alone} */
  names?: Pick<SessionNames, "idOf">;
  log: Logger;
  /** Ends what would go on: event streams. */
  signal: AbortSignal;
  /**
   * Says why no new sessions are taken, in a clause; nothing while they are.
   * @default they always are
   */
  refusal?(): string | undefined;
  /** Called for each request that was answered. */
  onAnswered?(request: AnsweredRequest): void;
  /** What records its sessions. @default {none are recorded} */
  recordings?: RecordingControl;
  /** The recordings that it lists. @default {those of its own folder} */
  library?: RecordingLibrary;
  /** Clouds that are posted from node to node. @default {there are none} */
  posting?: FarPosting;
  /** What else is there. @default nothing */
  more?: Route[];
  /** Decides who may do what. @default everybody everything */
  authorize?: Authorize;
  /** Origins whose pages may come in, or `*`. @default none */
  cors?: readonly string[];
  /** The names that the server goes by. @default those of every server */
  hostNames?: HostNames;
  /** What may be asked for; sessions and watchers are the host's to count. */
  limits?: Partial<RequestLimits>;
  /** Counts those who watch; the host's, where it counts them. */
  watchers?: WatcherPlaces;
  /** What other servers have of the same limits. @default {they have none} */
  shared?: SharedCounts;
  /** Counts the requests that a limit refuses. */
  counters?: LimitCounters;
  /** Counts what tools of the Foxglove protocol are sent. */
  doorCounters?: DoorCounters;
  /**
   * Where a reverse proxy before the server names the client.
   * @default {"none"}
   */
  trustProxy?: ProxyField;
  /** Where other nodes of its cluster take publishers. @default none */
  nodes?(): string[];
  /** STUN and TURN servers that WHIP and WHEP name. @default none */
  iceServers?: readonly IceServer[];
  /** Milliseconds that only go up. @default {performance.now} */
  now?(): number;
}

/**
 * Makes the HTTP side: `/offer`, `/whip`, `/whep/ID`, `/sessions`, `/events`,
 * `/foxglove`, `/recordings`, `/healthz`, `/readyz`, and `more`. Errors are
 * problem documents (RFC 9457).
 */
export function createHandler(
  options: HandlerOptions,
): Deno.ServeHandler<Deno.NetAddr> {
  const { host, names, signal, authorize, onAnswered } = options;
  const { cors = [], trustProxy = "none", now, shared } = options;
  const { hostNames = new HostNames() } = options;
  const limits = { ...DEFAULT_REQUEST_LIMITS, ...options.limits };
  const gate = new RequestGate(limits, { now, shared });
  const lineages = new Lineages();
  const access = checkAccess(lineages, authorize);
  const ice = new IceLinks(options.iceServers ?? [], access);
  const watched = host.subscribe({
    onFound: (session, caller) => lineages.found(session, caller),
    onClosed: ({ id }) => lineages.closed(id),
  });
  signal.addEventListener("abort", () => watched[Symbol.dispose]());
  const publishing = new Publishing(host, lineages);
  const sources = {
    host,
    signal,
    feeds: feedsOf(host),
    converter: new FrameConverter(),
    watchers: options.watchers ?? new WatcherPlaces(limits, shared),
    budget: new ByteBudget(MAX_HELD_BYTES),
    readings: new Readings(),
  };
  const { log, doorCounters = new DoorCounters() } = options;
  const door = new FoxgloveDoor({ ...sources, log, counters: doorCounters });
  const library = options.library ?? libraryOf(options.recordings);
  const posting = new CloudPosting({
    ...{ host, publishing, lineages, far: options.posting },
  });
  signal.addEventListener("abort", () => {
    posting[Symbol.dispose]();
    door[Symbol.dispose]();
    sources.feeds[Symbol.dispose]();
    sources.converter[Symbol.dispose]();
  });
  const route = createRouter([
    offerRoute(publishing, options.nodes),
    ...whipRoutes({ host, lineages, publishing, ice }),
    ...whepRoutes(host, ice),
    // Before what takes any name of a stream there.
    ...recordingRoutes(options.recordings),
    ...recordedRoutes({ ...sources, library }),
    cloudRoute(sources),
    cloudsRoute(sources),
    pictureRoute(sources),
    postRoute({ posting, gate, budget: new ByteBudget(MAX_HELD_BYTES) }),
    ...sessionRoutes({ ...sources, lineages }),
    sources.readings.route,
    eventsRoute({
      ...{ host, lineages, signal, gate },
      hasRecordings: () => library?.isThere ?? false,
    }),
    foxgloveRoute({ door, lineages, gate }),
    ...healthRoutes(options.refusal),
    ...options.more ?? [],
  ], { authorize: access, idOf: (session) => names?.idOf(session) ?? session });
  const refusals = new Refusals(options);

  return withCors(cors, async (request, { remoteAddr }) => {
    const { method } = request;
    // A Host field that is no host makes a URL that is none.
    const path = URL.parse(request.url)?.pathname;
    const remote = forwardedAddress(request.headers, trustProxy) ??
      remoteAddr.hostname;
    let at: string | undefined;
    const onRoute = (pathname: string) => {
      at = pathname;
      nameRequestSpan(method, pathname);
    };
    const respond = async () => {
      if (path === undefined) {
        throw new HttpProblem(STATUS_CODE.BadRequest, "The URL can't be read");
      }
      if (!HEALTH_PATHS.includes(path)) {
        hostNames.check(request);
        checkInitiator(request, cors);
      }
      // Every POST is an offer, but for clouds: their session holds them.
      if (method === "POST" && !path.startsWith("/sessions/")) {
        gate.offer(remote);
      }
      return await route(request, remote, onRoute);
    };
    const response = await respond().catch((error) =>
      refusals.answer(problemOf(error), { method, path, remote })
    );
    onAnswered?.({ method, route: at, status: response.status });
    return response;
  });
}

/** Makes the check of a session's lineage against what a caller may do. */
function checkAccess(
  lineages: Lineages,
  authorize: Authorize | undefined,
): RouteAccess {
  return async (request, right, session) => {
    const access = await authorize?.(request, right, session) ?? OPEN;
    if (session === undefined || lineages.covers(access, right, session)) {
      return access;
    }
    throw forbidden(`The token gives no right to ${right} session ${session}`);
  };
}

function libraryOf(
  recordings: RecordingControl | undefined,
): RecordingLibrary | undefined {
  const { folder } = recordings ?? {};
  if (folder === undefined) return undefined;
  return new RecordingFolder(folder, (id) => recordings!.has(id));
}
