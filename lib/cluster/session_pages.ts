import type { RecordingPage } from "../recording/recording_library.ts";
import type { KnownSession, SessionPage } from "./calls.ts";

/**
 * Gives the sessions from one on that fit into one message.
 *
 * @param most bytes of the page, about; one session is there at any rate.
 */
export function pageOf(
  all: readonly KnownSession[],
  from: number,
  most: number,
): SessionPage {
  const sessions: KnownSession[] = [];
  let size = 0;
  for (let next = from; next < all.length; next++) {
    size += JSON.stringify(all[next]).length;
    if (sessions.length > 0 && size > most) return { sessions, next };
    sessions.push(all[next]);
  }
  return { sessions };
}

/**
 * Leaves as many recordings as fit into one message.
 *
 * @param most bytes of the page, about; one recording is there at any rate.
 */
export function cutPage(
  { recordings, next }: RecordingPage,
  most: number,
): RecordingPage {
  let size = 0;
  const fits = recordings.findIndex((one) => {
    size += JSON.stringify(one).length;
    return size > most;
  });
  if (fits < 0) return { recordings, next };
  const left = recordings.slice(0, Math.max(1, fits));
  const { at, recording: { name } } = left.at(-1)!;
  return { recordings: left, next: { at, name } };
}

/** Asks for one page after the other. */
export async function allPages(
  ask: (from: number) => Promise<SessionPage>,
): Promise<KnownSession[]> {
  const all: KnownSession[] = [];
  let from: number | undefined = 0;
  while (from !== undefined) {
    const { sessions, next }: SessionPage = await ask(from);
    all.push(...sessions);
    // Only forward: a page that says otherwise is the last.
    from = next !== undefined && next > from ? next : undefined;
  }
  return all;
}
