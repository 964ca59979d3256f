/** Which of the live sessions to watch. */

/** What the choice needs to know of a session, as `GET /sessions` has it. */
export interface Choosable {
  id: string;
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
  /** The session that was asked for by name. */
  asked: string | undefined;
}

/** Gives the sessions that can be watched, newest first. */
export function watchable<T extends Choosable>(sessions: readonly T[]): T[] {
  return sessions.filter(({ state }) => state === "connected")
    .sort((a, b) => b.createdAt < a.createdAt ? -1 : 1);
}

/**
 * Chooses a session: the one that was asked for, else the one that takes the
 * place of the one being watched, else that one itself, else the newest.
 *
 * @returns its id, or nothing when none is live.
 */
export function chooseSession(
  sessions: readonly Choosable[],
  { asked, current }: Choice,
): string | undefined {
  const live = watchable(sessions);
  const named = live.find(({ id }) => id === asked) ??
    live.find(({ resumes }) => asked !== undefined && resumes === asked);
  const heir = live.find(({ resumes }) =>
    current !== undefined && resumes === current
  );
  const same = live.find(({ id }) => id === current);
  return (named ?? heir ?? same ?? live[0])?.id;
}
