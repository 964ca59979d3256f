/** The HTTP side with real sessions and watchers, without a socket. */
import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import type { SessionRegistry } from "../../lib/session/registry.ts";
import { createHandler } from "../../lib/signaling/handler.ts";
import type { Authorize } from "../../lib/signaling/route.ts";
import type { WatcherRegistry } from "../../lib/watching/watcher_registry.ts";

export interface HandlerUnderTest extends AsyncDisposable {
  registry: SessionRegistry;
  watchers: WatcherRegistry;
  /** Ends what goes on. */
  stop(): void;
  /** Asks as a program on this machine does. */
  request(
    method: string,
    path: string,
    options?: { body?: BodyInit; headers?: Record<string, string> },
  ): Promise<Response>;
}

/** Makes a handler with real sessions, which are closed at the end of the scope. */
export async function startHandler(
  options: { authorize?: Authorize } = {},
): Promise<HandlerUnderTest> {
  // Loaded here: werift can't be imported without permissions.
  const { SessionRegistry } = await import("../../lib/session/registry.ts");
  const { WatcherRegistry } = await import(
    "../../lib/watching/watcher_registry.ts"
  );
  const log = createLogger({ write: () => {} });
  const registry = new SessionRegistry({ log });
  const watchers = new WatcherRegistry({ sessions: registry, log });
  const life = new AbortController();
  const handler = createHandler({
    registry,
    watchers,
    log,
    signal: life.signal,
    authorize: options.authorize,
  });
  return {
    registry,
    watchers,
    stop: () => life.abort(),
    request: async (method, path, { body, headers } = {}) =>
      await handler(
        new Request(`http://localhost${path}`, { method, body, headers }),
        {
          remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 5 },
          completed: Promise.resolve(),
        },
      ),
    async [Symbol.asyncDispose]() {
      life.abort();
      await watchers.close("test over");
      await registry.close("test over");
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
