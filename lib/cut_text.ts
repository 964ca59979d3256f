/** Most characters of a value from outside that anybody is shown. */
export const MAX_SHOWN_CHARACTERS = 200;

/**
 * Cuts a text that somebody else chose, and says how long it was: who sends
 * much fills neither a log nor an answer with it.
 *
 * @param most characters (UTF-16 code units) that are left of it.
 */
export function cutText(text: string, most = MAX_SHOWN_CHARACTERS): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most)}… (${text.length} characters)`;
}
