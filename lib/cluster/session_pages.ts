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
