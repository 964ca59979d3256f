/** Longest id of a session that a server may give, characters. */
const MAX_CHARACTERS = 200;

/**
 * Tells whether a value of a server's answer can be the id of a session: it
 * goes into paths, questions and log lines.
 */
export function isSessionId(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_CHARACTERS &&
    /^[\x21-\x7e]+$/.test(value);
}
