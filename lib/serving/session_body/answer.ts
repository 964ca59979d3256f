import { STATUS_CODE } from "@std/http/status";
import type { ByteBudget } from "../../limits/byte_budget.ts";
import { cutText } from "../../foreign_text.ts";
import { joinBytes } from "../../points/join_bytes.ts";
import { SESSION_MEDIA_TYPE, textRecord } from "../../wire/session_records.ts";
import { FeedReading, type FeedSources } from "../feed_reading.ts";
import { pacedBody } from "../paced_body.ts";
import { HttpProblem } from "../problem.ts";
import type { RouteRequest } from "../route.ts";
import { SessionReader } from "./session_reader.ts";

export interface SessionBodySources extends FeedSources {
  /** What is held of answers that were not taken yet. */
  budget: ByteBudget;
}

/** Whether a request asks for all that a session has, and not what it is. */
export function asksForSession({ headers }: Request): boolean {
  return headers.get("accept")?.includes(SESSION_MEDIA_TYPE) ?? false;
}

/**
 * Answers with all that a session has, as it comes, until it ends: records of
 * its streams, its pictures and its sound (docs/wire.md). A reader that is slow
 * gets fewer, the newest. With `?media=none` it is points alone.
 *
 * @throws {LimitError} where too many read or watch.
 * @throws {HostError} `no-session` or `no-worker`.
 */
export async function answerSession(
  sources: SessionBodySources,
  { request, remote, params: { id: session = "" } }: RouteRequest,
): Promise<Response> {
  const hasMedia = readMedia(request.url);
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
  const { budget } = sources;
  const reader = life.use(
    new SessionReader(reading.feed, { budget, hasMedia }),
  );
  const over = life.adopt(new AbortController(), (over) => over.abort());
  const parts = recordsOf(reading, reader, over.signal);
  const kept = life.move();
  const body = pacedBody(parts, { onEnd: () => kept.dispose() });
  return new Response(body, { headers });
}

/** @param signal aborted when nobody reads any more. */
async function* recordsOf(
  reading: FeedReading,
  reader: SessionReader,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const either = AbortSignal.any([reading.signal, signal]);
  try {
    while (true) yield await reader.take(either);
  } catch (error) {
    if (!either.aborted) throw error;
  }
  if (signal.aborted) return;
  yield joinBytes(textRecord({ type: "bye", ...reading.goodbye }));
}

/** @throws {HttpProblem} 400 for what it doesn't know. */
function readMedia(url: string): boolean {
  const media = new URL(url).searchParams.get("media");
  if (media === null) return true;
  if (media === "none") return false;
  throw new HttpProblem(
    STATUS_CODE.BadRequest,
    `media is "${cutText(media)}", not "none"`,
  );
}
