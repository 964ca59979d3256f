import { settlesWithin } from "../async.ts";
import type { Logger } from "../log.ts";
import { ClusterHost, type ClusterOptions } from "../cluster/cluster_host.ts";
import { limitHost } from "../hosting/limited_host.ts";
import { LocalHost } from "../hosting/local_host.ts";
import { nameHost } from "../hosting/named_host.ts";
import { SessionNames } from "../hosting/session_names.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import { LimitCounters } from "../limits/limit_counters.ts";
import {
  DEFAULT_REQUEST_LIMITS,
  type RequestLimits,
} from "../limits/request_limits.ts";
import { WatcherPlaces } from "../limits/watcher_places.ts";
import { SharedCounts } from "../limits/shared_counts.ts";
import { registerLimitMetrics } from "../observability/limit_metrics.ts";
import { registerClusterMetrics } from "../observability/cluster_metrics.ts";
import { registerDoorMetrics } from "../observability/door_metrics.ts";
import { registerListenerMetrics } from "../observability/listener_metrics.ts";
import { registerRecordingMetrics } from "../observability/recording_metrics.ts";
import { ServerMetrics } from "../observability/server_metrics.ts";
import { traceHost } from "../hosting/traced_host.ts";
import type { SessionSettings } from "../session/registry.ts";
import type { SessionEvents } from "../session/session.ts";
import type { ProxyField } from "./forwarded.ts";
import { addressesRoute } from "./addresses.ts";
import { createHandler } from "./handler.ts";
import type { Authorize } from "./access.ts";
import { DoorCounters } from "./foxglove/door_counters.ts";
import { HostNames } from "./host_names.ts";
import { HttpListener, type TlsIdentity } from "./http_listener.ts";
import { ListenError, whyDeaf } from "./listen_error.ts";
import { metricsRoute } from "./metrics_route.ts";
import type { RecordingControl } from "../hosting/recording_control.ts";
import { clusterRoute } from "./cluster_route.ts";
import { viewerRoutes } from "./viewer_files.ts";
import type { IceServer } from "../transport/network.ts";
import { isLoopback } from "../transport/ice/ip_address.ts";

/** Options of a server whose sessions live in this thread. */
export interface OwnSessionsOptions {
  /**
   * Makes the events of a session; called with its id before its offer is
   * answered. @default none
   */
  events?(id: string): SessionEvents;
  /** Settings that all sessions share. @default {the defaults} */
  session?: SessionSettings;
  /** Not beside these: they are for sessions of this thread. */
  host?: undefined;
}

/**
 * Options of a server whose sessions live elsewhere, such as in Workers. Only
 * plain data comes from there: a program that wants a session's events keeps it
 * in its own thread, or watches it.
 */
export interface HostOptions {
  /** Where the sessions live; it is closed with the server. */
  host: SessionHost;
  /** Not with a host: its sessions have no events in this thread. */
  events?: undefined;
  /** Not with a host: it was made with settings of its own. */
  session?: undefined;
}

/** Options of {@linkcode PointServer.listen}. */
export type PointServerOptions =
  & ListenOptions
  & (OwnSessionsOptions | HostOptions);

/** Options of every server. */
export interface ListenOptions {
  /** Receives what the server and its sessions log. */
  log: Logger;
  /** Address to listen on. @default {"0.0.0.0"} */
  hostname?: string;
  /** TCP port; 0 takes a free one. @default {8080} */
  port?: number;
  /** Decides what a caller may do. @default everybody everything */
  authorize?: Authorize;
  /** Certificate and key, for https. @default plain http */
  tls?: TlsIdentity;
  /**
   * Origins whose pages may come in, such as `https://example.org`, or `*`.
   * @default none
   */
  cors?: readonly string[];
  /**
   * Names that it goes by, besides `localhost`, those of this machine and those
   * of its certificate; `*` is all. What is asked by another name is refused;
   * addresses are not looked at.
   * @default none
   */
  hostNames?: readonly string[];
  /** What may be asked of it; those that are missing are the defaults. */
  limits?: Partial<RequestLimits>;
  /** What records its sessions, as callers ask. @default {none are recorded} */
  recordings?: RecordingControl;
  /** The other servers that it shares its sessions with. @default none */
  cluster?: ClusterOptions;
  /** Where a reverse proxy before it names the client. @default {"none"} */
  trustProxy?: ProxyField;
  /**
   * STUN and TURN servers, with user and password, that WHIP and WHEP tell
   * those of who may publish or watch.
   * @default those that its own sessions use; none with a host
   */
  iceServers?: readonly IceServer[];
}

/**
 * Receives points, audio and video, and hands them on to watchers: HTTP
 * signaling and the page, a session for each publisher that makes an offer.
 *
 * @example
 * ```ts
 * import { createLogger, PointServer } from "@pointwire/pointwire/server";
 *
 * await using server = PointServer.listen({
 *   hostname: "127.0.0.1",
 *   port: 0,
 *   log: createLogger(),
 *   events: () => ({ onCloud: (cloud) => console.log(cloud.points) }),
 * });
 * console.log(server.url);
 * ```
 */
export class PointServer implements AsyncDisposable {
  /** Where its sessions live, with those of all nodes of its cluster. */
  readonly host: SessionHost;
  /** How often each limit was reached. */
  readonly limitCounters: LimitCounters = new LimitCounters();
  /** Its own sessions alone. */
  readonly #own: SessionHost;
  readonly #closing = new AbortController();
  readonly #http: HttpListener;
  readonly #hostNames: HostNames;
  readonly #log: Logger;
  readonly #metrics: ServerMetrics;
  #draining = false;

  private constructor(options: PointServerOptions) {
    const { hostname = "0.0.0.0", port = 8080, log } = options;
    this.#log = log;
    const limits = { ...DEFAULT_REQUEST_LIMITS, ...options.limits };
    const { limitCounters: counters } = this;
    const host = options.host ?? new LocalHost(options);
    const shared = options.cluster && new SharedCounts();
    const watchers = new WatcherPlaces(limits, shared);
    const limited = limitHost(host, { limits, counters, watchers, shared });
    this.#own = limited;
    const cluster = options.cluster && new ClusterHost(limited, {
      ...options.cluster,
      recordings: options.recordings,
      shared,
      log,
    });
    const everywhere = cluster ?? limited;
    const names = new SessionNames(everywhere);
    this.host = traceHost(nameHost(everywhere, names));
    using cleanup = new DisposableStack();
    this.#metrics = cleanup.use(
      new ServerMetrics(
        this.#own,
        () => this.#refusal() === undefined,
      ),
    );
    registerLimitMetrics(this.#metrics.registry, counters);
    if (cluster) registerClusterMetrics(this.#metrics.registry, cluster);
    const { recordings } = options;
    if (recordings !== undefined) {
      registerRecordingMetrics(
        this.#metrics.registry,
        () => recordings.counters(),
      );
    }
    this.#hostNames = new HostNames([hostname, ...options.hostNames ?? []]);
    registerListenerMetrics(
      this.#metrics.registry,
      () => this.#http.restarts,
    );
    const doorCounters = new DoorCounters();
    registerDoorMetrics(this.#metrics.registry, doorCounters);
    const handler = createHandler({
      host: this.host,
      names,
      log,
      signal: this.#closing.signal,
      refusal: () => this.#refusal(),
      recordings: cluster?.recordings ?? recordings,
      library: cluster?.library,
      posting: cluster?.posting,
      nodes: () => cluster?.addresses ?? [],
      onAnswered: (request) => this.#metrics.answered(request),
      more: [
        metricsRoute(this.#metrics),
        addressesRoute(() => ({
          hostname: this.#http.addr.hostname,
          port: this.port,
          protocol: this.#http.protocol,
        })),
        ...viewerRoutes(),
        ...cluster ? [clusterRoute(cluster.links)] : [],
      ],
      authorize: options.authorize,
      cors: options.cors,
      hostNames: this.#hostNames,
      limits,
      shared,
      counters,
      doorCounters,
      watchers,
      trustProxy: options.trustProxy,
      iceServers: options.iceServers ?? options.session?.network?.iceServers,
    });
    const { tls, authorize } = options;
    this.#http = new HttpListener({ hostname, port, tls, log }, handler);
    if (tls) this.#hostNames.useCertificate(tls.cert);
    cleanup.move();
    if (isLoopback(hostname) || (tls && authorize)) return;
    log.warn("other machines can reach the server", {
      without: [...tls ? [] : ["TLS"], ...authorize ? [] : ["tokens"]],
    });
  }

  /**
   * Starts listening.
   *
   * @throws {ListenError} naming the address and what is wrong with it.
   * @throws {TypeError} for events beside a host, whose sessions have none
   * here.
   */
  static listen(options: PointServerOptions): PointServer {
    const { host, events } = options as { host?: unknown; events?: unknown };
    if (host !== undefined && events !== undefined) {
      throw new TypeError(
        "PointServer takes events or a host: only plain data comes from where " +
          "the sessions of a host live",
      );
    }
    const { hostname = "0.0.0.0", port = 8080 } = options;
    try {
      return new PointServer(options);
    } catch (cause) {
      throw new ListenError(
        `Can't listen on ${hostname} port ${port}: ${whyDeaf(cause)}`,
        { cause },
      );
    }
  }

  /** The port that the server listens on. */
  get port(): number {
    return this.#http.addr.port;
  }

  /** Where a browser or client on this machine reaches the server. */
  get url(): string {
    const { hostname } = this.#http.addr;
    const any = hostname === "0.0.0.0" || hostname === "::";
    const host = any ? "localhost" : hostname;
    return `${this.#http.protocol}://${
      host.includes(":") ? `[${host}]` : host
    }:${this.port}`;
  }

  /**
   * Resolves when the server has stopped listening. Rejects with a {@linkcode
   * ListenError} where its listener ended, as it does when file descriptors run
   * out, and could not listen again for 30 s; sessions go on even then.
   */
  get finished(): Promise<void> {
    return this.#http.finished;
  }

  /**
   * Takes no new sessions, tells the peers of those there are, and waits until
   * they have ended.
   *
   * @param seconds after which it waits no longer.
   * @param signal ends the waiting.
   */
  async drain(
    reason: string,
    seconds: number,
    signal?: AbortSignal,
  ): Promise<void> {
    this.#draining = true;
    const empty = Promise.withResolvers<void>();
    const look = async () => {
      if ((await this.#own.sessions()).length === 0) empty.resolve();
    };
    using _ = this.#own.subscribe({ onClosed: () => void look() });
    const drained = this.host.drain(reason, seconds).then(look);
    const ended = Promise.all([drained, empty.promise]);
    await settlesWithin(seconds * 1000, ended, signal).catch((error) => {
      if (!signal?.aborted) throw error;
    });
  }

  /**
   * Uses another certificate from now on; sessions, and requests that are being
   * answered, go on.
   *
   * @throws {TypeError} where the server has no TLS.
   * @throws what is wrong with the certificate; the old one stays in use.
   */
  replaceCertificate(tls: TlsIdentity): void {
    this.#http.replaceCertificate(tls);
    this.#hostNames.useCertificate(tls.cert);
  }

  /** Ends every session with `reason`, and stops listening. */
  async close(reason: string): Promise<void> {
    this.#log.debug("server closing", { reason });
    this.#closing.abort();
    await Promise.all([this.host.close(reason), this.#http.shutdown()]);
    this.#metrics[Symbol.dispose]();
  }

  /** Closes the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  /** Says why no new sessions are taken; nothing while they are. */
  #refusal(): string | undefined {
    if (this.#draining) return "the server stops";
    if (this.#http.outage !== undefined) return this.#http.outage;
    return this.host.health?.alive === 0 ? "no worker comes up" : undefined;
  }
}
