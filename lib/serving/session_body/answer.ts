import { STATUS_CODE } from "@std/http/status";
import type { ByteBudget } from "../../limits/byte_budget.ts";
import { cutText } from "../../foreign_text.ts";
import { joinBytes } from "../../points/join_bytes.ts";
import { SESSION_MEDIA_TYPE, textRecord } from "../../wire/session_records.ts";
import { FeedReading, type FeedSources } from "../feed_reading.ts";
import { pacedBody } from "../paced_body.ts";
import { HttpProblem } from "../problem.ts";
import type { RouteRequest } from "../route.ts";
import type { Readings } from "./readings.ts";
import type { ReadWindow } from "./read_window.ts";
import { SessionReader } from "./session_reader.ts";

/** What a reader is told that doesn't say any more what it has read. */
const SILENT = {
  reason: "the reader no longer says what it has read",
  code: "lost",
} as const;

export interface SessionBodySources extends FeedSources {
  /** What is held of answers that were not taken yet. */
  budget: ByteBudget;
  /** The readings whose readers say how much they have read. */
  readings: Readings;
}

/** Whether a request asks for all that a session has, and not what it is. */
export function asksForSession({ headers }: Request): boolean {
  return headers.get("accept")?.includes(SESSION_MEDIA_TYPE) ?? false;
}

/**
 * Answers with all that a session has, as it comes, until it ends: records of
 * its streams, its pictures and its sound (docs/wire.md). A reader that is slow
 * gets fewer, the newest. With `?media=none` it is points alone, and with
 * `?reading=ID` no more is under way than the reader says that it takes.
 *
 * @throws {HttpProblem} 400 or 409 for such a query that can't be.
 * @throws {LimitError} where too many read or watch.
 * @throws {HostError} `no-session` or `no-worker`.
 */
export async function answerSession(
  sources: SessionBodySources,
  { request, remote, params: { id: session = "" } }: RouteRequest,
): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const hasMedia = readMedia(searchParams.get("media"));
  const id = searchParams.get("reading");
  using life = new DisposableStack();
  const reading = life.use(
    await FeedReading.open(sources, { session, remote }),
  );
  const headers = {
    "content-type": SESSION_MEDIA_TYPE,
    "cache-control": "no-store",
    "vary": "Accept",
    "x-content-type-options": "nosniff",
  };
  if (request.method === "HEAD") return new Response(null, { headers });
  const { budget, readings } = sources;
  const window = id === null ? undefined : life.use(readings.open(id)).window;
  const reader = life.use(
    new SessionReader(reading.feed, { budget, hasMedia }),
  );
  const over = life.adopt(new AbortController(), (over) => over.abort());
  const { signal } = over;
  const parts = recordsOf(reading, { reader, window, signal });
  const kept = life.move();
  const body = pacedBody(parts, { onEnd: () => kept.dispose() });
  return new Response(body, { headers });
}

async function* recordsOf(
  reading: FeedReading,
  { reader, window, signal }: {
    reader: SessionReader;
    window: ReadWindow | undefined;
    /** Aborted when nobody reads any more. */
    signal: AbortSignal;
  },
): AsyncGenerator<Uint8Array, void, void> {
  const either = AbortSignal.any([reading.signal, signal]);
  try {
    while (await window?.open(either) ?? true) {
      const records = await reader.take(either);
      window?.handed(records.length);
      yield records;
    }
  } catch (error) {
    if (!either.aborted) throw error;
  }
  if (signal.aborted) return;
  const goodbye = reading.signal.aborted ? reading.goodbye : SILENT;
  yield joinBytes(textRecord({ type: "bye", ...goodbye }));
}

/** @throws {HttpProblem} 400 for what it doesn't know. */
function readMedia(media: string | null): boolean {
  if (media === null) return true;
  if (media === "none") return false;
  throw new HttpProblem(
    STATUS_CODE.BadRequest,
    `media is "${cutText(media)}", not "none"`,
  );
}
