/**
 * Thrown for a source that gives no clouds; names the file and what is wrong.
 */
export class SourceError extends Error {
  override readonly name = "SourceError";
}
