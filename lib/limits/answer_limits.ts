/** What a client takes of a server's answer by HTTP. */

/** Largest answer, bytes: a session description, or why there is none. */
export const MAX_ANSWER_BYTES = 256 * 1024;

/** Largest list of sessions, bytes: some thousands of them. */
export const MAX_SESSIONS_BYTES = 8 * 1024 * 1024;
