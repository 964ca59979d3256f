/** What is live, as the server tells it by server-sent events. */
import type { SessionSnapshot } from "../session/snapshot.ts";
import { RetryDelay, wait } from "./retry_delay.ts";

/** A session as the page knows it. */
export type LiveSession = SessionSnapshot & { watchers?: number };

export interface LiveSessionsEvents {
  /** What is live has changed, or its counters have. */
  onSessions(sessions: readonly LiveSession[]): void;
  /** A session has ended; `reason` is a clause. */
  onClosed(id: string, reason: string): void;
  /** The server can't be reached, and is tried again. */
  onOffline(): void;
}

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
  const delay = new RetryDelay();

  const open = () => {
    if (signal.aborted) return;
    const source = new EventSource("/events");
    const stop = () => source.close();
    signal.addEventListener("abort", stop, { once: true });
    const tell = () => events.onSessions([...sessions.values()]);
    source.addEventListener("sessions", ({ data }) => {
      delay.reset();
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
    source.addEventListener("error", async () => {
      signal.removeEventListener("abort", stop);
      source.close();
      events.onOffline();
      await wait(delay.next(), signal);
      open();
    });
  };
  open();
}
