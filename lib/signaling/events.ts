import {
  type ServerSentEventMessage,
  ServerSentEventStream,
} from "@std/http/server-sent-event-stream";
import type { SessionRegistry } from "../session/registry.ts";
import type { Route } from "./route.ts";

/** Time between two counts, milliseconds. */
const INTERVAL_MS = 1000;

/**
 * `GET /events`: server-sent events (WHATWG HTML section 9.2), data in JSON:
 *
 * - `sessions`: all sessions' snapshots, at once and then once a second,
 * - `opened`: the snapshot of a session that has connected,
 * - `closed`: `{id, reason}` of one that is over.
 *
 * @param signal ends every stream.
 */
export function eventsRoute(
  registry: SessionRegistry,
  signal: AbortSignal,
): Route {
  return {
    pathname: "/events",
    rights: { GET: "watch" },
    methods: {
      GET: ({ request }) =>
        new Response(request.method === "HEAD" ? null : open(), {
          headers: {
            "content-type": "text/event-stream",
            "cache-control": "no-store",
          },
        }),
    },
  };

  function open(): ReadableStream<Uint8Array> {
    const life = new DisposableStack();
    const messages = new ReadableStream<ServerSentEventMessage>({
      start(controller) {
        const send = (event: string, data: unknown) =>
          controller.enqueue({ event, data: JSON.stringify(data) });
        const count = () => {
          // Who doesn't read is not sent more of what grows old.
          if ((controller.desiredSize ?? 0) <= 0) return;
          send("sessions", registry.list().map((s) => s.snapshot()));
        };
        const timer = setInterval(count, INTERVAL_MS);
        life.defer(() => clearInterval(timer));
        life.use(registry.subscribe({
          onConnected: (session) => send("opened", session.snapshot()),
          onClosed: ({ id }, reason) => send("closed", { id, reason }),
        }));
        const end = () => {
          life.dispose();
          controller.close();
        };
        signal.addEventListener("abort", end, { once: true });
        life.defer(() => signal.removeEventListener("abort", end));
        count();
      },
      cancel: () => life.dispose(),
    });
    return messages.pipeThrough(new ServerSentEventStream());
  }
}
