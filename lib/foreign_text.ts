/** Words of a server, a peer or a file, before a terminal or a log has them. */

/** Most characters of them that are shown. */
export const MAX_FOREIGN_CHARACTERS = 200;

/**
 * Cuts a text that somebody else chose, and says how long it was: who sends
 * much fills neither a log nor an answer with it.
 *
 * @param most characters (UTF-16 code units) that are left of it.
 */
export function cutText(text: string, most = MAX_FOREIGN_CHARACTERS): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most)}… (${text.length} characters)`;
}

/**
 * Escapes, as JSON does it, what a terminal obeys or hides: C0 and C1 controls,
 * line ends, changes of direction. JSON text stays JSON of the same meaning.
 */
export function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) =>
      char.split("").map((unit) =>
        "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0")
      ).join(""),
  );
}

/** Escapes what others made, but for the ends of its lines. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeControls).join("\n");
}

/**
 * Makes foreign words fit to be part of a sentence: on one line, escaped, and
 * at most 200 characters, the last of which says where more were.
 */
export function foreignText(text: string): string {
  // No more is escaped than is shown.
  const start = escapeControls(text.slice(0, MAX_FOREIGN_CHARACTERS + 1));
  return start.length > MAX_FOREIGN_CHARACTERS
    ? start.slice(0, MAX_FOREIGN_CHARACTERS - 1) + "…"
    : start;
}
