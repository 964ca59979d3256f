import type { Logger } from "./log.ts";
import { LimitedHost } from "./hosting/limited_host.ts";
import { LocalHost } from "./hosting/local_host.ts";
import type { SessionHost } from "./hosting/session_host.ts";
import { LimitCounters } from "./limits/limit_counters.ts";
import {
  DEFAULT_REQUEST_LIMITS,
  type RequestLimits,
} from "./limits/request_limits.ts";
import type { SessionRegistryOptions } from "./session/registry.ts";
import type { ProxyField } from "./signaling/forwarded.ts";
import { createHandler } from "./signaling/handler.ts";
import type { Authorize } from "./signaling/route.ts";
import { viewerRoutes } from "./signaling/viewer_files.ts";

export interface PointServerOptions extends SessionRegistryOptions {
  /** Address to listen on. @default {"0.0.0.0"} */
  hostname?: string;
  /** TCP port; 0 takes a free one. @default {8080} */
  port?: number;
  /** Tells who may do what. @default everybody everything */
  authorize?: Authorize;
  /** What may be asked of it; those that are missing are the defaults. */
  limits?: Partial<RequestLimits>;
  /** Where a reverse proxy before it names the client. @default {"none"} */
  trustProxy?: ProxyField;
}

/** Thrown when the server can't listen. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/**
 * Receives points, audio and video, and hands them on to whoever watches: HTTP
 * signaling and the page, a session for each publisher that makes an offer.
 *
 * @example
 * ```ts
 * import { createLogger, PointServer } from "@pointwire/pointwire";
 *
 * await using server = PointServer.listen({
 *   port: 0,
 *   log: createLogger(),
 *   events: () => ({ onCloud: (cloud) => console.log(cloud.points) }),
 * });
 * console.log(server.url);
 * ```
 */
export class PointServer implements AsyncDisposable {
  /** Where its sessions live. */
  readonly host: SessionHost;
  /** How often each limit was reached. */
  readonly limitCounters: LimitCounters = new LimitCounters();
  readonly #closing = new AbortController();
  readonly #http: Deno.HttpServer<Deno.NetAddr>;
  readonly #log: Logger;

  private constructor(options: PointServerOptions) {
    const { hostname = "0.0.0.0", port = 8080, log } = options;
    this.#log = log;
    const limits = { ...DEFAULT_REQUEST_LIMITS, ...options.limits };
    const { limitCounters: counters } = this;
    this.host = new LimitedHost(new LocalHost(options), limits, counters);
    const handler = createHandler({
      host: this.host,
      log,
      signal: this.#closing.signal,
      page: viewerRoutes(),
      authorize: options.authorize,
      limits,
      counters,
      trustProxy: options.trustProxy,
    });
    this.#http = Deno.serve({ hostname, port, onListen: () => {} }, handler);
  }

  /**
   * Starts listening.
   *
   * @throws {ListenError} naming the address and what is wrong with it.
   */
  static listen(options: PointServerOptions): PointServer {
    const { hostname = "0.0.0.0", port = 8080 } = options;
    try {
      return new PointServer(options);
    } catch (cause) {
      throw new ListenError(
        `Can't listen on ${hostname} port ${port}: ${whyNot(cause)}`,
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
    return `http://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  /** Resolves when the server has stopped listening. */
  get finished(): Promise<void> {
    return this.#http.finished;
  }

  /** Ends every session with `reason`, and stops listening. */
  async close(reason: string): Promise<void> {
    this.#log.debug("server closing", { reason });
    this.#closing.abort();
    await Promise.all([this.host.close(reason), this.#http.shutdown()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "another program listens there; end it, or choose another --port";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine has no such address";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system doesn't allow it (ports below 1024 need privileges)";
  }
  return error instanceof Error ? error.message : String(error);
}
