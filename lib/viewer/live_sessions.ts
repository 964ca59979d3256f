/** What is live, as the server tells it by server-sent events. */
import type { SessionSnapshot } from "../session/snapshot.ts";

/** A session as the page knows it. */
export type LiveSession = SessionSnapshot & { watchers?: number };

export interface LiveSessionsEvents {
  /** What is live has changed, or its counters have. */
  onSessions(sessions: readonly LiveSession[]): void;
  /** A session has ended; `reason` is a clause. */
  onClosed(id: string, reason: string): void;
  /** The server can't be reached; the next try is in so many milliseconds. */
  onOffline(retryMs: number): void;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 4_000;

/**
 * Follows `GET /events` until `signal` aborts. It tries again by itself, after
 * times that double: how long a browser waits is its own affair, and a proxy's
 * error page would end it.
 */
export function followSessions(
  events: LiveSessionsEvents,
  signal: AbortSignal,
): void {
  let sessions = new Map<string, LiveSession>();
  let retryMs = FIRST_RETRY_MS;

  const open = () => {
    if (signal.aborted) return;
    const source = new EventSource("/events");
    const stop = () => source.close();
    signal.addEventListener("abort", stop, { once: true });
    const tell = () => events.onSessions([...sessions.values()]);
    source.addEventListener("sessions", ({ data }) => {
      retryMs = FIRST_RETRY_MS;
      const all: LiveSession[] = JSON.parse(data);
      sessions = new Map(all.map((session) => [session.id, session]));
      tell();
    });
    source.addEventListener("opened", ({ data }) => {
      const session: LiveSession = JSON.parse(data);
      sessions.set(session.id, session);
      tell();
    });
    source.addEventListener("closed", ({ data }) => {
      const { id, reason }: { id: string; reason: string } = JSON.parse(data);
      sessions.delete(id);
      events.onClosed(id, reason);
      tell();
    });
    source.addEventListener("error", () => {
      signal.removeEventListener("abort", stop);
      source.close();
      events.onOffline(retryMs);
      setTimeout(open, retryMs);
      retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
    });
  };
  open();
}
