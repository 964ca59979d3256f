/** The HTTP side with real sessions and watchers, without a socket. */
import { assertEquals } from "@std/assert";
import type { SessionHost } from "../../lib/hosting/session_host.ts";
import { LimitCounters } from "../../lib/limits/limit_counters.ts";
import {
  DEFAULT_REQUEST_LIMITS,
  type RequestLimits,
} from "../../lib/limits/request_limits.ts";
import { WatcherPlaces } from "../../lib/limits/watcher_places.ts";
import { createLogger } from "../../lib/log.ts";
import type { ProxyField } from "../../lib/serving/forwarded.ts";
import { createHandler } from "../../lib/serving/handler.ts";
import type { SessionSettings } from "../../lib/session/registry.ts";
import type { IceServer } from "../../lib/transport/network.ts";
import type { Authorize } from "../../lib/serving/access.ts";
import type { RecordingControl } from "../../lib/hosting/recording_control.ts";

export interface HandlerUnderTest extends AsyncDisposable {
  host: SessionHost;
  /** How often each limit was reached. */
  counters: LimitCounters;
  /** Ends what goes on. */
  stop(): void;
  /** Asks as a program on this machine does. */
  request(
    method: string,
    path: string,
    options?: {
      body?: BodyInit;
      headers?: Record<string, string>;
      /** The address that it comes from. @default {"127.0.0.1"} */
      remote?: string;
    },
  ): Promise<Response>;
}

/**
 * Makes a handler with real sessions, which are closed at the end of the scope.
 */
export async function startHandler(
  options: {
    authorize?: Authorize;
    cors?: string[];
    limits?: Partial<RequestLimits>;
    trustProxy?: ProxyField;
    iceServers?: IceServer[];
    session?: SessionSettings;
    /** Records the sessions of the host. */
    record?(host: SessionHost): RecordingControl;
  } = {},
): Promise<HandlerUnderTest> {
  // Loaded here: werift can't be imported without permissions.
  const { LocalHost } = await import("../../lib/hosting/local_host.ts");
  const { nameHost } = await import("../../lib/hosting/named_host.ts");
  const { SessionNames } = await import("../../lib/hosting/session_names.ts");
  const { limitHost } = await import("../../lib/hosting/limited_host.ts");
  const log = createLogger({ write: () => {} });
  const limits = { ...DEFAULT_REQUEST_LIMITS, ...options.limits };
  const counters = new LimitCounters();
  const watchers = new WatcherPlaces(limits);
  const limited = limitHost(new LocalHost({ log, session: options.session }), {
    ...{ limits, counters, watchers },
  });
  const names = new SessionNames(limited);
  const host = nameHost(limited, names);
  const life = new AbortController();
  const handler = createHandler({
    host,
    names,
    log,
    signal: life.signal,
    ...options,
    recordings: options.record?.(host),
    limits,
    counters,
    watchers,
  });
  return {
    host,
    counters,
    stop: () => life.abort(),
    request: async (method, path, options = {}) => {
      const { body, headers, remote: hostname = "127.0.0.1" } = options;
      return await handler(
        new Request(`http://localhost${path}`, { method, body, headers }),
        {
          remoteAddr: { transport: "tcp", hostname, port: 5 },
          completed: Promise.resolve(),
        },
      );
    },
    async [Symbol.asyncDispose]() {
      life.abort();
      await host.close("test over");
    },
  };
}

/** Checks a problem document (RFC 9457). */
export async function assertProblem(
  response: Response,
  status: number,
  detail: string,
): Promise<void> {
  assertEquals(response.status, status);
  assertEquals(
    response.headers.get("content-type"),
    "application/problem+json",
  );
  const problem = await response.json();
  assertEquals(Object.keys(problem), ["title", "status", "detail"]);
  assertEquals([problem.status, problem.detail], [status, detail]);
}

/**
 * Sends bytes to a port of this machine over TCP, and gives what comes back
 * until the server closes, at most 64 KiB.
 */
export async function exchange(port: number, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let response = "";
  for (let read; (read = await connection.read(buffer)) !== null;) {
    response += decoder.decode(buffer.subarray(0, read), { stream: true });
    if (response.length > 64 * 1024) break;
  }
  return response;
}
