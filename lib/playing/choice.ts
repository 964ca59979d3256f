/** Which of the live sessions to watch. */

/** What the choice needs to know of a session, as `GET /sessions` has it. */
export interface Choosable {
  id: string;
  /** What people call it; a server may not say. */
  name?: string;
  /** The session that it took the place of, where its client named one. */
  resumes: string | null;
  /** One that is `connected` can be watched. */
  state: string;
  /** ISO 8601, UTC. */
  createdAt: string;
}

/** What was watched and asked for until now. */
export interface Choice {
  /** The session that is being watched. */
  current: string | undefined;
  /** The session that was asked for, by its name or id. */
  asked: string | undefined;
}

/** Gives the sessions that can be watched, newest first. */
export function watchable<T extends Choosable>(sessions: readonly T[]): T[] {
  return sessions.filter(({ state }) => state === "connected")
    .sort((a, b) => b.createdAt < a.createdAt ? -1 : 1);
}

/**
 * Chooses a session: the one that was asked for, else the one that takes the
 * place of the one being watched, else that one itself, else the newest; where
 * one was asked for no other is taken for it.
 *
 * @returns its id, or nothing when it is to be waited for.
 */
export function chooseSession(
  sessions: readonly Choosable[],
  { asked, current }: Choice,
): string | undefined {
  const live = watchable(sessions);
  const named = asked === undefined ? undefined : findCalled(live, asked) ??
    live.find(({ resumes }) => resumes === asked);
  const heir = live.find(({ resumes }) =>
    current !== undefined && resumes === current
  );
  const same = live.find(({ id }) => id === current);
  const newest = asked === undefined ? live[0] : undefined;
  return (named ?? heir ?? same ?? newest)?.id;
}

/** Finds a session by its id, or else by its name. */
function findCalled<T extends Choosable>(
  sessions: readonly T[],
  nameOrId: string,
): T | undefined {
  return sessions.find(({ id }) => id === nameOrId) ??
    sessions.find(({ name }) => name === nameOrId);
}
