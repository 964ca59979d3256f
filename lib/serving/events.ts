import {
  type ServerSentEventMessage,
  ServerSentEventStream,
} from "@std/http/server-sent-event-stream";
import type { SessionHost } from "../hosting/session_host.ts";
import type { Access } from "./access.ts";
import type { RequestGate } from "./request_gate.ts";
import type { Route } from "./route.ts";
import type { Lineages } from "./lineages.ts";

/** Time between two counts, milliseconds. */
const INTERVAL_MS = 1000;

export interface EventsRouteOptions {
  host: SessionHost;
  lineages: Lineages;
  /** Ends every stream. */
  signal: AbortSignal;
  /** Holds each address to so many streams. */
  gate: RequestGate;
  /** Whether it has recordings, which `GET /recordings` lists. */
  hasRecordings(): boolean;
}

/**
 * `GET /events`: server-sent events (WHATWG HTML section 9.2), data in JSON:
 *
 * - `sessions`: all sessions' snapshots, at once and then once a second,
 * - `opened`: the snapshot of a session that has connected,
 * - `closed`: `{id, name, reason}` of one that is over,
 * - `recordings`: `{url}`, at the start, where they are listed if anywhere.
 *
 * Sessions that the caller may not watch are left out.
 */
export function eventsRoute(
  { host, lineages, signal, gate, hasRecordings }: EventsRouteOptions,
): Route {
  return {
    pathname: "/events",
    rights: { GET: "watch" },
    methods: {
      GET: ({ request, access, remote }) =>
        new Response(request.method === "HEAD" ? null : open(access, remote), {
          headers: {
            "content-type": "text/event-stream",
            "cache-control": "no-store",
          },
        }),
    },
  };

  function open(access: Access, remote: string): ReadableStream<Uint8Array> {
    const mayWatch = ({ id }: { id: string }) =>
      lineages.covers(access, "watch", id);
    const life = new DisposableStack();
    life.use(gate.eventStream(remote));
    const messages = new ReadableStream<ServerSentEventMessage>({
      start(controller) {
        const send = (event: string, data: unknown) =>
          controller.enqueue({ event, data: JSON.stringify(data) });
        const count = async () => {
          // A slow reader gets no more of what grows old.
          if ((controller.desiredSize ?? 0) <= 0) return;
          const sessions = await host.sessions();
          if (!life.disposed) send("sessions", sessions.filter(mayWatch));
        };
        const timer = setInterval(() => void count(), INTERVAL_MS);
        life.defer(() => clearInterval(timer));
        life.use(host.subscribe({
          onConnected: (session) =>
            mayWatch(session) && send("opened", session),
          onClosed: ({ id, name }, reason) =>
            mayWatch({ id }) && send("closed", { id, name, reason }),
        }));
        const end = () => {
          life.dispose();
          controller.close();
        };
        // A request that comes while the server closes finds it aborted.
        if (signal.aborted) return end();
        signal.addEventListener("abort", end, { once: true });
        life.defer(() => signal.removeEventListener("abort", end));
        if (hasRecordings()) send("recordings", { url: "/recordings" });
        void count();
      },
      cancel: () => life.dispose(),
    });
    return messages.pipeThrough(new ServerSentEventStream());
  }
}
