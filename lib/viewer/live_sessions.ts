/** What is live, by the server's events. */
import {
  type EventSourceMessage,
  EventSourceParserStream,
} from "eventsource-parser/stream";
import { SYSTEM_CLOCK as clock } from "../clock.ts";
import { MAX_SESSIONS_BYTES } from "../limits/answer_limits.ts";
import { Backoff } from "../backoff.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import type { AuthorizedFetch } from "./authorized_fetch.ts";

/** A session as the page knows it. */
export type LiveSession = SessionSnapshot & { watchers?: number };

export interface LiveSessionsEvents {
  /** Called when what is live changes, or its counters do. */
  onSessions(sessions: readonly LiveSession[]): void;
  /** Called when a session has ended; `reason` is a clause. */
  onClosed(id: string, reason: string): void;
  /** Called when the server says that it has recordings. */
  onRecordings(): void;
  /** Called when the server can't be reached, before the next try. */
  onOffline(): void;
  /** Called when the server wants a token and the user gives none: the end. */
  onRefused(): void;
}

/**
 * Follows `GET /events` until `signal` aborts, and tries again by itself, after
 * times that double. An `EventSource` can't send a token.
 */
export async function followSessions(
  events: LiveSessionsEvents,
  fetch: AuthorizedFetch,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff({ tries: 1 }, clock.now());
  while (!signal.aborted) {
    let isAlive = false;
    try {
      const headers = { accept: "text/event-stream" };
      const response = await fetch("/events", {
        headers,
        cache: "no-store",
        signal,
      });
      if (response.status === 401 || response.status === 403) {
        return events.onRefused();
      }
      const type = response.headers.get("content-type") ?? "";
      if (response.ok && type.startsWith("text/event-stream")) {
        await readSessions(response, events, () => isAlive = true);
      }
    } catch {
      // The server or the network is gone: the page says so below.
    }
    if (signal.aborted) return;
    events.onOffline();
    if (isAlive) backoff.reset(clock.now());
    await clock.sleep(backoff.next(clock.now()), signal);
  }
}

/** Reads the events of one answer, until it ends. */
async function readSessions(
  response: Response,
  events: LiveSessionsEvents,
  onAlive: () => void,
): Promise<void> {
  let sessions = new Map<string, LiveSession>();
  const take = ({ event, data }: EventSourceMessage) => {
    switch (event) {
      case "sessions": {
        onAlive();
        const all: LiveSession[] = JSON.parse(data);
        sessions = new Map(all.map((session) => [session.id, session]));
        break;
      }
      case "opened": {
        const session: LiveSession = JSON.parse(data);
        sessions.set(session.id, session);
        break;
      }
      case "closed": {
        const { id, reason }: { id: string; reason: string } = JSON.parse(data);
        sessions.delete(id);
        events.onClosed(id, reason);
        break;
      }
      case "recordings":
        return events.onRecordings();
      default:
        return;
    }
    events.onSessions([...sessions.values()]);
  };
  const messages = response.body!
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(
      new EventSourceParserStream({ maxBufferSize: MAX_SESSIONS_BYTES }),
    )
    .getReader();
  while (true) {
    const { done, value } = await messages.read();
    if (done) return;
    try {
      take(value);
    } catch (error) {
      // A mistake of the page is no outage.
      reportError(error);
    }
  }
}
